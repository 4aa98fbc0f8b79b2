/**
 * The peer at the other end of one connection, as the judge sees it: octets in, events out.
 *
 * It composes the parts of a connection: the head of the handshake ({@linkcode HeadReader}), frames
 * and violations ({@linkcode FrameReceiver}), the queue ({@linkcode PeerEvents}) and what we write
 * ({@linkcode Writer}).
 *
 * @module
 */

import type { Side } from "../result.ts";
import type { Deflate } from "../wire/deflate.ts";
import { close, pong } from "../wire/frame.ts";
import type { Head } from "../wire/head.ts";
import { HeadReader } from "../wire/head_reader.ts";
import { Http2Stream } from "../wire/http2/stream.ts";
import type { Transport, TransportEnd } from "../wire/transport.ts";
import { Activity } from "./activity.ts";
import { FrameReceiver, type PeerPing } from "./frame_receiver.ts";
import { type PeerEvent, PeerEvents } from "./peer_events.ts";
import { type PeerClose, violation } from "./violations.ts";
import { describePayload, type WireLog } from "./wire_log.ts";
import { Writer } from "./writer.ts";

const latin1 = new TextDecoder("latin1");

/** Words of the wire log for the end of a connection. */
const END_TEXTS: Readonly<Record<TransportEnd, string>> = {
  fin: "Ended by the peer",
  reset: "Reset by the peer",
  dropped: "Dropped",
};

/** One connection. */
export class Peer {
  readonly #transport: Transport;
  readonly #log: WireLog;
  readonly #activity = new Activity();
  readonly #head = new HeadReader();
  readonly #receiver: FrameReceiver;
  readonly #events = new PeerEvents();
  #isHeadLogged = false;
  #expectsFrames = false;
  #closedFirst = false;
  #isReading = true;
  #ended: TransportEnd | undefined;
  #endWords: string | undefined;

  /** Whether the peer has violated the protocol: nothing that follows counts. */
  #isOver = false;

  /** The sending side. */
  readonly out: Writer;

  /**
   * @param isClient Whether the judge plays the client, and so masks.
   * @param patience Milliseconds that a write may wait for the peer to take anything.
   */
  constructor(transport: Transport, log: WireLog, isClient: boolean, patience: number) {
    this.#transport = transport;
    this.#log = log;
    this.out = new Writer(transport, log, this.#activity, { isClient, patience });
    this.#receiver = new FrameReceiver(log, { isClient, hasSentClose: () => this.out.sentClose });
    log.add("judge", "tcp", isClient ? "Connected" : "Accepted");
    transport.listen({
      data: (octets) => this.#receive(octets),
      end: (how, words) => this.#end(how, words),
      head: (head) => {
        this.#activity.touch();
        this.#head.take(head);
        this.#activity.notify();
      },
      note: (text) => log.add("peer", "tcp", text),
      violate: (section, note) => this.#isOver || this.#handle(violation(section, note)),
    });
  }

  /** The stream of HTTP/2 that it is, if it is one. */
  get stream(): Http2Stream | undefined {
    return this.#transport instanceof Http2Stream ? this.#transport : undefined;
  }

  /** The peer's Close frame, once it has arrived. */
  get close(): PeerClose | undefined {
    return this.#receiver.close;
  }

  /** The side whose Close frame came first. */
  get closedBy(): Side | null {
    return this.#closedFirst ? "peer" : this.out.sentClose ? "judge" : null;
  }

  /** End of the connection, once it has ended. */
  get ended(): TransportEnd | undefined {
    return this.#ended;
  }

  /** Whether what arrives is read, as far as the case has asked for it. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** The masking keys of the peer's first frames, in hex. */
  get keys(): readonly string[] {
    return this.#receiver.keys;
  }

  /**
   * Waits for the peer's head.
   *
   * @returns The head; `undefined` if none came; the reason if it is not one.
   */
  async head(within: number): Promise<Head | string | undefined> {
    const reader = this.#head;
    await this.#activity.until(
      () => reader.head !== undefined || this.#ended !== undefined,
      within,
    );
    if (reader.head !== undefined) this.#logHead(reader.head);
    return reader.head;
  }

  #logHead(head: Head | string): void {
    if (this.#isHeadLogged || this.#expectsFrames) return;
    this.#isHeadLogged = true;
    const { octets } = this.#head;
    if (typeof head === "string") {
      this.#log.add("peer", "bytes", describePayload(octets.slice(0, 400)), octets);
    } else if (head.status !== undefined) {
      const fields = [...head.headers].flatMap(([name, values]) =>
        values.map((value) => `${name}: ${value}`)
      );
      this.#log.add("peer", "http", [head.line, ...fields].join("\r\n"));
    } else {
      const text = latin1.decode(octets.subarray(0, head.size));
      this.#log.add("peer", "http", text, undefined, head.size);
    }
  }

