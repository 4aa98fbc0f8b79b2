/**
 * A link over a socket of the `ws` package, and past it to the stream below where that is faster.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Socket as TcpSocket } from "node:net";
import { nextTick } from "node:process";
import { Sender, WebSocket } from "ws";
import { ABNORMAL } from "../../core/close_code.ts";
import { FULL_WINDOW, reaches } from "../../handshake/compression.ts";
import { encode, encodeDeflated, view } from "./frames.ts";
import { failureOf } from "../../core/failure.ts";
import { maxPieces } from "./max_pieces.ts";
import type { Bytes, Link, LinkEvents, SharedMessage } from "../../core/link.ts";
import { JoiningReceiver } from "./receiver.ts";

/** The part of an answer that refuses a handshake. */
export interface Refusal {
  readonly statusCode?: number;
  readonly headers: { readonly "retry-after"?: string | undefined };
}

/** The part of a `ws` socket that is used here. */
export interface Ws {
  readonly OPEN: number;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  readonly extensions: string;
  binaryType: "arraybuffer";
  send(data: string | Buffer, options: { compress: boolean }): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  ping(): void;
  pong(data: Bytes, mask: undefined, left: (() => void) | undefined): void;
  pause(): void;
  resume(): void;
  on(event: "ping" | "pong", listener: (data: Buffer) => void): void;
  on(event: "message", listener: (data: ArrayBuffer | Buffer, isBinary: boolean) => void): void;
  on(event: "close", listener: (code: number, reason: Buffer) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "open", listener: () => void): void;
  on(
    event: "unexpected-response",
    listener: (request: unknown, response: Refusal) => void,
  ): void;
  on(event: "upgrade", listener: (incoming: { readonly socket: TcpSocket | null }) => void): void;
}

/** Longer messages are framed by `ws`: Node has a pool for what is shorter. */
const SHORT = 4000;

/** Longer ones are compressed by `ws`, on another thread: for one of this length it takes 1.5 ms. */
const SOON_DEFLATED = 64 * 1024;

/** Long messages that leave in one call: a system takes 1024 pieces, and `ws` makes two of each. */
const MOST_AT_ONCE = 500;

/** Bytes of short frames that are joined: more have a call of their own anyway. */
const TOGETHER = 64 * 1024;

/** Whether frames are what `ws` writes to the stream: not so in what runs under its name on Bun. */
const WRITES_FRAMES: boolean = typeof Sender.frame === "function";

/** Number where nothing bounds something that `ws` counts: it takes 0 for no bound, and 31 bits. */
const MANY = 16 * 1024 * 1024;

/**
 * Returns the options of `ws` that bound what a message costs. Fragments may be many: see
 * {@linkcode JoiningReceiver}. `ws` drops a peer at 60 Pongs that wait, fewer than one packet can ask
 * for: links answer themselves.
 *
 * @param maxPayload Maximum number of bytes of a message; `Infinity` for no bound.
 */
export function wsOptions(maxPayload: number): Readonly<Record<string, unknown>> {
  const maxBufferedChunks = Math.min(maxPieces(maxPayload), MANY);
  return { maxFragments: MANY, maxBufferedChunks, autoPong: !WRITES_FRAMES };
}

/** Bytes of the longest head of a frame (5.2). */
const LONGEST_HEAD = 14;

/** The first byte of a Pong frame (5.2). */
const PONG = 0x8a;

/** Close codes (7.4.1). */
const POLICY_VIOLATION = 1008, TOO_BIG = 1009;

/** Pongs that may wait. */
const MAX_PONGS = 1024;

/** What a link makes of a message for many, once. */
interface Frames {
  plain?: Buffer;
  deflated?: Buffer;
}

/** Links that have something to write when this tick is over. */
let listed: WsLink[] = [];

/** Passes on what a `ws` socket tells, and what the core asks of it. */
export class WsLink implements Link {
  readonly #ws: Ws;
  readonly #isServer: boolean;
  /** Bytes from which on a message is compressed. */
  readonly #threshold: number;
  readonly #windowBits: number;
  #stream: TcpSocket | undefined;
  /** Messages since the stream was corked; 0 if it is not. */
  #corked = 0;
  /** Short frames of this tick, and how many bytes they are. */
  #frames: Buffer[] | undefined;
  #together = 0;
  /** Something has to be done when this tick is over. */
  #listed = false;
  /** What `ws` counts is far apart in memory: among thousands of sockets, asking costs a lot. */
  mostBuffered = Infinity;
  /** Pongs that wait. */
  #pongs = 0;
  /** The latest Ping that came while so many waited. */
  #unanswered: Bytes | undefined;

