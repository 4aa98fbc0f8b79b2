/**
 * All cases, in the order in which they are listed and numbered.
 *
 * A new case file exports one array and is added to the list here.
 *
 * @module
 */

import type { Case } from "../case.ts";
import { closing } from "./closing.ts";
import { control } from "./control.ts";
import { cuts } from "./cuts.ts";
import { deflate } from "./deflate.ts";
import { deflateBlocks } from "./deflate_blocks.ts";
import { deflateFaults } from "./deflate_faults.ts";
import { fragmentation } from "./fragmentation.ts";
import { framing } from "./framing.ts";
import { handshakeClientRequest } from "./handshake_client_request.ts";
import { handshakeFields } from "./handshake_fields.ts";
import { handshakeOctets } from "./handshake_octets.ts";
import { handshakeRequest } from "./handshake_request.ts";
import { handshakeResponse } from "./handshake_response.ts";
import { handshakeResponseOctets } from "./handshake_response_octets.ts";
import { lengths } from "./lengths.ts";
import { masking } from "./masking.ts";
import { order } from "./order.ts";
import { reserved } from "./reserved.ts";
import { resources } from "./resources.ts";
import { sizes } from "./sizes.ts";
import { utf8 } from "./utf8.ts";

/** All cases. Clients judged with `--listen` see them numbered from 1 in this order. */
export const cases: readonly Case[] = [
  ...handshakeRequest,
  ...handshakeFields,
  ...handshakeOctets,
  ...handshakeClientRequest,
  ...handshakeResponse,
  ...handshakeResponseOctets,
  ...framing,
  ...lengths,
  ...masking,
  ...reserved,
  ...fragmentation,
  ...order,
  ...cuts,
  ...control,
  ...utf8,
  ...closing,
  ...resources,
  ...sizes,
  ...deflate,
  ...deflateBlocks,
  ...deflateFaults,
];
