/**
 * The far end of one connection, as the judge sees it: octets in, happenings out, in a queue.
 *
 * It also watches the peer's own conduct. A breach of the protocol is a happening like any other,
 * and the last one before the end.
 *
 * @module
 */

import type { Deflate } from "../wire/deflate.ts";
import { complaintAbout, readClose } from "./violations.ts";
import { FrameReader, FrameTooLarge, type ReadFrame } from "../wire/frame_reader.ts";
import { type Head, MAX_HEAD, readHead } from "../wire/head.ts";
import type { Transport, TransportEnd } from "../wire/transport.ts";
import { HEX_BYTES, type Side } from "../result.ts";
import { close, pong } from "../wire/frame.ts";
import { Writer } from "./writer.ts";
import { describeFrame, describePayload, type WireLog } from "./wire_log.ts";

/** Something the peer did. */
export type PeerEvent =
  | { readonly what: "message"; readonly opcode: number; readonly payload: Uint8Array }
  | { readonly what: "pong"; readonly opcode: number; readonly payload: Uint8Array }
  | { readonly what: "close"; readonly code: number; readonly reason: string }
  | { readonly what: "breach"; readonly section: string; readonly note: string }
  | { readonly what: "end"; readonly how: TransportEnd }
  | { readonly what: "silence"; readonly ms: number };

/** The largest message that is held: twice the largest that any case sends, and some more. */
export const MAX_MESSAGE = 40 * 1024 * 1024;

/** How many octets a peer may send that no case asked for, before it counts as flooding. */
const MAX_QUEUED = 64 * 1024 * 1024;
const MAX_EVENTS = 250_000;

/** How many masking keys are remembered. */
const MAX_KEYS = 64;

const latin1 = new TextDecoder("latin1");

/** Stands in the queue where a happening has been taken, so that its payload can go. */
const TAKEN: PeerEvent = { what: "silence", ms: 0 };

/** One connection. */
export class Peer {
  readonly #line: Transport;
  readonly #log: WireLog;
  readonly #isClient: boolean;
  readonly #reader = new FrameReader(MAX_MESSAGE, HEX_BYTES);
  #octets: Uint8Array | undefined = new Uint8Array(0);
  #head: Head | string | undefined;
  #logged = false;
  #queue: PeerEvent[] = [];
  #cursor = 0;
  #marks = 0;
  #queued = 0;
  #pings = 0;
  #wake: (() => void) | undefined;
  #fragments: Uint8Array[] | undefined;
  #fragmentBytes = 0;
  #opcode = 0;
  #squeezed = false;
  #over = false;

  /** What we write. */
  readonly out: Writer;

  /** The peer's Close frame, once it is here. */
  close: { readonly code: number; readonly reason: string } | undefined;

  /** The masking keys of the first frames that came. */
  readonly keys: string[] = [];

  /** How the line ended, once it has. */
  ended: TransportEnd | undefined;

  #peerFirst = false;

  /**
   * @param isClient Whether the judge plays the client, and so masks.
   * @param patience How long a write may find no taker, in ms.
   */
  constructor(line: Transport, log: WireLog, isClient: boolean, patience: number) {
    this.out = new Writer(line, log, isClient, patience);
    this.#line = line;
    this.#log = log;
    this.#isClient = isClient;
    log.add("judge", "tcp", isClient ? "Connected" : "Accepted");
    line.listen({
      data: (octets) => this.#data(octets),
      end: (how) => this.#end(how),
    });
  }

  /** Whose Close frame came first. */
  get closedBy(): Side | null {
    return this.#peerFirst ? "peer" : this.out.sentClose ? "judge" : null;
  }

  /** The compression that was agreed, if any. */
  set deflate(deflate: Deflate) {
    this.out.deflate = deflate;
  }

