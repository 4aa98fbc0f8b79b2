/** Completes the opening handshake of a client, byte by byte. @module */

import {
  acceptFor,
  type ByteStream,
  headerOf,
  readHead,
  WirePeer,
} from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";

/**
 * Reads a client's request, and answers it with 101.
 *
 * @param headers Additional headers of the answer, each with its CRLF.
 * @returns The client's peer; `undefined` if the client left before.
 */
export async function acceptClient(wire: ByteStream, headers = ""): Promise<WirePeer | undefined> {
  const request = await readHead(wire);
  if (request === undefined) return undefined;
  const accept = await acceptFor(headerOf(request.head, "sec-websocket-key")!);
  await wire.write(
    utf8(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n${headers}\r\n`,
    ),
  );
  return new WirePeer(wire, false, request.rest);
}
