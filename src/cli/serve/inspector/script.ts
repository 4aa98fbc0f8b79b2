/**
 * Script of the inspector page. It is made of the source of functions that are type-checked here: every
 * runtime strips the types before `toString()` returns the source. None of them refers to anything
 * outside itself, so their dependencies are passed as arguments. Only reconnect() is too large for
 * that: it is bundled.
 *
 * @module
 */

import { bufferViewOf } from "./buffer_view.ts";
import { hexDump, parseHex, size } from "../../shared/bytes.ts";
import { elementsOf } from "./elements.ts";
import { handshakeViewOf } from "./handshake_view.ts";
import { inspect } from "./inspect.ts";
import { logOf } from "./log.ts";
import { explanations } from "./explanations.ts";

/** Source of the script of the inspector page. */
export const script = `import { reconnect } from "/reconnect.js";
const explanations = ${JSON.stringify(explanations)};
const bytes = {
  hexDump: ${hexDump},
  parseHex: ${parseHex},
  size: ${size},
};
const elements = (${elementsOf})(document);
const log = (${logOf})(elements);
const handshake = (${handshakeViewOf})(elements, explanations);
const buffer = (${bufferViewOf})(elements, bytes.size);
(${inspect})({ document, location, elements, log, handshake, buffer, bytes, explanations, reconnect });
`;
