/**
 * One connection of HTTP/2 as the judge's client sees it: settings, pings, windows and streams.
 *
 * It keeps RFC 9113 unless a case says otherwise, and measures what the server sends against the
 * windows that it was given.
 *
 * @module
 */

import { MAX_HEAD, otherProtocol } from "../head.ts";
import { join } from "../octets.ts";
import type { Transport, TransportEnd } from "../transport.ts";
import {
  encodeFrame,
  FLAG,
  FRAME_SIZE,
  type Http2Frame,
  Http2FrameReader,
  nameOfCode,
  PREFACE,
  readSettings,
  SETTING,
  settingsFrame,
  TYPE,
  WINDOW,
  wordAt,
  words,
} from "./frames.ts";
import { BadFields, FieldsReader } from "./hpack.ts";
import { type Http2Link, Http2Stream } from "./stream.ts";

/** Octets that the server may send on a stream before the judge has read them. */
const OUR_WINDOW = 1024 * 1024;

/** Octets that are added to the window of the connection, which no case fills. */
const PLENTY = 2 ** 30;

/**
 * Frames without an octet of a WebSocket that the server may send, and how many more for each of ours:
 * a window may be widened twice by every frame that is read. 10.5 calls what goes beyond abuse.
 */
const USELESS = 10_000;
const USELESS_PER_FRAME = 8;

/** Number of CONTINUATION frames of one block. */
const MOST_PARTS = 1000;

/** A transport's writes do not reject: its end is reported by its events. */
const NEVER = (): void => {};

/** Header fields under way. */
interface Block {
  readonly stream: number;
  readonly flags: number;
  readonly parts: Uint8Array[];
  size: number;
}

/** A connection. */
export class Http2Connection implements Http2Link {
  readonly #transport: Transport;
  readonly #reader = new Http2FrameReader();
  readonly #fields = new FieldsReader();
  readonly #streams = new Map<number, Http2Stream>();
  readonly #waiting = new Set<() => void>();
  #nextStream = 1;
  #block: Block | undefined;
  #useless = 0;
  #sent = 0;
  #acknowledged = 0;
  #awaited = 0;
  #pings = 0;
  #complaint: string | undefined;
  #goaway: string | undefined;
  #failure: string | undefined;
  #isSettled = false;
  #ended: TransportEnd | undefined;
  #consumed = 0;

  /** Values of SETTINGS_ENABLE_CONNECT_PROTOCOL from the server, in their order. */
  readonly connectProtocol: number[] = [];

  /** Octets that we may send on the connection. */
  sendWindow = WINDOW;

  /** Octets that we may send on a new stream. */
  initialSendWindow = WINDOW;

  /** Octets that the server may send on a new stream. */
  initialWindow = OUR_WINDOW;

  /** Size of the largest payload that the server takes. */
  maxFrameSize = FRAME_SIZE;

  /** @param transport The octets of the connection. The preface is sent at once. */
  constructor(transport: Transport) {
    this.#transport = transport;
    const first = [
      settingsFrame({ [SETTING.enablePush]: 0, [SETTING.initialWindowSize]: OUR_WINDOW }),
      { type: TYPE.windowUpdate, stream: 0, payload: words(PLENTY) },
    ];
    transport.write(join([PREFACE, ...first.map(encodeFrame)])).catch(NEVER);
    this.#awaited++;
    transport.listen({
      data: (octets) => this.#receive(octets),
      end: (how) => this.#end(how),
    });
  }

  /** Makes another stream; nothing of it is sent before its request. */
  stream(): Http2Stream {
    return new Http2Stream(this);
  }

  /** Registers a stream whose request goes out now; returns its number. */
  register(stream: Http2Stream): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    this.#streams.set(id, stream);
    if (this.#ended !== undefined) stream.finish(this.#ended, this.#endInWords());
    return id;
  }

  /** Writes a frame. */
  send(frame: Http2Frame): Promise<void> {
    if (!isAnswer(frame)) this.#sent++;
    return this.#transport.write(encodeFrame(frame));
  }

  /** Writes a frame for whose way nobody waits. */
  post(frame: Http2Frame): void {
    this.send(frame).catch(NEVER);
  }

