/**
 * The inspector page: its script. It is made of the very functions that are type-checked here:
 * every runtime has taken the types away before it hands out their source. None of them names
 * anything outside itself, so all that they need is passed on. Only
 * reconnect() is too much for that: it comes bundled.
 *
 * @module
 */

import { bufferViewOf } from "./buffer_view.ts";
import { hexDump, parseHex, size } from "../../shared/bytes.ts";
import { elementsOf } from "./elements.ts";
import { handshakeViewOf } from "./handshake_view.ts";
import { inspect } from "./inspect.ts";
import { logOf } from "./log.ts";
import { words } from "./words.ts";

/** The script of the inspector page. */
export const script = `import { reconnect } from "/reconnect.js";
const words = ${JSON.stringify(words)};
const bytes = {
  hexDump: ${hexDump},
  parseHex: ${parseHex},
  size: ${size},
};
const elements = (${elementsOf})(document);
const log = (${logOf})(elements);
const handshake = (${handshakeViewOf})(elements, words);
const buffer = (${bufferViewOf})(elements, bytes.size);
(${inspect})({ document, location, elements, log, handshake, buffer, bytes, words, reconnect });
`;
