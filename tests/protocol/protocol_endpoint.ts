/** An endpoint in memory that echoes by the protocol's code, for the judge to talk to. @module */

import { createHash } from "node:crypto";
import { chooseDeflate } from "../../src/handshake/compression.ts";
import type { Transport, TransportEvents } from "../../src/conformance/wire/transport.ts";
import type { Role } from "../../src/protocol/frame_head.ts";
import { FrameBuffer } from "../../src/protocol/frame_target.ts";
import { FrameWriter } from "../../src/protocol/frame_writer.ts";
import { portableInflater } from "../../src/protocol/inflate.ts";
import { Receiver } from "../../src/protocol/receiver.ts";
import type { SinkEvents } from "../../src/protocol/sink_events.ts";
import { zlibDeflater, zlibInflater } from "./zlib_deflate.ts";

const MAX_PAYLOAD = 64 * 1024 * 1024;

const REQUEST = [
  "GET / HTTP/1.1",
  "Host: judge.example",
  "Upgrade: websocket",
  "Connection: Upgrade",
  `Sec-WebSocket-Key: ${btoa("sixteen octets..")}`,
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
  "",
  "",
].join("\r\n");

/** One end of a connection to the judge. It only understands correct handshakes. */
export class ProtocolEndpoint implements Transport {
  readonly #role: Role;
  #events: TransportEvents | undefined;
  #head = "";
  #receiver: Receiver | undefined;
  readonly #output = new FrameBuffer();

  constructor(role: Role) {
    this.#role = role;
  }

  listen(events: TransportEvents): void {
    this.#events = events;
    if (this.#role === "client") this.#emit(new TextEncoder().encode(REQUEST));
  }

  write(octets: Uint8Array): Promise<void> {
    const own = octets.slice();
    return Promise.resolve().then(() => {
      if (this.#receiver !== undefined) return this.#receive(own);
      this.#head += String.fromCharCode(...own);
      const end = this.#head.indexOf("\r\n\r\n");
      if (end >= 0) this.#open(this.#head.slice(0, end));
    });
  }

  read(): void {}

  end(): void {
    queueMicrotask(() => this.#finish());
  }

  drop(): void {
    const events = this.#events;
    this.#events = undefined;
    events?.end("dropped");
  }

  #open(head: string): void {
    const header = (name: string): string | undefined =>
      new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1];
    const extensions = header("Sec-WebSocket-Extensions");
    let windowBits = extensions === undefined ? undefined : 15;
    if (this.#role === "server") {
      const deflating = chooseDeflate(extensions);
      windowBits = deflating?.serverWindowBits;
      const key = `${header("Sec-WebSocket-Key")}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const response = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Accept: ${createHash("sha1").update(key).digest("base64")}`,
      ];
      if (deflating !== undefined) {
        response.push(`Sec-WebSocket-Extensions: ${deflating.answer}`);
      }
      this.#emit(new TextEncoder().encode(`${response.join("\r\n")}\r\n\r\n`));
    }
    const deflates = windowBits !== undefined;
    const writer = new FrameWriter({
      role: this.#role,
      deflater: deflates ? zlibDeflater(windowBits) : undefined,
      threshold: 8,
    }, this.#output);
    const inflater = this.#role === "server" ? zlibInflater : portableInflater;
    this.#receiver = new Receiver({
      role: this.#role,
      maxPayload: MAX_PAYLOAD,
      inflater: deflates ? inflater : undefined,
    }, this.#echo(writer));
  }

  #echo(writer: FrameWriter): SinkEvents {
    const close = (code: number | undefined, reason = ""): void => {
      writer.close(code, reason);
      this.end();
    };
    return {
      text: (data) => writer.text(data),
      binary: (data) => writer.binary(data),
      ping: (payload) => writer.pong(payload),
      pong: () => {},
      close: (code, reason) => close(code === 1005 ? undefined : code, reason),
      fail: ({ code }) => close(code),
    };
  }

  #receive(octets: Uint8Array): void {
    this.#receiver!.receive(octets);
    if (this.#output.end > 0) this.#emit(this.#output.take());
  }

  #emit(octets: Uint8Array): void {
    queueMicrotask(() => this.#events?.data(octets));
  }

  #finish(): void {
    queueMicrotask(() => this.#events?.end("fin"));
  }
}