  /** Negotiation is over: messages of both sides may be compressed. */
  enableDeflate(deflate: Deflate): void {
    this.out.compress = (payload) => deflate.compress(payload);
    this.#receiver.enableInflate((payload) => deflate.inflate(payload));
  }

  /** The handshake is over: from here on, octets are frames. */
  switchToFrames(): void {
    this.#expectsFrames = true;
    const octets = this.#head.release();
    this.#transport.read(true);
    if (octets.length > 0) this.#receiveFrames(octets);
    if (this.#ended !== undefined) this.#pushEnd(this.#ended);
  }

  #receive(octets: Uint8Array): void {
    this.#activity.touch();
    if (this.#isOver) return;
    if (this.#expectsFrames) return this.#receiveFrames(octets);
    this.#head.push(octets);
    // The head has been read or never ends: buffer no more.
    if (this.#head.isFull) this.#transport.read(false);
    this.#activity.notify();
  }

  #receiveFrames(octets: Uint8Array): void {
    for (const event of this.#receiver.receive(octets)) {
      this.#handle(event);
      if (this.#isOver) return;
    }
  }

  #handle(event: PeerEvent | PeerPing): void {
    const { sentClose } = this.out;
    switch (event.what) {
      case "ping":
        if (!sentClose) this.out.answer(pong(event.payload)); // 5.5.2
        return;
      case "close":
        this.#closedFirst = !sentClose;
        if (!sentClose) this.out.answer(event.code === 1005 ? close() : close(event.code));
        break;
      case "violation":
        this.#isOver = true;
        this.#transport.read(false);
        break;
    }
    this.#push(event);
  }

  #push(event: PeerEvent): void {
    this.#events.push(event);
    if (this.#events.isFlooded && !this.#isOver) {
      const note = "The peer floods: it sends what nobody asked for, without end";
      this.#handle(violation("10.4", note));
    }
    this.#activity.notify();
  }

  #end(how: TransportEnd, words: string | undefined): void {
    if (this.#ended !== undefined) return;
    this.#activity.touch();
    this.#ended = how;
    this.#endWords = words;
    this.out.stop();
    this.#log.add(how === "dropped" ? "judge" : "peer", "tcp", words ?? END_TEXTS[how]);
    // Frames behind the head have yet to be read: the end comes after them.
    if (this.#expectsFrames) this.#pushEnd(how);
    this.#activity.notify();
  }

  #pushEnd(how: TransportEnd): void {
    // 7.1.1: it SHOULD end cleanly, and MAY end by any means: no violation by itself.
    const isCut = this.#receiver.isInFrame && this.close === undefined && how === "fin";
    const words = this.#endWords;
    this.#push({ what: "end", how, isCut, ...(words !== undefined && { words }) });
  }

  /** Takes the next event, or silence after `within` ms. The end repeats for ever. */
  async next(within: number): Promise<PeerEvent> {
    await this.#activity.until(
      () => this.#events.hasNext || this.#ended !== undefined,
      within,
    );
    const event = this.#events.take();
    if (event !== undefined) return event;
    return this.#ended === undefined
      ? { what: "silence", ms: within }
      // What was cut has been taken before.
      : { what: "end", how: this.#ended, ...(this.#endWords && { words: this.#endWords }) };
  }

  /** Marks the position in the queue of events; {@linkcode Peer.release} can return to it. */
  mark(): number {
    return this.#events.mark();
  }

  /** Releases a mark, and optionally returns to its position. */
  release(mark: number, rewind: boolean): void {
    this.#events.release(mark, rewind);
  }

  /** Stops or resumes reading. While we do not read, the peer need not read either. */
  read(on: boolean): void {
    this.#isReading = on;
    this.out.setExcused(!on);
    this.#transport.read(on);
  }

  /** Ends our side: half-closed ("fin") or torn down ("reset"). */
  hangUp(how: "fin" | "reset"): void {
    this.#log.add("judge", "tcp", how === "fin" ? "Ended by us" : "Reset by us");
    if (how === "fin") this.#transport.end();
    else this.#transport.drop(true);
  }

  /** Tears the connection down. */
  drop(): void {
    this.#transport.drop();
  }
}
