/** A client that says exactly what it is told, and shows what came back. @module */

import { headerOf, readHead, request, WirePeer } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";

/** The answer to a request. */
export interface Answer {
  /** For instance 101. */
  readonly status: number;
  /** The whole head. */
  readonly head: string;
  /** A header. */
  header(name: string): string | undefined;
  /** Waits until a part of the body has arrived. */
  part(wanted: string): Promise<void>;
  /** What follows the head, to its end. Then the connection is let go, unless it is to stay. */
  body(stay?: boolean): Promise<string>;
  /** The connection as frames. */
  readonly peer: WirePeer;
}

/** A port of this machine, or another way to connect. */
export type To = number | (() => Promise<TcpWire>);

/** How a body ends whose length was not told before. */
const LAST_CHUNK = "0\r\n\r\n";

/** Sends bytes to a server, and reads the head of the answer. */
export async function ask(to: To, bytes: Uint8Array<ArrayBuffer>): Promise<Answer> {
  const wire = await (typeof to === "number" ? TcpWire.connect(to) : to());
  await wire.write(bytes);
  const answer = await readHead(wire);
  if (answer === undefined) throw new Error("Cannot read the answer: the server said nothing");
  const { head, rest } = answer;
  const decoder = new TextDecoder();
  let size = 0;
  let text = "";
  let tail = "";
  const take = (bytes: Uint8Array): void => {
    const piece = decoder.decode(bytes, { stream: true });
    size += bytes.length;
    text += piece;
    tail = (tail + piece).slice(-LAST_CHUNK.length);
  };
  const readUntil = async (enough: () => boolean): Promise<void> => {
    while (!enough()) {
      const bytes = await wire.read();
      if (bytes === undefined) break;
      take(bytes);
    }
  };
  take(rest);
  return {
    status: Number(head.split(" ")[1]),
    head,
    header: (name) => headerOf(head, name),
    part: (wanted) => readUntil(() => text.includes(wanted)),
    async body(stay = false) {
      const length = headerOf(head, "content-length");
      await readUntil(() => length === undefined ? tail === LAST_CHUNK : size >= Number(length));
      if (!stay) await wire.end();
      if (headerOf(head, "transfer-encoding") !== "chunked") return text;
      return text.replace(/[0-9a-f]+\r\n([^]*?)\r\n/gi, "$1").replace(/\r\n$/, "");
    },
    peer: new WirePeer(wire, true, rest),
  };
}

/** Asks for an upgrade. */
export function askUpgrade(
  to: To,
  path = "/",
  headers: Readonly<Record<string, string | null>> = {},
): Promise<Answer> {
  return ask(to, request(path, headers));
}
