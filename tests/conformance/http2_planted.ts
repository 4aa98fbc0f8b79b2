/**
 * A WebSocket server over HTTP/2 without TLS, written frame by frame, with one planted fault.
 *
 * Its frames are coded by the judge's own functions, which a server on `node:http2` tries besides.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import {
  CODE,
  encodeFrame,
  FLAG,
  type Http2Frame,
  Http2FrameReader,
  readSettings,
  SETTING,
  settingsFrame,
  TYPE,
  unpadded,
  WINDOW,
  wordAt,
  words,
} from "../../src/conformance/wire/http2/frames.ts";
import { encodeFields, type Field, FieldsReader } from "../../src/conformance/wire/http2/hpack.ts";
import { join } from "../../src/conformance/wire/octets.ts";
import type { Faults } from "./faults.ts";
import { type Fields, refusalOf, Tunnel } from "./http2_gateway.ts";

/** Differences of a server from a correct one. */
export interface Http2Faults {
  /** Its first settings. Default: SETTINGS_ENABLE_CONNECT_PROTOCOL is 1. */
  readonly settings?: Readonly<Record<number, number>>;

  /** Settings that it sends behind the first response. */
  readonly later?: Readonly<Record<number, number>>;

  /** Changes what it reads of a request, before anything is checked. */
  readonly reads?: (fields: Field[]) => Field[];

  /** Status of a request, 0 to take it; `undefined` to decide as a correct server does. */
  readonly refuses?: (fields: Fields) => number | undefined;

  /** Further fields of the response to a request that it takes. */
  readonly fields?: readonly Field[];

  /** What it forgets to do. */
  readonly forgets?:
    | "pings"
    | "acknowledgements"
    | "windows"
    | "padding"
    | "end of the stream"
    | "updates";

  /** How it ends a stream instead of END_STREAM: a code for RST_STREAM. */
  readonly ends?: number;

  /** Called with a frame before it is read; returns the frame, or `undefined` to lose it. */
  readonly received?: (frame: Http2Frame, session: Session) => Http2Frame | undefined;

  /** Number of the stream that an answer goes to. */
  readonly answersOn?: (stream: number, session: Session) => number;

  /** Faults of the WebSocket. */
  readonly faults?: Faults;
}

const EMPTY = new Uint8Array(0);
const HOP = ["connection", "upgrade", "transfer-encoding", "keep-alive"];
const PSEUDO = [":method", ":protocol", ":scheme", ":path", ":authority"];

/** Whether a request is malformed (RFC 9113, 8.1.1). */
function isMalformed(fields: readonly Field[]): boolean {
  const names = fields.map(([name]) => name);
  const pseudo = names.filter((name) => name.startsWith(":"));
  if (new Set(pseudo).size < pseudo.length) return true;
  if (pseudo.some((name) => !PSEUDO.includes(name)) || names.some((name) => HOP.includes(name))) {
    return true;
  }
  const known = Object.fromEntries(fields);
  const isPlain = known[":method"] === "CONNECT" && known[":protocol"] === undefined;
  return isPlain ? pseudo.length > 2 : !known[":scheme"] || !known[":path"];
}

/** A stream that is open. */
interface Stream {
  readonly tunnel: Tunnel;
  window: number;
  readonly queue: { octets: Uint8Array; readonly ends: boolean }[];
}

/** One connection. */
export class Session {
  readonly #socket: Socket;
  readonly #faults: Http2Faults;
  readonly #reader = new Http2FrameReader();
  readonly #fields = new FieldsReader();
  #preface = 24;
  #initial = WINDOW;
  #window = WINDOW;
  #hasChanged = false;

  /** The streams that are open. */
  readonly streams = new Map<number, Stream>();

