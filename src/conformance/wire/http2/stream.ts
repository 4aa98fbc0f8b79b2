/**
 * One stream of HTTP/2 as a transport: the octets of a WebSocket in DATA frames (RFC 8441, 5).
 *
 * @module
 */

import type { Head } from "../head.ts";
import { join } from "../octets.ts";
import type { Transport, TransportEnd, TransportEvents } from "../transport.ts";
import { CODE, FLAG, type Http2Frame, nameOfCode, TYPE, unpadded, words } from "./frames.ts";
import { encodeFields, type Field } from "./hpack.ts";

/** The connection, as its streams and the steps of cases see it. */
export interface Http2Link {
  /** Values of SETTINGS_ENABLE_CONNECT_PROTOCOL from the server, in their order. */
  readonly connectProtocol: readonly number[];

  /** Octets that we may send on the connection. */
  sendWindow: number;

  /** Octets that we may send on a new stream. */
  readonly initialSendWindow: number;

  /** Octets that the server may send on a new stream. */
  readonly initialWindow: number;

  /** Size of the largest payload that the server takes. */
  readonly maxFrameSize: number;

  /** Makes another stream; nothing of it is sent before its request. */
  stream(): Http2Stream;

  /** Registers a stream whose request goes out now; returns its number. */
  register(stream: Http2Stream): number;

  /** Writes a frame. */
  send(frame: Http2Frame): Promise<void>;

  /** Writes a frame for whose way nobody waits. */
  post(frame: Http2Frame): void;

  /** Records octets that a stream has got, so that the connection's window stays open. */
  consume(octets: number): void;

  /** Waits for the server's settings; returns why there is no extended CONNECT, if so. */
  ready(within: number): Promise<{ why: string; timedOut: boolean } | undefined>;

  /** Sends settings; whether they are acknowledged in time. */
  changeSettings(values: Readonly<Record<number, number>>, within: number): Promise<boolean>;

  /** Sends a PING; whether it is answered in time. */
  ping(within: number): Promise<boolean>;

  /** Tears the connection down. */
  drop(): void;
}

/** How octets are put into DATA frames. */
export interface Carriage {
  /** Octets of each DATA frame, at most. Default: as many as the server takes. */
  readonly octets?: number;

  /** Octets of padding in each, 0 to 255. Default: no padding. */
  readonly padding?: number;

  /** Number of empty DATA frames in front of each. Default: none. */
  readonly empty?: number;
}

/** Octets that wait for a window, or the end of the stream. */
interface Pending {
  octets: Uint8Array;
  readonly ends: boolean;
  readonly done: () => void;
}

const EMPTY = new Uint8Array(0);

/** A stream. */
export class Http2Stream implements Transport {
  #events: TransportEvents | undefined;
  #early: ((events: TransportEvents) => void)[] = [];
  #pending: Pending[] = [];
  #held: Uint8Array[] = [];
  #heldEnd = false;
  #isReading = true;
  #isHead = true;
  #isEnded = false;
  #isOver = false;
  #id = 0;

  /** The connection. */
  readonly connection: Http2Link;

  /** Octets that we may send. */
  sendWindow = 0;

  /** Octets that the server may send. */
  window = 0;

  /** How octets are put into DATA frames. */
  carriage: Carriage = {};

  /** Whether the window stays as it is, although we read. */
  isHeld = false;

  /** Code of the server's RST_STREAM; "end" after END_STREAM. */
  ending: number | "end" | undefined;

  /** @param connection The connection, which numbers the stream when the request is sent. */
  constructor(connection: Http2Link) {
    this.connection = connection;
  }

  /** Number of the stream; 0 before the request. */
  get id(): number {
    return this.#id;
  }

  /** Sends the request. */
  async request(fields: readonly Field[], endStream = false): Promise<void> {
    const { connection } = this;
    this.sendWindow = connection.initialSendWindow;
    this.window = connection.initialWindow;
    this.#id = connection.register(this);
    await connection.send({
      type: TYPE.headers,
      flags: FLAG.endHeaders | (endStream ? FLAG.endStream : 0),
      stream: this.#id,
      payload: encodeFields(fields),
    });
  }