  constructor(
    ws: Ws,
    events: LinkEvents,
    stream: TcpSocket | undefined,
    threshold: number,
    windowBits = FULL_WINDOW,
  ) {
    this.#ws = ws;
    this.#isServer = stream !== undefined;
    this.#stream = stream;
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
   * Answers a Ping. Where a peer does not read, many answers would wait, and take ten times the
   * memory that it took to ask for them: there, the latest Ping is answered when they have left.
   */
  #answer(ping: Bytes): void { // 5.5.3
    if (this.#stream?.writableLength === 0 && this.#together === 0) this.#pongs = 0;
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
    if (this.#writable && left === undefined) return this.#put(encode(ping, PONG));
    this.#cork(); // one by one, they take 40 µs each on Deno
    this.#ws.pong(ping, undefined, left);
  }

  /** Tells a client's link the connection, once there is one, if it can be told at all. */
  writesTo(stream: TcpSocket | undefined): void {
    this.#stream = stream;
  }

  get bufferedAmount(): number {
    return this.mostBuffered = this.#ws.bufferedAmount + this.#together;
  }

  get bytesRead(): number {
    return this.#stream?.bytesRead ?? 0;
  }

  /**
   * `ws` writes each message to the system by itself: all of a tick leave together instead. A
   * server's short ones do not need `ws`, which takes as long to frame them as all the rest, and
   * keeps a compressor of 220 kB for each connection that it has compressed something for.
   */
  send(data: string | Bytes): void {
    const compress = reaches(data, this.#threshold);
    const size = typeof data === "string" ? data.length : data.byteLength;
    this.mostBuffered += 3 * size + LONGEST_HEAD;
    if (size <= (compress ? SOON_DEFLATED : SHORT) && this.#writable) {
      this.#put(compress ? encodeDeflated(data, this.#windowBits) : encode(data));
    } else { // ws keeps no copy
      this.#cork();
      const own = typeof data === "string" ? data : Buffer.copyBytesFrom(view(data));
      this.#ws.send(own, { compress });
    }
  }

  /** However long it is, it is framed or compressed here and once: `ws` would do it for each anew. */
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
    this.#put(frame);
  }

  /** Whether frames may be written past `ws`: not past those that it is still compressing. */
  get #writable(): boolean {
    return WRITES_FRAMES && this.#isServer &&
      (this.#threshold === Infinity || this.#ws.bufferedAmount === this.#stream!.writableLength);
  }

  /**
   * Lets a frame leave when this tick is over. Short ones are joined: where a peer does not read, one
   * of two bytes would take 600 by itself.
   */
  #put(frame: Buffer): void {
    if (frame.length > SHORT) {
      this.#cork();
      this.#write(frame);
      return;
    }
    if (this.#frames === undefined) {
      this.#frames = [frame];
      this.#list();
    } else {
      this.#frames.push(frame);
    }
    this.#together += frame.length;
    if (this.#together >= TOGETHER) this.flush();
  }

  /** Writes the short frames of this tick: before anything else is written. */
  flush(): void {
    const frames = this.#frames;
    if (frames === undefined) return;
    const size = this.#together;
    this.#frames = undefined;
    this.#together = 0;
    this.#write(frames.length === 1 ? frames[0]! : Buffer.concat(frames, size));
  }

  /** Not behind a Close frame. */
  #write(bytes: Buffer): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#stream!.write(bytes);
  }

  #cork(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.flush();
    if (this.#corked === 0) {
      stream.cork();
      this.#list();
    } else if (this.#corked % MOST_AT_ONCE === 0) {
      stream.uncork();
      stream.cork();
    }
    this.#corked++;
  }

  #list(): void {
    if (this.#listed) return;
    this.#listed = true;
    if (listed.push(this) === 1) nextTick(WsLink.#end);
  }

  /** Ends the tick. */
  static #end(): void {
    const links = listed;
    listed = [];
    for (const link of links) {
      link.#listed = false;
      link.flush();
      if (link.#corked === 0) continue;
      link.#corked = 0;
      link.#stream!.uncork();
    }
  }

  close(code?: number, reason?: string): void {
    this.#ws.close(code, reason);
  }

  ping(): void {
    this.flush();
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

/** A server's `ws` socket: its Close frames, answers among them, wait for what its link has. */
export class WsServerSocket extends WebSocket {
  /** The link over it, once there is one. */
  link: WsLink | undefined;
  /** What receives messages. */
  declare readonly _receiver: object | null;

  setSocket(...args: unknown[]): unknown {
    const done: unknown = super.setSocket(...args); // Bun's tells
    JoiningReceiver.replace(this._receiver);
    return done;
  }

  close(code?: number, reason?: string): void {
    this.link?.flush();
    // Links give a reason. Of its own accord, `ws` closes with 1008 for too many pieces of a frame.
    super.close(code === POLICY_VIOLATION && reason === undefined ? TOO_BIG : code, reason);
  }
}

/** A client's `ws` socket. */
class WsClientSocket extends WebSocket {
  declare readonly _receiver: object | null;

  setSocket(...args: unknown[]): unknown {
    const done: unknown = super.setSocket(...args); // Bun's tells
    JoiningReceiver.replace(this._receiver);
    return done;
  }
}

/** The class of a client's `ws` socket. */
export const WsClient = WsClientSocket as unknown as new (
  url: string,
  protocols: string[],
  options: object,
) => Ws;
