/**
 * The load: raw TCP, frames made beforehand, replies counted by their bytes. It does as little as
 * it can, and the same for every server, so that the server is what is measured.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { answer } from "../processes/answering.ts";

/** What {@linkcode Load} sends. */
export interface Shape {
  /** Text or binary. */
  readonly kind: "text" | "binary";
  /** Bytes in each message. */
  readonly size: number;
  /** Messages that each connection has on their way at a time. */
  readonly inFlight: number;
}

/** Connections opened side by side: no more than any server lets wait. */
const OPENING = 64;
const MASK = [0x3d, 0xa5, 0x96, 0x0f];

/** All connections are read into this: what is in it is only counted. */
const into = Buffer.allocUnsafe(256 * 1024);

/** One connection to a server that echoes. */
class Wire {
  readonly #stream: Socket;
  /** Bytes received of a message that is not whole. */
  #rest = 0;
  #load: Load | undefined;
  readonly opened: Promise<void>;

  constructor(port: number) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let head = "";
    const callback = (size: number): boolean => {
      if (this.#load !== undefined) this.#received(size);
      else {
        head += into.toString("latin1", 0, size);
        if (head.endsWith("\r\n\r\n")) {
          if (head.startsWith("HTTP/1.1 101 ")) resolve();
          else reject(new Error(`Cannot open: ${head}`));
        }
      }
      return true;
    };
    this.opened = promise;
    this.#stream = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: into, callback },
    });
    this.#stream.on("error", reject);
    this.#stream.on("close", () => {
      if (this.#load !== undefined) {
        throw new Error("Cannot go on: the server closed");
      }
      reject(new Error("Cannot open: the server closed"));
    });
    this.#stream.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
  }

  /** Sends the first messages, and from now on as many as come back. */
  begin(load: Load): void {
    this.#load = load;
    this.#stream.write(load.take(load.inFlight));
  }

  /** Lets go of the connection. */
  end(): void {
    this.#stream.removeAllListeners("close");
    this.#stream.destroy();
  }

  #received(size: number): void {
    const load = this.#load!;
    const bytes = this.#rest + size;
    const whole = Math.floor(bytes / load.replySize);
    this.#rest = bytes - whole * load.replySize;
    if (whole > 0 && load.echoed(whole)) this.#stream.write(load.take(whole));
  }
}

/** One run over many connections. */
class Load {
  readonly inFlight: number;
  /** Bytes of each reply, with its frame. */
  readonly replySize: number;
  readonly #frames: Buffer;
  readonly #frameSize: number;
  readonly #finished: () => void;
  #missing = 0;
  #over = false;
  /** Messages that came back. */
  messages = 0;

  constructor({ kind, size, inFlight }: Shape, finished: () => void) {
    const head = size < 126 ? [0x80 | size] : [0x80 | 126, size >> 8, size & 0xff];
    const payload = new Uint8Array(size).map((_, i) => (0x61 + i % 26) ^ MASK[i % 4]!);
    const frame = Buffer.from([
      kind === "text" ? 0x81 : 0x82,
      ...head,
      ...MASK,
      ...payload,
    ]);
    this.inFlight = inFlight;
    this.replySize = frame.length - MASK.length;
    this.#frames = Buffer.concat(new Array(inFlight).fill(frame));
    this.#frameSize = frame.length;
    this.#finished = finished;
  }

  /** Some messages, to be sent. */
  take(count: number): Buffer {
    this.#missing += count;
    return this.#frames.subarray(0, count * this.#frameSize);
  }

  /** Counts messages that came back; tells whether as many should follow. */
  echoed(count: number): boolean {
    this.messages += count;
    this.#missing -= count;
    if (this.#over && this.#missing === 0) this.#finished();
    return !this.#over;
  }

  /** No more messages: those on their way are waited for. */
  end(): void {
    this.#over = true;
  }
}

const groups: Wire[][] = [];

async function open(port: number, count: number): Promise<number> {
  const wires: Wire[] = [];
  while (wires.length < count) {
    const some = Array.from(
      { length: Math.min(OPENING, count - wires.length) },
      () => {
        return new Wire(port);
      },
    );
    await Promise.all(some.map((wire) => wire.opened));
    wires.push(...some);
  }
  return groups.push(wires) - 1;
}

/** What {@linkcode run} did. */
export interface Ran {
  /** Messages that went there and back. */
  readonly messages: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

async function run(group: number, shape: Shape, ms: number): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const load = new Load(shape, resolve);
  const begun = performance.now();
  for (const wire of groups[group]!) wire.begin(load);
  setTimeout(() => load.end(), ms);
  await promise;
  return { messages: load.messages, ms: performance.now() - begun };
}

function close(group: number): void {
  for (const wire of groups[group]!) wire.end();
  groups[group] = [];
}

/** What the load can be asked to do. */
export type Order =
  | { readonly open: number; readonly count: number }
  | { readonly run: number; readonly shape: Shape; readonly ms: number }
  | { readonly close: number };

answer("ready", (question) => {
  const order = question as unknown as Order;
  if ("open" in order) return open(order.open, order.count);
  if ("run" in order) return run(order.run, order.shape, order.ms);
  return close(order.close) ?? true;
});