  /** @param faults Its faults. */
  constructor(socket: Socket, faults: Http2Faults) {
    this.#socket = socket;
    this.#faults = faults;
    this.send(settingsFrame(faults.settings ?? { [SETTING.enableConnectProtocol]: 1 }));
    socket.on("data", (octets: Buffer) => this.#receive(octets));
    socket.on("error", () => {});
    socket.on("end", () => this.end());
    socket.on("close", () => this.streams.forEach(({ tunnel }) => tunnel.drop()));
  }

  /** Sends a frame. */
  send(frame: Http2Frame): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame(frame));
  }

  /** Sends frames again and again, as fast as they are read. */
  pour(frames: readonly Http2Frame[]): void {
    const one = join(frames.map(encodeFrame));
    const octets = join(Array.from({ length: Math.ceil(65_536 / one.length) }, () => one));
    const write = (): void => {
      while (!this.#socket.destroyed && this.#socket.write(octets));
      if (!this.#socket.destroyed) this.#socket.once("drain", write);
    };
    write();
  }

  /** Ends the connection. */
  end(): void {
    this.#socket.end();
  }

  #receive(octets: Buffer): void {
    const skipped = Math.min(this.#preface, octets.length);
    this.#preface -= skipped;
    for (const frame of this.#reader.read(octets.subarray(skipped))) {
      const { received } = this.#faults;
      const kept = received === undefined ? frame : received(frame, this);
      if (kept !== undefined) this.#handle(kept);
    }
  }

  #handle(frame: Http2Frame): void {
    const { type, flags = 0, stream: id, payload } = frame;
    const { forgets } = this.#faults;
    const stream = this.streams.get(id);
    if (type === TYPE.settings && !(flags & FLAG.ack)) {
      for (const [name, value] of readSettings(payload)) {
        if (name !== SETTING.initialWindowSize) continue;
        for (const one of this.streams.values()) one.window += value - this.#initial;
        this.#initial = value;
      }
      if (forgets !== "acknowledgements") {
        this.send({ type, flags: FLAG.ack, stream: 0, payload: EMPTY });
      }
      this.#pump();
    } else if (type === TYPE.ping && !(flags & FLAG.ack)) {
      if (forgets !== "pings") this.send({ type, flags: FLAG.ack, stream: 0, payload });
    } else if (type === TYPE.windowUpdate) {
      if (id === 0) this.#window += wordAt(payload);
      else if (stream !== undefined && forgets !== "updates") stream.window += wordAt(payload);
      this.#pump();
    } else if (type === TYPE.headers) {
      this.#open(id, this.#fields.read(payload), (flags & FLAG.endStream) !== 0);
    } else if (type === TYPE.data && stream !== undefined) {
      const octets = forgets === "padding" ? payload : unpadded(frame) ?? EMPTY;
      if (payload.length > 0) {
        const update = { type: TYPE.windowUpdate, payload: words(payload.length) };
        this.send({ ...update, stream: 0 });
        this.send({ ...update, stream: id });
      }
      if (octets.length > 0) stream.tunnel.write(octets);
      if (flags & FLAG.endStream && forgets !== "end of the stream") stream.tunnel.end();
    } else if (type === TYPE.resetStream && stream !== undefined) {
      this.streams.delete(id);
      stream.tunnel.drop();
    }
  }

  #open(id: number, sent: Field[], ends: boolean): void {
    const { reads, refuses, fields: more = [], faults = {}, ends: code } = this.#faults;
    const list = reads?.(sent) ?? sent;
    const fields: Fields = Object.fromEntries(list);
    const refusal = refuses?.(fields);
    if (refusal === undefined && isMalformed(list)) {
      return this.send({ type: TYPE.resetStream, stream: id, payload: words(CODE.protocolError) });
    }
    const answered = refusal ?? refusalOf(fields);
    if (answered !== 0) return this.#respond(id, [[":status", `${answered}`]], FLAG.endStream);
    const stream: Stream = {
      window: this.#initial,
      queue: [],
      tunnel: new Tunnel({ ...fields, "sec-websocket-version": "13" }, faults, {
        answer: (got, passed) => {
          const own: Field[] = [[":status", `${got}`], ...more];
          this.#respond(id, [...own, ...Object.entries(passed)]);
          if (this.#faults.later === undefined || this.#hasChanged) return;
          this.#hasChanged = true;
          this.send(settingsFrame(this.#faults.later));
        },
        data: (octets) => this.#answer(id, octets, false),
        end: () => {
          if (code === undefined) return this.#answer(id, EMPTY, true);
          this.send({ type: TYPE.resetStream, stream: id, payload: words(code) });
          this.streams.delete(id);
        },
      }),
    };
    this.streams.set(id, stream);
    if (ends) stream.tunnel.end();
    this.#pump();
  }

  #respond(id: number, fields: readonly Field[], flags = 0): void {
    this.send({
      type: TYPE.headers,
      flags: FLAG.endHeaders | flags,
      stream: id,
      payload: encodeFields(fields),
    });
  }

  #answer(from: number, octets: Uint8Array, ends: boolean): void {
    const id = ends ? from : this.#faults.answersOn?.(from, this) ?? from;
    this.streams.get(id)?.queue.push({ octets, ends });
    this.#pump();
  }

  #pump(): void {
    for (const [id, stream] of this.streams) {
      for (let first = stream.queue[0]; first !== undefined; first = stream.queue[0]) {
        const room = this.#faults.forgets === "windows"
          ? 16_384
          : Math.min(16_384, this.#window, stream.window);
        if (room <= 0 && first.octets.length > 0) break;
        const payload = first.octets.subarray(0, room);
        first.octets = first.octets.subarray(payload.length);
        stream.window -= payload.length;
        this.#window -= payload.length;
        const isLast = first.octets.length === 0;
        const flags = isLast && first.ends ? FLAG.endStream : 0;
        this.send({ type: TYPE.data, flags, stream: id, payload });
        if (isLast) stream.queue.shift();
        if (flags) this.streams.delete(id);
      }
    }
  }
}

/** Starts a server with a fault on 127.0.0.1, and stops it when `use` is done. */
export async function withHttp2(
  faults: Http2Faults,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new Session(socket, faults);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  try {
    await use(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/chat`);
  } finally {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
}
