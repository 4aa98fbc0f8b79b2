/**
 * A correct endpoint behind an extended CONNECT: the request becomes one of HTTP/1.1, as a gateway
 * makes it, and the answer one of HTTP/2.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { Endpoint } from "./endpoint.ts";
import type { Faults } from "./faults.ts";

/** Fields of a request or response; several values of a name are joined. */
export type Fields = Readonly<Record<string, string>>;

/** What a {@linkcode Tunnel} tells the stream that it belongs to. */
export interface TunnelEvents {
  /** The answer: the status of HTTP/2, and the fields. */
  answer(status: number, fields: Record<string, string>): void;

  /** Octets of the WebSocket. */
  data(octets: Buffer): void;

  /** The end of the connection. */
  end(): void;
}

/** Fields that a gateway passes on, in both directions. */
const PASSED = ["sec-websocket-version", "sec-websocket-protocol", "sec-websocket-extensions"];

/** Returns why a request opens no WebSocket: the status; 0 if it does. */
export function refusalOf(fields: Fields): number {
  if (fields[":method"] !== "CONNECT") return 405;
  if (fields[":protocol"] !== "websocket") return 501;
  return fields["sec-websocket-version"] === "13" ? 0 : 400;
}

/** The connection to the endpoint of one stream. */
export class Tunnel {
  readonly #endpoint: Endpoint;

  /** @param faults Faults of the endpoint. */
  constructor(fields: Fields, faults: Faults, events: TunnelEvents) {
    this.#endpoint = new Endpoint(true, faults);
    let head = "";
    let isOpen = false;
    this.#endpoint.listen({
      data: (octets) => {
        const part = Buffer.from(octets);
        if (isOpen) return events.data(part);
        head += part.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        isOpen = true;
        const [line, ...lines] = head.slice(0, end).split("\r\n");
        const status = Number(line!.split(" ")[1]);
        const named = lines.map((one) => one.split(/: ?/, 2) as [string, string])
          .map(([name, value]) => [name.toLowerCase(), value] as const);
        const kept = named.filter(([name]) => PASSED.includes(name));
        events.answer(status === 101 ? 200 : status, Object.fromEntries(kept));
        const rest = Buffer.from(head.slice(end + 4), "latin1");
        if (rest.length > 0) events.data(rest);
      },
      end: () => events.end(),
    });
    const passed = PASSED.flatMap((name) =>
      fields[name] === undefined ? [] : [`${name}: ${fields[name]}\r\n`]
    ).join("");
    this.write(Buffer.from(
      `GET ${fields[":path"]} HTTP/1.1\r\nHost: ${fields[":authority"]}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${passed}\r\n`,
    ));
  }

  /** Octets from the client. */
  write(octets: Uint8Array): void {
    void this.#endpoint.write(octets);
  }

  /** The client has ended its side. */
  end(): void {
    this.#endpoint.end();
  }

  /** The client has reset the stream. */
  drop(): void {
    this.#endpoint.drop();
  }
}