  #data(octets: Uint8Array): void {
    this.out.moved = performance.now();
    if (this.#over) return;
    if (this.#octets === undefined) return this.#frames(octets);
    const joined = new Uint8Array(this.#octets.length + octets.length);
    joined.set(this.#octets);
    joined.set(octets, this.#octets.length);
    this.#octets = joined;
    this.#head ??= readHead(joined);
    // Nobody waits for a head any more, or it never ends: hold no more.
    if (joined.length > 2 * MAX_HEAD) this.#line.read(false);
    this.#notify();
  }

  /** Takes the peer's head, once it is here; then frames follow. */
  async head(within: number): Promise<Head | string | undefined> {
    await this.#until(() => this.#head !== undefined || this.ended !== undefined, within);
    const octets = this.#octets;
    const head = this.#head;
    if (head === undefined || octets === undefined || this.#logged) return head;
    this.#logged = true;
    if (typeof head === "string") {
      this.#log.add("peer", "bytes", describePayload(octets.slice(0, 400)), octets);
      return head;
    }
    const text = latin1.decode(octets.subarray(0, head.size));
    this.#log.add("peer", "http", text, undefined, head.size);
    return head;
  }

  /** From here on, what comes is frames. Called once the handshake is done. */
  switchToFrames(): void {
    const octets = this.#octets;
    const size = typeof this.#head === "object" ? this.#head.size : 0;
    this.#octets = undefined;
    this.#line.read(true);
    if (octets !== undefined && octets.length > size) this.#frames(octets.subarray(size));
    if (this.ended !== undefined) this.#pushEnd(this.ended);
  }

  /** What came after the head, when no frames are expected. */
  get body(): Uint8Array {
    const size = typeof this.#head === "object" ? this.#head.size : 0;
    return this.#octets?.subarray(size) ?? new Uint8Array(0);
  }

  #end(how: TransportEnd): void {
    if (this.ended !== undefined) return;
    this.out.moved = performance.now();
    this.ended = how;
    this.out.ended = true;
    const words = { fin: "Ended by the peer", reset: "Reset by the peer", dropped: "Dropped" };
    this.#log.add(how === "dropped" ? "judge" : "peer", "tcp", words[how]);
    // Frames that came behind the head have yet to be read: the end is behind them.
    if (this.#octets === undefined) this.#pushEnd(how);
    this.#notify();
  }

  #pushEnd(how: TransportEnd): void {
    if (this.#reader.pending > 0 && this.close === undefined && !this.#over && how === "fin") {
      this.#breach("7.1.1", "The peer ended TCP in the middle of a frame");
    }
    this.#push({ what: "end", how });
  }

  #push(happening: PeerEvent): void {
    if ("payload" in happening) this.#queued += happening.payload.length;
    this.#queue.push(happening);
    if (this.#queued > MAX_QUEUED || this.#queue.length - this.#cursor > MAX_EVENTS) {
      this.#queued = -Infinity;
      this.#breach("10.4", "The peer floods: it sends what nobody asked for, without end");
    }
    this.#notify();
  }

  #notify(): void {
    this.#wake?.();
  }

  #breach(section: string, note: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#line.read(false); // Whatever it has to say: it is not heard.
    this.#push({ what: "breach", section, note });
  }

  #frames(octets: Uint8Array): void {
    try {
      for (const frame of this.#reader.push(octets)) {
        this.#frame(frame);
        if (this.#over) return;
      }
    } catch (error) {
      if (!(error instanceof FrameTooLarge)) throw error;
      this.#breach("10.4", `The peer announces a frame of ${error.length} bytes`);
    }
  }

  #frame(frame: ReadFrame): void {
    const { opcode, fin, rsv, masked, payload, wire, head } = frame;
    const size = head + payload.length;
    const kept = { opcode, fin, rsv, masked, length: payload.length };
    this.#log.add("peer", "frame", () => describeFrame(frame), wire, size, kept);
    if (masked && this.keys.length < MAX_KEYS) this.keys.push(frame.key);
    const complaint = complaintAbout(frame, {
      isClient: this.#isClient,
      closed: this.close !== undefined,
      inMessage: this.#fragments !== undefined,
      deflates: this.out.deflate !== undefined,
    });
    if (complaint) return this.#breach(...complaint);

    if (opcode === 0x9) {
      if (++this.#pings > MAX_EVENTS) return this.#breach("10.4", "The peer pings without end");
      // 5.5.2
      if (!this.out.sentClose) this.out.answer(pong(payload));
      return;
    }
    if (opcode === 0xa) return this.#push({ what: "pong", opcode, payload });
    if (opcode === 0x8) return this.#closed(payload);

    if (opcode !== 0x0) {
      this.#opcode = opcode;
      this.#squeezed = (rsv & 4) !== 0;
      if (fin) return this.#message(payload);
      this.#fragments = [];
      this.#fragmentBytes = 0;
    }
    this.#fragments!.push(payload);
    this.#fragmentBytes += payload.length;
    if (this.#fragmentBytes > MAX_MESSAGE) {
      return this.#breach("10.4", "The peer's message has no end");
    }
    if (!fin) return;
    const whole = new Uint8Array(this.#fragmentBytes);
    let at = 0;
    for (const part of this.#fragments!) {
      whole.set(part, at);
      at += part.length;
    }
    this.#fragments = undefined;
    this.#message(whole);
  }

  #message(payload: Uint8Array): void {
    let plain = payload;
    if (this.#squeezed) {
      try {
        plain = this.out.deflate!.inflate(payload);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return this.#breach(
          "7692:7.2.2",
          `The peer's compressed message cannot be inflated: ${why}`,
        );
      }
    }
    this.#push({ what: "message", opcode: this.#opcode, payload: plain });
  }