  listen(events: TransportEvents): void {
    this.#events = events;
    for (const event of this.#early.splice(0)) event(events);
  }

  write(octets: Uint8Array): Promise<void> {
    return this.#enqueue(octets, false);
  }

  /** Writes octets whose last DATA frame ends our side. */
  writeAndEnd(octets: Uint8Array): Promise<void> {
    return this.#enqueue(octets, true);
  }

  #enqueue(octets: Uint8Array, ends: boolean): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isOver || this.#isEnded) return resolve();
      this.#isEnded = ends;
      this.#pending.push({ octets, ends, done: resolve });
      this.pump();
    });
  }

  /** Sends what the windows allow. */
  pump(): void {
    const { octets: most = Infinity, padding, empty = 0 } = this.carriage;
    const extra = padding === undefined ? 0 : 1 + padding;
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      const { connection } = this;
      const room = Math.min(connection.maxFrameSize, connection.sendWindow, this.sendWindow) -
        extra;
      if (room <= 0 && first.octets.length > 0) return;
      const part = first.octets.subarray(0, Math.min(room, most));
      first.octets = first.octets.subarray(part.length);
      const isLast = first.octets.length === 0;
      for (let count = 0; count < empty; count++) {
        this.connection.post({ type: TYPE.data, stream: this.#id, payload: EMPTY });
      }
      const sent = this.#sendData(part, isLast && first.ends, padding);
      if (!isLast) continue;
      this.#pending.shift();
      sent.then(first.done, first.done);
    }
  }

  #sendData(octets: Uint8Array, ends = false, padding?: number): Promise<void> {
    const payload = padding === undefined
      ? octets
      : join([Uint8Array.of(padding), octets, new Uint8Array(padding)]);
    const flags = (ends ? FLAG.endStream : 0) | (padding === undefined ? 0 : FLAG.padded);
    this.sendWindow -= payload.length;
    this.connection.sendWindow -= payload.length;
    return this.connection.send({ type: TYPE.data, flags, stream: this.#id, payload });
  }

  /** Lets the server send more octets. */
  grant(octets: number): Promise<void> {
    this.window += octets;
    const payload = words(octets);
    return this.connection.send({ type: TYPE.windowUpdate, stream: this.#id, payload });
  }

  read(on: boolean): void {
    this.#isReading = on;
    if (!on) return;
    for (const octets of this.#held.splice(0)) this.#deliver(octets);
    if (this.#heldEnd) this.finish("fin", "END_STREAM");
  }

  end(): void {
    this.writeAndEnd(EMPTY).catch(() => {}); // it does not reject
  }

  drop(reset = false): void {
    if (reset) {
      this.reset(CODE.cancel).catch(() => {}); // it does not reject
      return;
    }
    this.connection.drop();
    this.finish("dropped");
  }

  /** Resets the stream. */
  async reset(code: number): Promise<void> {
    const sent = this.connection.send({
      type: TYPE.resetStream,
      stream: this.#id,
      payload: words(code),
    });
    this.finish("dropped");
    await sent;
  }

  /** Returns the fields of a HEADERS frame, without its padding. */
  blockOf(frame: Http2Frame): Uint8Array {
    return unpadded(frame) ?? EMPTY;
  }

  /** Takes the fields of the response, or those behind it. */
  receiveFields(fields: readonly Field[], ends: boolean): void {
    const status = Number(fields.find(([name]) => name === ":status")?.[1]);
    const isInterim = status >= 100 && status < 200 && status !== 101;
    if (this.#isHead && !isInterim) {
      this.#isHead = false;
      const head = headOf(fields, status);
      this.#report((events) => events.head?.(head));
    }
    if (ends) this.#receiveEnd();
  }

  /** Takes DATA. */
  receiveData(frame: Http2Frame): void {
    const { payload, flags = 0 } = frame;
    this.window -= payload.length;
    this.connection.consume(payload.length);
    const octets = unpadded(frame);
    if (this.window < 0 || octets === undefined) {
      const [section, note] = octets === undefined
        ? ["9113:6.1", "DATA has more padding than payload"]
        : ["9113:6.9.1", `DATA exceeds the window of its stream by ${-this.window} octets`];
      this.violate(section, note);
      return this.connection.drop(); // 6.9.1: what goes on to send would never end
    }
    if (octets.length > 0) {
      if (this.#isReading) this.#deliver(octets, payload.length);
      else this.#held.push(octets);
    }
    if (flags & FLAG.endStream) this.#receiveEnd();
  }

  #deliver(octets: Uint8Array, size = octets.length): void {
    if (!this.isHeld && !this.#isOver) this.grant(size).catch(() => {});
    this.#report((events) => events.data(octets));
  }

  #receiveEnd(): void {
    this.ending = "end";
    if (this.#held.length > 0) this.#heldEnd = true;
    else this.finish("fin", "END_STREAM");
  }

  /** Takes RST_STREAM. */
  receiveReset(code: number): void {
    this.ending ??= code; // RST_STREAM behind END_STREAM is about our side only
    this.finish("reset", `RST_STREAM ${nameOfCode(code)}`);
  }

  /** Writes a line about the connection into the wire log. */
  note(text: string): void {
    this.#report((events) => events.note?.(text));
  }

  /** The server has violated a section of the protocol. */
  violate(section: string, note: string): void {
    this.#report((events) => events.violate?.(section, note));
  }

  /** Nothing more will arrive. */
  finish(how: TransportEnd, words?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // The server's end is answered with ours, as a client ends TCP (RFC 6455, 7.1.1).
    if (this.ending === "end" && !this.#isEnded) {
      const { endStream: flags } = FLAG;
      this.connection.post({ type: TYPE.data, flags, stream: this.#id, payload: EMPTY });
    }
    for (const { done } of this.#pending.splice(0)) done();
    this.#report((events) => events.end(how, words));
  }

  #report(event: (events: TransportEvents) => void): void {
    if (this.#events === undefined) this.#early.push(event);
    else event(this.#events);
  }
}

/** Makes a head of the fields of a response. */
function headOf(fields: readonly Field[], status: number): Head {
  const headers = new Map<string, string[]>();
  for (const [name, value] of fields) {
    if (!name.startsWith(":")) headers.set(name, [...headers.get(name) ?? [], value]);
  }
  return { line: `HTTP/2 ${status}`, headers, size: 0, status };
}
