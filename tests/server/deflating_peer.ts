/** A client that offers compression, and shows which messages were compressed. @module */

import type { Buffer } from "node:buffer";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { longestDistance } from "../../src/conformance/wire/deflate_distance.ts";
import { headerOf, readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { close, decode, encode, type Frame, join } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";

const RSV1 = 0x40;
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff); // RFC 7692, 7.2.2
const SYNC = { finishFlush: constants.Z_SYNC_FLUSH };

/** A message, a Close frame or the end of the connection. */
export type Received =
  | { readonly kind: "text" | "binary"; readonly compressed: boolean; readonly data: string }
  | { readonly kind: "close"; readonly code: number | undefined }
  | { readonly kind: "end" };

/** Copies bytes into memory of their own. */
function own(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Returns a message as a compressed frame. */
export function deflated(data: string | Uint8Array): Frame {
  const bytes = own(deflateRawSync(data, SYNC)).slice(0, -TAIL.length);
  return { opcode: RSV1 | (typeof data === "string" ? 1 : 2), payload: bytes };
}

/** A client of a server that compresses each message by itself. */
export class DeflatingPeer {
  readonly wire: TcpWire;
  /** The extensions that the server agreed to. */
  readonly extensions: string | undefined;
  /** Size of the server's compression window, as a power of two. */
  readonly #windowBits: number;
  #bytes: Uint8Array<ArrayBuffer>;

  private constructor(
    wire: TcpWire,
    extensions: string | undefined,
    rest: Uint8Array<ArrayBuffer>,
  ) {
    this.wire = wire;
    this.extensions = extensions;
    this.#windowBits = Number(/server_max_window_bits=(\d+)/.exec(extensions ?? "")?.[1] ?? 15);
    this.#bytes = rest;
  }

  /** Completes the opening handshake with a server. */
  static async connect(
    port: number,
    offers: string | null = "permessage-deflate; client_max_window_bits",
    path = "/",
  ): Promise<DeflatingPeer> {
    const wire = await TcpWire.connect(port);
    await wire.write(request(path, { "Sec-WebSocket-Extensions": offers }));
    const answer = await readHead(wire);
    if (!answer?.head.startsWith("HTTP/1.1 101")) {
      throw new Error(`Cannot connect: the server answered ${answer?.head ?? "nothing"}`);
    }
    return new DeflatingPeer(wire, headerOf(answer.head, "sec-websocket-extensions"), answer.rest);
  }

  /** Writes frames, all in one packet. */
  send(...frames: readonly Frame[]): Promise<void> {
    return this.wire.write(join(frames.map((frame) => encode(frame, true))));
  }

  /** Resolves with what comes next: a whole message, Close or the end. */
  async next(): Promise<Received> {
    const first = await this.#byte();
    const frame = await this.#frame();
    if (first === undefined || frame === undefined) return { kind: "end" };
    const { opcode, payload, fin } = frame;
    if (opcode === 8) {
      return {
        kind: "close",
        code: payload.length < 2 ? undefined : payload[0]! << 8 | payload[1]!,
      };
    }
    if (opcode > 2 || fin === false) throw new Error(`Cannot read a frame of opcode ${opcode}`);
    const compressed = (first & RSV1) !== 0;
    if (compressed && longestDistance(payload) > 2 ** this.#windowBits) {
      throw new Error(`Cannot inflate: the window has ${this.#windowBits} bits`);
    }
    const bytes = compressed ? own(inflateRawSync(join([payload, TAIL]), SYNC)) : payload;
    const isText = opcode === 1;
    const data = new TextDecoder(isText ? "utf-8" : "latin1", { fatal: true }).decode(bytes);
    return { kind: isText ? "text" : "binary", compressed, data };
  }

  /** Reads all messages up to Close, answers it, and ends. */
  async rest(): Promise<Received[]> {
    const received: Received[] = [];
    for (let next; (next = await this.next()).kind !== "end";) {
      received.push(next);
      if (next.kind !== "close") continue;
      await this.send(close(next.code));
      break;
    }
    await this.wire.end();
    return received;
  }

  async #byte(): Promise<number | undefined> {
    if (this.#bytes.length === 0 && !await this.#more()) return undefined;
    return this.#bytes[0]!;
  }

  async #frame(): Promise<Frame | undefined> {
    while (true) {
      const decoded = decode(this.#bytes);
      if (decoded !== undefined) {
        this.#bytes = this.#bytes.slice(decoded.length);
        return decoded.frame;
      }
      if (!await this.#more()) return undefined;
    }
  }

  async #more(): Promise<boolean> {
    const chunk = await this.wire.read();
    if (chunk !== undefined) this.#bytes = join([this.#bytes, chunk]);
    return chunk !== undefined;
  }
}

/** Returns bytes that no compressor makes shorter, by a seed. */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed | 1; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** Returns text that a compressor makes shorter. */
export function prose(length: number): string {
  return "To be, or not to be: that is the question. ".repeat(Math.ceil(length / 43)).slice(
    0,
    length,
  );
}
