/** The proof that a server speaks the protocol (RFC 6455, 1.3 and 4.2.2). @module */

import type * as Crypto from "node:crypto";
import { builtinModule } from "./builtin_module.ts";

/** Text that only who knows the protocol appends to the key. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

let createHash: typeof Crypto.createHash | undefined;

/**
 * Returns the value of `Sec-WebSocket-Accept`.
 *
 * @param key Value of `Sec-WebSocket-Key`.
 */
export function acceptFor(key: string): string {
  createHash ??= builtinModule<typeof Crypto>("node:crypto").createHash;
  return createHash("sha1").update(key + GUID).digest("base64");
}
