/** A client that sends given bytes, and reads the answer. @module */

import { headerOf, readHead, request, WirePeer } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";

/** The answer to a request. */
export interface Answer {
  /** The status, for instance 101. */
  readonly status: number;
  /** The whole head: status line and headers. */
  readonly head: string;
  /** Returns the value of a header. */
  header(name: string): string | undefined;
  /** Waits until a part of the body has arrived. */
  part(wanted: string): Promise<void>;
  /** Reads the body to its end. Then the connection is ended, unless it is to stay. */
  body(stay?: boolean): Promise<string>;
  /** The peer that reads and writes frames behind the head. */
  readonly peer: WirePeer;
}

/** A server to send to: its port on 127.0.0.1, a connection to it, or a function that connects. */
export type To = number | TcpWire | (() => Promise<TcpWire>);

/** End of a body in chunks. */
const LAST_CHUNK = "0\r\n\r\n";

function connect(to: To): TcpWire | Promise<TcpWire> {
  if (typeof to === "number") return TcpWire.connect(to);
  return to instanceof TcpWire ? to : to();
}

/** Sends bytes to a server, and reads the head of the answer. */
export async function ask(to: To, bytes: Uint8Array<ArrayBuffer>): Promise<Answer> {
  const wire = await connect(to);
  await wire.write(bytes);
  return await readAnswer(wire);
}

/** Reads the head of an answer to bytes that were sent before. */
export async function readAnswer(wire: TcpWire): Promise<Answer> {
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

/** Sends the request of an opening handshake, and reads the head of the answer. */
export function askUpgrade(
  to: To,
  path = "/",
  headers: Readonly<Record<string, string | null>> = {},
): Promise<Answer> {
  return ask(to, request(path, headers));
}
