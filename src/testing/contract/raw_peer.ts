/** The peer of a socket under test: it can also send what no WebSocket API would send. @module */

import { close, decode, encode, type Frame, join, text, utf8 } from "./frame.ts";

/** Event at a raw peer: it received a message, a Close or Pong frame, or the end of the connection. */
export type Heard =
  | { readonly kind: "text"; readonly data: string }
  | { readonly kind: "binary"; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly kind: "close"; readonly code: number | undefined; readonly reason: string }
  | { readonly kind: "pong"; readonly data: string }
  | { readonly kind: "end" };

/** A byte stream to the socket under test: TCP, or TCP by way of another process. */
export interface ByteStream {
  /** Writes bytes, in one packet as far as the system allows. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Resolves with the next bytes; with `undefined` at the end, after FIN as well as RST. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Sends FIN: no more bytes are written. */
  end(): Promise<void>;
  /** Sends RST. */
  reset(): Promise<void>;
  /** Stops reading from the system, so that the other end's buffers fill. */
  pause(): Promise<void>;
  /** Resumes reading. */
  resume(): Promise<void>;
}

/** Peer of a socket under test, as the contract's rules use it. */
export interface RawPeer {
  /** Writes frames, all in one packet. */
  send(...frames: readonly (Frame | string)[]): Promise<void>;
  /** Resolves with what is received next. Pings, which runtimes also send, are only answered. */
  next(): Promise<Heard>;
  /** Answers a Close frame, if one is received next, and ends the byte stream. */
  part(): Promise<Heard>;
  /** Byte stream below the frames. */
  readonly wire: ByteStream;
}

/** A peer that reads and writes frames on a byte stream. */
export class WirePeer implements RawPeer {
  /** Byte stream below the frames. */
  readonly wire: ByteStream;
  readonly #masks: boolean;
  #bytes: Uint8Array<ArrayBuffer>;
  #pieces: Frame[] = [];

  /**
   * Makes a peer of a byte stream on which the opening handshake is done.
   *
   * @param masks Whether this peer masks its frames, as clients do.
   * @param rest Bytes that were read beyond the handshake.
   */
  constructor(wire: ByteStream, masks: boolean, rest: Uint8Array<ArrayBuffer>) {
    this.wire = wire;
    this.#masks = masks;
    this.#bytes = rest;
  }

  /** Writes frames, all in one packet. */
  send(...frames: readonly (Frame | string)[]): Promise<void> {
    return this.wire.write(this.encode(...frames));
  }

  /** Encodes frames; strings become text frames. */
  encode(...frames: readonly (Frame | string)[]): Uint8Array<ArrayBuffer> {
    const whole = frames.map((frame) => typeof frame === "string" ? text(frame) : frame);
    return join(whole.map((frame) => encode(frame, this.#masks)));
  }

  /** Resolves with what is received next. Pings are answered. */
  async next(): Promise<Heard> {
    while (true) {
      const frame = await this.#frame();
      if (frame === undefined) return { kind: "end" };
      const { opcode, payload } = frame;
      if (opcode === 8) return heardClose(payload);
      if (opcode === 9) await this.send({ opcode: 10, payload });
      else if (opcode === 10) return { kind: "pong", data: new TextDecoder().decode(payload) };
      else {
        this.#pieces.push(frame);
        if (frame.fin === false) continue;
        const data = join(this.#pieces.map((piece) => piece.payload));
        const kind = this.#pieces[0]!.opcode === 1 ? "text" : "binary";
        this.#pieces = [];
        return kind === "text"
          ? { kind, data: new TextDecoder("utf-8", { ignoreBOM: true }).decode(data) }
          : { kind, data };
      }
    }
  }

  /** Answers a Close frame, if one is received next, and ends the byte stream. */
  async part(): Promise<Heard> {
    const heard = await this.next();
    if (heard.kind === "close") {
      await this.send(close(heard.code, heard.reason));
      await this.wire.end();
    }
    return heard;
  }

  async #frame(): Promise<Frame | undefined> {
    while (true) {
      const decoded = decode(this.#bytes);
      if (decoded !== undefined) {
        this.#bytes = this.#bytes.slice(decoded.length);
        return decoded.frame;
      }
      const chunks = [this.#bytes];
      let missing = 1;
      while (missing > 0) { // joined once, for a message of many chunks
        const chunk = await this.wire.read();
        if (chunk === undefined) return undefined;
        chunks.push(chunk);
        missing = this.#missing(chunks);
      }
      this.#bytes = join(chunks);
    }
  }

  /** Returns the number of bytes that a frame of 64-bit length lacks, so that it is joined once. */
  #missing(chunks: readonly Uint8Array[]): number {
    const have = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (have < 14) return 0;
    const head = join([join(chunks.slice(0, 2)).slice(0, 14)]);
    if (head.length < 14 || (head[1]! & 0x7f) !== 127) return 0;
    return Number(new DataView(head.buffer).getBigUint64(2)) - have;
  }
}

function heardClose(payload: Uint8Array): Heard {
  const code = payload.length < 2 ? undefined : payload[0]! << 8 | payload[1]!;
  return { kind: "close", code, reason: new TextDecoder().decode(payload.subarray(2)) };
}

/**
 * Reads the head of a request or a response.
 *
 * @returns Resolves with the head, and with the bytes behind it; with `undefined` if the stream ends
 * first.
 */
export async function readHead(
  wire: ByteStream,
): Promise<{ head: string; rest: Uint8Array<ArrayBuffer> } | undefined> {
  let bytes = new Uint8Array(0);
  while (true) {
    const at = new TextDecoder("latin1").decode(bytes).indexOf("\r\n\r\n");
    if (at >= 0) {
      const head = new TextDecoder("latin1").decode(bytes.subarray(0, at));
      return { head, rest: bytes.slice(at + 4) };
    }
    const chunk = await wire.read();
    if (chunk === undefined) return undefined;
    bytes = join([bytes, chunk]);
  }
}

/**
 * Returns the value of a header in the head of a request or a response; `undefined` if it is absent.
 * Several values are joined by `, `.
 */
export function headerOf(head: string, name: string): string | undefined {
  const values = head.split("\r\n").slice(1)
    .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)] as const)
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value.trim());
  return values.length === 0 ? undefined : values.join(", ");
}

/** `Sec-WebSocket-Key` of each request: the example of RFC 6455, 1.3. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/**
 * Encodes the request of an opening handshake.
 *
 * @param headers Replace the default headers of the same name; `null` omits one.
 * @param first Request line.
 */
export function request(
  path: string,
  headers: Readonly<Record<string, string | null>> = {},
  first = `GET ${path} HTTP/1.1`,
): Uint8Array<ArrayBuffer> {
  const lines = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
    ...headers,
  };
  const written = Object.entries(lines).filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return utf8(`${first}\r\n${written.join("")}\r\n`);
}

/** Computes `Sec-WebSocket-Accept` for a key (RFC 6455, 4.2.2). */
export async function acceptFor(key: string): Promise<string> {
  const salted = utf8(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", salted));
  return btoa(String.fromCharCode(...digest));
}
