/**
 * A link over a socket of the `ws` package, and past it to the stream below where that is faster.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Socket as TcpSocket } from "node:net";
import { ABNORMAL } from "../../core/close_code.ts";
import { reaches } from "../../handshake/compression.ts";
import { FULL_WINDOW } from "../../handshake/deflate_parameters.ts";
import { encode, encodeDeflated, view } from "./frames.ts";
import { failureOf } from "../../core/failure.ts";
import type { Bytes, Link, LinkEvents, SharedMessage } from "../../core/link.ts";
import { SHORT, TickWriter } from "./tick_writer.ts";
import { WRITES_FRAMES, type Ws } from "./socket.ts";

/**
 * Maximum number of bytes of a message that is compressed here: longer ones are compressed by `ws`,
 * on another thread. One of this length takes 1.5 ms.
 */
const MAX_DEFLATED_HERE = 64 * 1024;

/** Number of bytes of the longest head of a frame (RFC 6455, 5.2). */
const LONGEST_HEAD = 14;

/** The first byte of a Pong frame (5.2). */
const PONG = 0x8a;

/** Maximum number of Pongs that wait. */
const MAX_PONGS = 1024;

/** The encoded forms of a message for many, cached by the first link that sends it. */
interface Frames {
  plain?: Buffer;
  deflated?: Buffer;
}

/** Link over a `ws` socket. */
export class WsLink implements Link {
  readonly #ws: Ws;
  readonly #writer: TickWriter;
  readonly #isServer: boolean;
  /** Number of bytes from which on a message is compressed. */
  readonly #threshold: number;
  readonly #windowBits: number;
  /**
   * Upper bound of the buffered bytes. The fields that `ws` computes its count from are far apart in
   * memory: reading them for thousands of sockets costs a lot.
   */
  mostBuffered = Infinity;
  /** Number of Pongs that wait. */
  #pongs = 0;
  /** The latest Ping that came while the maximum waited. */
  #unanswered: Bytes | undefined;

  /**
   * Takes over a socket.
   *
   * @param stream The stream below a server's socket; `undefined` for a client's.
   * @param threshold Number of bytes from which on a message is compressed; `Infinity` for never.
   * @param windowBits Size of the compression window, as a power of two.
   */
  constructor(
    ws: Ws,
    events: LinkEvents,
    stream: TcpSocket | undefined,
    threshold: number,
    windowBits = FULL_WINDOW,
  ) {
    this.#ws = ws;
    this.#isServer = stream !== undefined;
    this.#writer = new TickWriter(ws, stream);
    this.#threshold = threshold;
    this.#windowBits = windowBits;
    ws.binaryType = "arraybuffer";
    ws.on("message", (data, isBinary) => {
      events.received(isBinary ? data as ArrayBuffer : (data as Buffer).toString());
    });
    ws.on("ping", (data) => {
      events.heard();
      if (WRITES_FRAMES) this.#answer(data as Uint8Array<ArrayBuffer>);
    });
    ws.on("pong", () => events.heard());
    ws.on("error", (error) => events.failed(failureOf(error)));
    ws.on("close", (code, reason) => {
      if (code === ABNORMAL) events.failed();
      else events.closed(code, reason.toString());
    });
  }

  /**
   * Answers a Ping. If a peer does not read, many answers would wait, and take ten times the memory
   * that it took to ask for them: then the latest Ping is answered when they have left.
   */
  #answer(ping: Bytes): void { // 5.5.3
    const writer = this.#writer;
    if (writer.stream?.writableLength === 0 && writer.size === 0) this.#pongs = 0;
    if (this.#pongs === MAX_PONGS) {
      this.#unanswered = ping.slice(0);
      return;
    }
    const left = ++this.#pongs < MAX_PONGS ? undefined : (): void => {
      const latest = this.#unanswered;
      this.#pongs = 0;
      this.#unanswered = undefined;
      if (latest !== undefined) this.#answer(latest);
    };
    this.mostBuffered += ping.byteLength + LONGEST_HEAD;
    if (this.#writable && left === undefined) return writer.put(encode(ping, PONG));
    writer.cork(); // one by one, they take 40 µs each on Deno
    this.#ws.pong(ping, undefined, left);
  }

  /** Sets the stream below a client's socket, once it is known. */
  writesTo(stream: TcpSocket | undefined): void {
    this.#writer.stream = stream;
  }

  get bufferedAmount(): number {
    return this.mostBuffered = this.#ws.bufferedAmount + this.#writer.size;
  }

  get bytesRead(): number {
    return this.#writer.stream?.bytesRead ?? 0;
  }

  /**
   * Sends a message. A server's short ones do not need `ws`, which takes as long to frame them as all
   * the rest, and keeps a compressor of 220 kB for each connection that it has compressed something
   * for.
   */
  send(data: string | Bytes): void {
    const compress = reaches(data, this.#threshold);
    const size = typeof data === "string" ? data.length : data.byteLength;
    this.mostBuffered += 3 * size + LONGEST_HEAD;
    if (size <= (compress ? MAX_DEFLATED_HERE : SHORT) && this.#writable) {
      this.#writer.put(compress ? encodeDeflated(data, this.#windowBits) : encode(data));
    } else { // ws keeps no copy
      this.#writer.cork();
      const own = typeof data === "string" ? data : Buffer.copyBytesFrom(view(data));
      this.#ws.send(own, { compress });
    }
  }

  /**
   * Sends a message for many. Whatever its length, it is framed or compressed here and once: `ws`
   * would do so for each link.
   */
  sendShared(shared: SharedMessage): void {
    const compress = reaches(shared.data, this.#threshold);
    if (!this.#writable || (compress && this.#windowBits < FULL_WINDOW)) {
      return this.send(shared.data);
    }
    const frames = (shared.frame ??= {}) as Frames;
    const frame = compress
      ? frames.deflated ??= encodeDeflated(shared.data, FULL_WINDOW)
      : frames.plain ??= encode(shared.data);
    this.mostBuffered += frame.length;
    this.#writer.put(frame);
  }

  /** Whether frames may be written past `ws`: not before those that it is still compressing. */
  get #writable(): boolean {
    return WRITES_FRAMES && this.#isServer &&
      (this.#threshold === Infinity ||
        this.#ws.bufferedAmount === this.#writer.stream!.writableLength);
  }

  /** Writes the short frames of this tick: `ws` is about to write a Close frame. */
  flush(): void {
    this.#writer.flush();
  }

  close(code?: number, reason?: string): void {
    this.#ws.close(code, reason);
  }

  ping(): void {
    this.#writer.flush();
    this.mostBuffered += LONGEST_HEAD;
    this.#ws.ping();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }
}