  #closed(payload: Uint8Array): void {
    const read = readClose(payload, this.out.sentClose);
    if (!("code" in read)) return this.#breach(...read);
    this.close = read;
    this.#peerFirst = !this.out.sentClose;
    if (!this.out.sentClose) this.out.answer(read.code === 1005 ? close() : close(read.code));
    this.#push({ what: "close", ...read });
  }

  /** Stops or resumes reading. */
  read(on: boolean): void {
    this.out.reading = on;
    this.#line.read(on);
  }

  /** Ends our side. */
  hangUp(how: "fin" | "reset"): void {
    this.#log.add("judge", "tcp", how === "fin" ? "Ended by us" : "Reset by us");
    if (how === "fin") this.#line.end();
    else this.#line.drop(true);
  }

  /** Lets go of everything. */
  drop(): void {
    this.#line.drop();
  }

  /** Remembers the place in the queue; {@linkcode Peer.rewind} goes back there. */
  mark(): number {
    this.#marks++;
    return this.#cursor;
  }

  /** Forgets the mark, going back to it if asked. */
  rewind(mark: number, back: boolean): void {
    this.#marks--;
    if (back) this.#cursor = mark;
  }

  /** Whether something is waiting in the queue. */
  get waiting(): boolean {
    return this.#cursor < this.#queue.length;
  }

  /** The next happening, or silence. The end is repeated for ever. */
  async next(within: number): Promise<PeerEvent> {
    await this.#until(() => this.waiting || this.ended !== undefined, within);
    const end = this.ended && { what: "end", how: this.ended } as const;
    const happening = this.#queue[this.#cursor] ?? end;
    if (happening === undefined) return { what: "silence", ms: within };
    if (happening.what === "end") return happening;
    this.#cursor++;
    if (this.#marks === 0) this.#forget(happening);
    return happening;
  }

  #forget(taken: PeerEvent): void {
    if ("payload" in taken) this.#queued -= taken.payload.length;
    this.#queue[this.#cursor - 1] = TAKEN;
    if (this.#cursor < 1024 && this.#cursor < this.#queue.length) return;
    this.#queue.splice(0, this.#cursor);
    this.#cursor = 0;
  }

  /** Waits until something holds, as long as octets keep moving and `within` ms beyond. */
  async #until(holds: () => boolean, within: number): Promise<void> {
    const begun = performance.now();
    while (!holds()) {
      const now = performance.now();
      // However much moves: nothing that is asked for takes ten times as long.
      const until = Math.min(Math.max(this.out.moved, begun) + within, begun + 10 * within);
      if (now >= until) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, until - now);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }
}
