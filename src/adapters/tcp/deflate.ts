/** Compression by zlib, for a connection that has negotiated it. @module */

import type { Deflater, Inflated, Inflater } from "../../protocol/deflate_framing.ts";
import type { Role } from "../../protocol/frame_head.ts";
import type { DeflateTerms } from "../../handshake/deflate_parameters.ts";
import { createDeflater } from "./zlib_deflater.ts";
import { ZlibInflater } from "./zlib_inflater.ts";

/** Both directions of a connection: options for `FrameWriter` and `Receiver`. */
export interface Deflation {
  /** Compresses what is sent. */
  readonly deflater: Deflater;
  /** Inflates what is received. */
  readonly inflater: Inflater;
}

/**
 * Returns the compression of one connection. Without context takeover, the compressor is the same for all
 * connections with such a window, and the inflater is an object of two fields, without memory between
 * messages.
 *
 * @param role Role of this end.
 * @param terms What was negotiated.
 * @param inflated Called with the outcome of an inflation that is `"pending"`, in a task of its own: it
 * passes it to `Receiver.inflated()`.
 */
export function createDeflation(
  role: Role,
  terms: DeflateTerms,
  inflated: (outcome: Inflated) => void,
): Deflation {
  const { serverContextTakeover, clientContextTakeover, serverWindowBits, clientWindowBits } =
    terms;
  const server = { context: serverContextTakeover, bits: serverWindowBits };
  const client = { context: clientContextTakeover, bits: clientWindowBits };
  const [own, peer] = role === "server" ? [server, client] : [client, server];
  return {
    deflater: createDeflater(own.context, own.bits),
    inflater: new ZlibInflater(peer.context ? peer.bits : undefined, inflated),
  };
}
