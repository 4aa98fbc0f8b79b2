/**
 * Connects to a server over HTTP/2: by ALPN over TLS, with prior knowledge without (RFC 9113, 3).
 *
 * @module
 */

import { dial, type DialOptions } from "../transport.ts";
import { Http2Connection } from "./connection.ts";
import type { Http2Stream } from "./stream.ts";

/**
 * Connects to the host of a `ws:` or `wss:` URL; returns a stream of the new connection.
 *
 * @throws {CannotConnect} If it cannot connect in time, or TLS agrees on another protocol.
 */
export async function dialHttp2(url: URL, options: DialOptions): Promise<Http2Stream> {
  return new Http2Connection(await dial(url, { ...options, alpn: "h2" })).stream();
}
