/** Links over real connections and streams, and records of what they report. @module */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { plainFraming } from "../../../src/adapters/tcp/framing.ts";
import { TcpLink, type TcpLinkOptions } from "../../../src/adapters/tcp/tcp_link.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { LinkEvents } from "../../../src/core/link.ts";
import { decode, encode, type Frame } from "../../../src/testing/contract/frame.ts";
import { connectUpgraded, type Ends, hideSharing, type Transport } from "./upgraded.ts";

export const EMPTY = new Uint8Array(0);

/** Records what a link reports. */
export class Recorder implements LinkEvents {
  readonly all: string[] = [];
  onMessage: ((data: string | ArrayBuffer) => void) | undefined;

  opened(): void {}

  received(data: string | ArrayBuffer): void {
    const text = typeof data === "string" ? data : `${data.byteLength} bytes`;
    this.all.push(text.length > 50 ? `${text.length} characters` : text);
    this.onMessage?.(data);
  }

  heard(): void {}

  /** Given what ends the connection, in place of doing it. */
  onClosing: ((answer: () => void) => void) | undefined;

  closing(answer?: () => void): void {
    if (answer === undefined) return;
    if (this.onClosing === undefined) answer();
    else this.onClosing(answer);
  }

  closed(code: number, reason: string): void {
    this.all.push(`closed ${code} ${reason}`);
  }

  failed(cause?: unknown): void {
    this.all.push(`failed ${(cause as Error | undefined)?.message ?? ""}`.trim());
  }

  /** What ended the connection. */
  get ends(): string[] {
    return this.all.filter((it) => /^(closed|failed)/.test(it));
  }
}

/** A link, and the peer's end. */
export class Linked {
  readonly events: Recorder = new Recorder();
  readonly errors: unknown[] = [];
  readonly link: TcpLink;
  /** Frames that the peer has read, in words. */
  readonly frames: string[] = [];
  readonly #ends: Ends;
  /** What the peer has read of a frame, and how many bytes it needs before it is decoded. */
  #pieces: Buffer[] = [];
  #have = 0;
  #need = 2;
  /** Whether this end has ended. */
  isEnded = false;

  constructor(ends: Ends, options: Partial<TcpLinkOptions>, clings: boolean) {
    this.#ends = ends;
    this.link = new TcpLink(
      ends.server,
      this.events,
      {
        role: "server",
        maxPayload: 1_000_000,
        closeTimeout: 5000,
        clock: systemClock,
        onError: (error) => void this.errors.push(error),
        ...options,
      },
      plainFraming,
    );
    ends.client.on("data", (chunk: Buffer) => this.#read(chunk));
    ends.client.on("end", () => {
      this.isEnded = true;
      if (!clings) ends.client.end();
    });
  }

  /** The peer's end. */
  get client(): Socket {
    return this.#ends.client;
  }

  /** The link's end. */
  get server(): Socket {
    return this.#ends.server;
  }

  /** Sends frames, in one write. */
  send(...frames: Frame[]): void {
    this.client.write(Buffer.concat(frames.map((it) => encode(it, true))));
  }

  #read(chunk: Buffer): void {
    this.#pieces.push(chunk);
    this.#have += chunk.length;
    if (this.#have < this.#need) return;
    let rest = new Uint8Array(Buffer.concat(this.#pieces));
    for (let next = decode(rest); next !== undefined; next = decode(rest)) {
      const { frame: { opcode, payload }, length } = next;
      const isLong = payload.length > 125;
      const words = isLong ? `${payload.length} bytes` : Buffer.from(payload).toString("latin1");
      this.frames.push(`${opcode}:${words}`);
      rest = rest.subarray(length);
    }
    this.#pieces = [Buffer.from(rest)];
    this.#have = rest.length;
    const isHuge = rest.length >= 10 && rest[1] === 127;
    this.#need = isHuge
      ? 10 + Number(new DataView(rest.buffer, rest.byteOffset).getBigUint64(2))
      : 2;
  }
}

/** Options of {@linkcode linked}: of the link, and of the connection. */
export interface Init extends Partial<TcpLinkOptions> {
  readonly transport?: Transport;
  readonly isShared?: boolean;
  /** Whether the peer reads from the beginning. */
  readonly isReading?: boolean;
  /** Whether the peer keeps its side of TCP open when this end has ended. */
  readonly clings?: boolean;
  readonly prepare?: (linked: Linked) => void;
}

/** Returns a link whose connection is upgraded, and which reads. */
export async function linked(
  { transport = "TCP", isShared = true, isReading = true, clings = false, prepare, ...options }:
    Init = {},
): Promise<Linked> {
  const ends = await connectUpgraded(transport);
  if (!isShared) hideSharing(ends.server);
  const it = new Linked(ends, options, clings);
  if (isReading) ends.client.resume();
  prepare?.(it);
  it.link.start(ends.head);
  return it;
}

/** Time for what must not happen. */
export function pause(milliseconds = 40): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Returns a link over a stream that is no socket, and what the stream is given. */
export function linkedDuplex(): {
  stream: Duplex;
  given: Uint8Array[];
  events: Recorder;
  link: TcpLink;
} {
  const events = new Recorder();
  const given: Uint8Array[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, callback) {
      given.push(chunk);
      callback();
    },
  });
  const options: TcpLinkOptions = {
    role: "server",
    maxPayload: 1000,
    closeTimeout: 0,
    clock: systemClock,
    onError() {},
  };
  return {
    stream,
    given,
    events,
    link: new TcpLink(stream as Socket, events, options, plainFraming),
  };
}