  /**
   * Waits until the server has sent its settings.
   *
   * @returns Why it is not ready for an extended CONNECT, and whether it only was not in time.
   */
  async ready(within: number): Promise<{ why: string; timedOut: boolean } | undefined> {
    await this.#until(() => this.#isSettled, within);
    if (this.#complaint !== undefined) return { why: this.#complaint, timedOut: false };
    if (this.#ended !== undefined) {
      return { why: `it ended the connection: ${this.#endInWords()}`, timedOut: false };
    }
    if (!this.#isSettled) return { why: `no SETTINGS in ${within} ms`, timedOut: true };
    // 3: what follows later counts as well; a server that has it says so at once.
    if ((this.connectProtocol.at(-1) ?? 0) > 0) return undefined;
    const why = "it speaks HTTP/2, but has not offered extended CONNECT (RFC 8441, 3)";
    return { why, timedOut: false };
  }

  /** Sends settings; whether they are acknowledged in time (RFC 9113, 6.5.3). */
  async changeSettings(
    values: Readonly<Record<number, number>>,
    within: number,
  ): Promise<boolean> {
    const count = ++this.#awaited;
    const size = values[SETTING.initialWindowSize];
    const grows = size !== undefined && size > this.initialWindow;
    if (grows) this.#resize(size);
    await this.send(settingsFrame(values));
    await this.#until(() => this.#acknowledged >= count, within);
    if (size !== undefined && !grows) this.#resize(size);
    return this.#acknowledged >= count;
  }

  /** Sends a PING; whether it is answered in time (RFC 9113, 6.7). */
  async ping(within: number): Promise<boolean> {
    const count = this.#pings + 1;
    await this.send({ type: TYPE.ping, stream: 0, payload: words(0x6a756467, 0x65000000 + count) });
    await this.#until(() => this.#pings >= count, within);
    return this.#pings >= count;
  }

  /** Records octets that a stream has read, so that the connection's window stays open. */
  consume(octets: number): void {
    this.#consumed += octets;
    if (this.#consumed < PLENTY / 4 || this.#ended !== undefined) return;
    this.post({ type: TYPE.windowUpdate, stream: 0, payload: words(this.#consumed) });
    this.#consumed = 0;
  }

  /** Tears the connection down. */
  drop(): void {
    this.#transport.drop();
  }

  async #until(holds: () => boolean, within: number): Promise<void> {
    const end = performance.now() + within;
    while (!holds() && this.#ended === undefined) {
      const left = end - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiting.add(wake);
      });
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #receive(octets: Uint8Array): void {
    if (!this.#isSettled && this.#complaint === undefined) {
      // A server's first frame is SETTINGS (RFC 9113, 3.4): whatever else is another protocol.
      const other = otherProtocol(octets);
      if (other !== "HTTP/2" && octets.length >= 9) {
        const line = new TextDecoder("latin1").decode(octets.subarray(0, 80)).split("\r\n")[0]!;
        const what = line.startsWith("HTTP/1") ? JSON.stringify(line) : other ?? "other frames";
        this.#complaint = `it does not speak HTTP/2 there: it answered with ${what}`;
        this.#isSettled = true;
      }
    }
    if (this.#complaint === undefined) {
      for (const frame of this.#reader.read(octets)) {
        if (this.#ended === undefined) this.#handle(frame);
      }
      const { oversized } = this.#reader;
      if (oversized !== undefined) {
        this.#fail("9113:4.2", `The server sends a frame of ${oversized} octets: too large`);
      }
    }
    this.#wake();
  }

  #handle(frame: Http2Frame): void {
    const { type, flags = 0, stream: id, payload } = frame;
    const stream = this.#streams.get(id);
    const isUseful = type === TYPE.data && payload.length > 0 && stream !== undefined;
    if (!isUseful && ++this.#useless > USELESS + USELESS_PER_FRAME * this.#sent) {
      return this.#fail("9113:10.5", "The server floods: it sends frames without end");
    }
    switch (type) {
      case TYPE.settings:
        return this.#handleSettings(flags, payload);
      case TYPE.ping:
        if (flags & FLAG.ack) this.#pings++;
        else this.post({ type, flags: FLAG.ack, stream: 0, payload });
        return;
      case TYPE.goaway:
        this.#goaway = `GOAWAY ${nameOfCode(wordAt(payload, 4))}`;
        this.#tell(this.#goaway);
        return;
      case TYPE.windowUpdate:
        return this.#widen(stream, wordAt(payload) & 0x7fffffff, id);
      case TYPE.data:
        if (stream === undefined) return this.consume(payload.length);
        return stream.receiveData(frame);
      case TYPE.resetStream:
        return stream?.receiveReset(wordAt(payload));
      case TYPE.headers:
        this.#block = { stream: id, flags, parts: [], size: 0 };
        return this.#continueBlock(stream?.blockOf(frame) ?? payload, flags);
      case TYPE.continuation:
        return this.#continueBlock(payload, flags);
    }
  }

  #continueBlock(part: Uint8Array, flags: number): void {
    const block = this.#block;
    if (block === undefined) {
      return this.#fail("9113:6.10", "The server sends CONTINUATION behind no HEADERS");
    }
    block.size += part.length;
    block.parts.push(part);
    if (block.size > MAX_HEAD || block.parts.length > MOST_PARTS) {
      return this.#fail("9113:10.5.1", "The server floods: its header fields have no end");
    }
    if (flags & FLAG.endHeaders) this.#endBlock(block);
  }

  /** Ends the connection for what the server has done to all of it. */
  #fail(section: string, note: string): void {
    if (this.#ended !== undefined) return;
    this.#failure = note;
    for (const stream of this.#streams.values()) stream.violate(section, note);
    this.drop();
  }

  #handleSettings(flags: number, payload: Uint8Array): void {
    if (flags & FLAG.ack) {
      this.#acknowledged++;
      return;
    }
    for (const [id, value] of readSettings(payload)) {
      if (id === SETTING.enableConnectProtocol) this.connectProtocol.push(value);
      if (id === SETTING.maxFrameSize) this.maxFrameSize = value;
      if (id !== SETTING.initialWindowSize) continue;
      for (const stream of this.#streams.values()) {
        stream.sendWindow += value - this.initialSendWindow;
      }
      this.initialSendWindow = value;
    }
    this.#isSettled = true;
    this.post({ type: TYPE.settings, flags: FLAG.ack, stream: 0, payload: new Uint8Array(0) });
    for (const stream of this.#streams.values()) stream.pump();
  }

  #widen(stream: Http2Stream | undefined, octets: number, id: number): void {
    if (id === 0) this.sendWindow += octets;
    else if (stream !== undefined) stream.sendWindow += octets;
    for (const one of this.#streams.values()) one.pump();
  }

  #resize(size: number): void {
    for (const stream of this.#streams.values()) stream.window += size - this.initialWindow;
    this.initialWindow = size;
  }

  #endBlock({ stream: id, flags, parts }: Block): void {
    this.#block = undefined;
    try {
      const fields = this.#fields.read(join(parts));
      this.#streams.get(id)?.receiveFields(fields, (flags & FLAG.endStream) !== 0);
    } catch (error) {
      if (!(error instanceof BadFields)) throw error;
      this.#fail("9113:4.3", `The server sends fields that cannot be read: ${error.message}`);
    }
  }

  #tell(text: string): void {
    for (const stream of this.#streams.values()) stream.note(text);
  }

  #endInWords(): string {
    if (this.#failure !== undefined) return this.#failure;
    const end = this.#ended === "reset" ? "a TCP reset" : "the end of TCP";
    return this.#goaway === undefined ? end : `${this.#goaway} and ${end}`;
  }

  #end(how: TransportEnd): void {
    this.#ended = how;
    for (const stream of [...this.#streams.values()]) stream.finish(how, this.#endInWords());
    this.#streams.clear();
    this.#wake();
  }
}

/** Whether a frame only acknowledges one of the server's. */
function isAnswer({ type, flags = 0 }: Http2Frame): boolean {
  return (type === TYPE.settings || type === TYPE.ping) && (flags & FLAG.ack) !== 0;
}
