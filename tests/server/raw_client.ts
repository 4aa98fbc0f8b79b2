/** A client that says exactly what it is told, and shows what came back. @module */

import { headerOf, readHead, request, WireFar } from "../../src/testing/far.ts";
import { TcpWire } from "../far/tcp_wire.ts";

/** The answer to a request. */
export interface Answer {
  /** For instance 101. */
  readonly status: number;
  /** The whole head. */
  readonly head: string;
  /** A header. */
  header(name: string): string | undefined;
  /** What follows the head, up to the end of the connection. */
  body(): Promise<string>;
  /** The connection as frames. */
  readonly far: WireFar;
}

/** Sends bytes to a server, and reads the head of the answer. */
export async function ask(port: number, bytes: Uint8Array<ArrayBuffer>): Promise<Answer> {
  const wire = await TcpWire.connect(port);
  await wire.write(bytes);
  const answer = await readHead(wire);
  if (answer === undefined) throw new Error("Cannot read the answer: the server said nothing");
  const { head, rest } = answer;
  return {
    status: Number(head.split(" ")[1]),
    head,
    header: (name) => headerOf(head, name),
    async body() {
      const decoder = new TextDecoder();
      let text = decoder.decode(rest);
      const length = headerOf(head, "content-length");
      const whole = (): boolean =>
        length === undefined
          ? text.endsWith("0\r\n\r\n")
          : new TextEncoder().encode(text).length >= Number(length);
      while (!whole()) {
        const chunk = await wire.read();
        if (chunk === undefined) break;
        text += decoder.decode(chunk);
      }
      await wire.end();
      if (headerOf(head, "transfer-encoding") !== "chunked") return text;
      return text.replace(/[0-9a-f]+\r\n([^]*?)\r\n/gi, "$1").replace(/\r\n$/, "");
    },
    far: new WireFar(wire, true, rest),
  };
}

/** Asks for an upgrade. */
export function askUpgrade(
  port: number,
  path = "/",
  headers: Readonly<Record<string, string | null>> = {},
): Promise<Answer> {
  return ask(port, request(path, headers));
}
