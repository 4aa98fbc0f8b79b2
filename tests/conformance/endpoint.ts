/**
 * A right endpoint in memory, server or client, which echoes: the judge has to find no fault in it.
 * Each fault that it can be given makes a mutant, in which the judge has to find just that.
 *
 * It shares no code with the judge, and no more than the line between them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Transport, TransportEvents } from "../../src/conformance/wire/transport.ts";
import { answerRequest, checkResponse, type Deal, REQUEST } from "./endpoint_handshake.ts";
import { isWireCode, unmask } from "./endpoint_octets.ts";
import type { Faults, Seen } from "./faults.ts";

const EMPTY = Buffer.alloc(0);
const TAIL = Buffer.from([0, 0, 0xff, 0xff]);
const MAX_MESSAGE = 40 * 1024 * 1024;

/** Whether raw deflate can be given a dictionary here: not on Deno. */
export const HAS_DICTIONARIES: boolean = deflateRawSync(TAIL, { dictionary: TAIL, finishFlush: 2 })
  .compare(deflateRawSync(TAIL, { finishFlush: 2 })) !== 0;

/** Thrown to fail the connection. */
class Failure extends Error {
  readonly code: number;
  constructor(code: number, why: string) {
    super(why);
    this.code = code;
  }
}

/** One end of a line whose other end is the judge. */
export class Endpoint implements Transport {
  readonly #isServer: boolean;
  readonly #faults: Faults;
  #events: TransportEvents | undefined;
  #head = EMPTY;
  #state: "head" | "open" | "closing" | "over" = "head";
  #deal: Deal | undefined;
  #input = EMPTY;
  #frame:
    | (Omit<Seen, "payload"> & { length: number; key: Buffer; filled: number; into: Buffer })
    | undefined;
  #message: { opcode: number; squeezed: boolean; parts: Buffer[]; size: number } | undefined;
  #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #sentClose = false;
  #mute = false;

  constructor(isServer: boolean, faults: Faults = {}) {
    this.#isServer = isServer;
    this.#faults = faults;
  }

  // The line, as the judge holds it.

  listen(events: TransportEvents): void {
    this.#events = events;
    if (!this.#isServer) {
      this.#emit(Buffer.from(this.#faults.request?.(REQUEST) ?? REQUEST));
    }
  }

  write(octets: Uint8Array): Promise<void> {
    const copy = Buffer.from(octets);
    return new Promise((resolve) =>
      queueMicrotask(() => {
        this.#receive(copy);
        resolve();
      })
    );
  }

  read(): void {}

  end(): void {
    queueMicrotask(() => this.#finish());
  }

  drop(): void {
    this.#state = "over";
    const events = this.#events;
    this.#events = undefined;
    events?.end("dropped");
  }

  // Out.

  #emit(octets: Buffer): void {
    queueMicrotask(() => this.#events?.data(octets));
  }

  #finish(): void {
    if (this.#state === "over" || this.#faults.keepsTcpOpen) return;
    this.#state = "over";
    queueMicrotask(() => this.#events?.end("fin"));
  }

  #send(frame: Seen): void {
    if (this.#sentClose && !this.#faults.talksAfterClose) return;
    const frames = this.#faults.sent ? [this.#faults.sent(frame)].flat() : [frame];
    for (const one of frames) {
      if (one === undefined) continue;
      if (one.opcode === 0x8) this.#sentClose = true;
      this.#emit(this.#encode(one));
    }
  }

  #encode({ opcode, fin, rsv, payload, masked = !this.#isServer, long = false }: Seen): Buffer {
    const { length } = payload;
    const head = Buffer.alloc(2 + (long || length > 65535 ? 8 : length > 125 ? 2 : 0));
    head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
    head[1] = head.length === 2 ? length : head.length === 4 ? 126 : 127;
    if (head.length === 4) head.writeUInt16BE(length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
    if (!masked) return Buffer.concat([head, payload]);
    head[1]! |= 0x80;
    const key = this.#faults.oneKey ? Buffer.from([1, 2, 3, 4]) : randomBytes(4);
    return Buffer.concat([head, key, unmask(Buffer.from(payload), key, 0)]);
  }

  // In.

  #receive(octets: Buffer): void {
    if (this.#state === "over" || this.#mute) return;
    try {
      if (this.#state === "head") this.#handshake(octets);
      else this.#frames(octets);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { failure = (code: number) => code } = this.#faults;
      const code = failure(error.code);
      if (code !== null) {
        const payload = Buffer.alloc(code === 1005 ? 0 : 2);
        if (payload.length) payload.writeUInt16BE(code);
        this.#send({ opcode: 0x8, fin: true, rsv: 0, payload });
      }
      this.#mute = true;
      this.#finish();
    }
  }

  #handshake(octets: Buffer): void {
    this.#head = Buffer.concat([this.#head, octets]);
    const faults = this.#faults;
    if (this.#isServer && this.#head.indexOf("\r\n") === 0) this.#head = this.#head.subarray(2);
    const bare = /(^|[^\r])\n/.test(this.#head.toString("latin1", 0, 32768).split("\r\n\r\n")[0]!);
    let end = this.#head.indexOf("\r\n\r\n");
    // What goes before the answer of a server: 100, 103.
    while (
      !this.#isServer && end > 0 && /^HTTP\/1\.1 10[03]/.test(this.#head.toString("latin1", 0, 20))
    ) {
      this.#head = this.#head.subarray(end + 4);
      end = this.#head.indexOf("\r\n\r\n");
    }
    if (bare) end = -1;
    if (end < 0 && !bare && this.#head.length < 32768) return;
    const text = this.#head.toString("latin1", 0, end < 0 ? 32768 : end);
    const rest = this.#head.subarray(end + 4);
    if (this.#isServer) {
      const answer = end < 0
        ? {
          response: `HTTP/1.1 ${
            bare ? "400 Bad Request" : "431 Request Header Fields Too Large"
          }\r\n\r\n`,
        }
        : answerRequest(text, faults);
      const { response, deal } = answer;
      this.#emit(Buffer.from(faults.response?.(response) ?? response, "latin1"));
      if (deal === undefined) {
        this.#mute = true;
        return this.#finish();
      }
      this.#deal = deal;
    } else {
      const checked = end < 0 ? undefined : checkResponse(text, faults);
      const deal = checked ?? (faults.gullible ? {} : undefined);
      if (deal === undefined) {
        this.#mute = true;
        return this.#finish();
      }
      this.#deal = deal;
    }
    this.#state = "open";
    if (faults.greets) this.#send({ opcode: 0x1, fin: true, rsv: 0, payload: Buffer.from("hi") });
    if (rest.length > 0 && !faults.losesEarlyData) this.#frames(rest);
  }

  #frames(octets: Buffer): void {
    let input = this.#input.length ? Buffer.concat([this.#input, octets]) : octets;
    while (this.#state !== "over" && !this.#mute) {
      if (this.#frame === undefined) {
        const size = this.#header(input);
        if (size === 0) break;
        input = input.subarray(size);
      }
      const frame = this.#frame!;
      const part = input.subarray(0, frame.length - frame.filled);
      input = input.subarray(part.length);
      const plain = frame.into.subarray(frame.filled, frame.filled + part.length);
      part.copy(plain);
      if (frame.masked) unmask(plain, frame.key, frame.filled);
      frame.filled += part.length;
      this.#early(frame, plain);
      if (frame.filled < frame.length) break;
      this.#frame = undefined;
      const { opcode, fin, rsv } = frame;
      const seen: Seen = { opcode, fin, rsv, payload: frame.into };
      const changed = this.#faults.seen ? this.#faults.seen(seen) : seen;
      if (changed) this.#take(changed);
    }
    this.#input = this.#state === "over" ? EMPTY : Buffer.from(input);
  }

  /** Reads a header. Gives its size, or 0 when more has to come. */
  #header(input: Buffer): number {
    const ignores = this.#faults.ignores ?? [];
    if (input.length < 2) return 0;
    const [first, second] = [input[0]!, input[1]!];
    const masked = (second & 0x80) !== 0;
    const form = second & 0x7f;
    const extra = form === 126 ? 2 : form === 127 ? 8 : 0;
    const size = 2 + extra + (masked ? 4 : 0);
    const opcode = first & 0xf;
    const rsv = (first >> 4) & 7;
    const fin = (first & 0x80) !== 0;
    const squeezed = this.#deal?.deflate !== undefined && (opcode === 1 || opcode === 2);
    if ((rsv & (squeezed ? 3 : 7)) !== 0) {
      const which = rsv & (squeezed ? 3 : 7) & 4 ? "rsv1" : "rsv";
      if (!ignores.includes(which)) throw new Failure(1002, "RSV");
    }
    if (
      ![0, 1, 2, 8, 9, 10].includes(opcode) &&
      !ignores.includes(opcode < 8 ? "opcode" : "control-opcode")
    ) {
      throw new Failure(1002, "opcode");
    }
    if (masked !== this.#isServer && !ignores.includes("mask")) throw new Failure(1002, "mask");
    if (opcode >= 8) {
      if (form > 125 && !ignores.includes("control-size")) throw new Failure(1002, "control size");
      if (!fin && !ignores.includes("control-fin")) throw new Failure(1002, "control fragmented");
    } else if (opcode === 0 && !this.#message) {
      if (!ignores.includes("stray-continuation")) throw new Failure(1002, "continuation");
    } else if (opcode !== 0 && opcode < 3 && this.#message && !ignores.includes("interleaved")) {
      throw new Failure(1002, "interleaved");
    }
    if (input.length < size) return 0;
    let length = form;
    if (extra === 2) length = input.readUInt16BE(2);
    if (extra === 8) {
      let long = input.readBigUInt64BE(2);
      if (long >> 63n && !ignores.includes("length-msb")) throw new Failure(1002, "length");
      long = BigInt.asUintN(63, long);
      if (long > BigInt(MAX_MESSAGE)) throw new Failure(1009, "too large");
      length = Number(long);
    }
    if (extra && length < (extra === 2 ? 126 : 65536) && !ignores.includes("minimal")) {
      throw new Failure(1002, "length not minimal");
    }
    const limit = this.#faults.limit ?? MAX_MESSAGE;
    if ((this.#message?.size ?? 0) + length > limit) throw new Failure(1009, "too large");
    this.#frame = {
      opcode,
      fin,
      rsv,
      masked,
      length,
      key: input.subarray(size - 4, size),
      filled: 0,
      into: Buffer.alloc(length),
    };
    return size;
  }

  /** Fails on text that is wrong as soon as it is (8.1). */
  #early(
    { opcode, rsv, filled, length, fin }: {
      opcode: number;
      rsv: number;
      filled: number;
      length: number;
      fin: boolean;
    },
    plain: Buffer,
  ): void {
    const text = opcode === 1
      ? (rsv & 4) === 0
      : opcode === 0 && this.#message?.opcode === 1 && !this.#message.squeezed;
    if (!text || this.#faults.utf8 === "late" || this.#faults.utf8 === "never") return;
    try {
      this.#utf8.decode(plain, { stream: !(fin && filled === length) });
    } catch {
      throw new Failure(1007, "UTF-8");
    }
  }

  #take(frame: Seen): void {
    const { opcode, fin, rsv, payload } = frame;
    if (opcode === 0x8) return this.#closed(payload);
    if (opcode === 0x9) return this.#send({ opcode: 0xa, fin: true, rsv: 0, payload });
    if (opcode >= 0x3) return;
    if (opcode !== 0x0 || !this.#message) {
      const squeezed = this.#deal?.deflate !== undefined && (rsv & 4) !== 0;
      this.#message = { opcode: opcode || 1, squeezed, parts: [], size: 0 };
    }
    const message = this.#message;
    message.parts.push(payload);
    message.size += payload.length;
    if (this.#faults.maxFragments && message.parts.length > this.#faults.maxFragments) {
      throw new Failure(1008, "too many fragments");
    }
    if (!fin) return;
    this.#message = undefined;
    this.#echo(message.opcode, this.#inflate(message.squeezed, Buffer.concat(message.parts)));
  }

  #inflate(squeezed: boolean, data: Buffer): Buffer {
    const deflate = this.#deal?.deflate;
    if (!squeezed || !deflate) return data;
    let plain: Buffer;
    try {
      // What the window holds goes first, stored: Deno has no dictionaries for raw deflate.
      const { inWindow } = deflate;
      const head = Buffer.alloc(inWindow.length > 0 ? 5 : 0);
      if (inWindow.length > 0) {
        head.writeUInt16LE(inWindow.length, 1);
        head.writeUInt16LE(~inWindow.length & 0xffff, 3);
      }
      plain = inflateRawSync(Buffer.concat([head, inWindow, data, TAIL]), {
        finishFlush: 2,
        maxOutputLength: MAX_MESSAGE,
      }).subarray(inWindow.length);
    } catch (error) {
      const bomb = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
      throw new Failure(bomb ? 1009 : 1007, "deflate");
    }
    const forgets = deflate.inReset || this.#faults.deflate === "forgets";
    if (!forgets) {
      deflate.inWindow = Buffer.concat([deflate.inWindow, plain]).subarray(-(1 << deflate.inBits));
    }
    return plain;
  }

  #echo(opcode: number, payload: Buffer): void {
    if (opcode === 1 && this.#faults.utf8 !== "never") {
      try {
        new TextDecoder("utf-8", { fatal: true }).decode(payload);
      } catch {
        throw new Failure(1007, "UTF-8");
      }
    }
    const answer = this.#faults.echo ? this.#faults.echo(opcode, payload) : { opcode, payload };
    const deflate = this.#deal?.deflate;
    if (!deflate || this.#faults.deflate === "never") {
      return this.#send({ opcode: answer.opcode, fin: true, rsv: 0, payload: answer.payload });
    }
    const bits = this.#faults.deflate === "wide" ? 15 : deflate.outBits;
    const out = deflateRawSync(answer.payload, {
      windowBits: Math.max(9, bits),
      level: bits === 8 ? 0 : 1,
      finishFlush: 2,
      ...(deflate.outWindow.length && { dictionary: deflate.outWindow }),
    });
    const keeps = !deflate.outReset || this.#faults.deflate === "keeps";
    if (keeps) {
      deflate.outWindow = Buffer.concat([deflate.outWindow, answer.payload]).subarray(-(1 << bits));
    }
    const squeezed = out.length > 4 ? out.subarray(0, -4) : Buffer.alloc(1);
    this.#send({ opcode: answer.opcode, fin: true, rsv: 4, payload: squeezed });
  }

  #closed(payload: Buffer): void {
    const ignores = this.#faults.ignores ?? [];
    if (payload.length === 1 && !ignores.includes("close-length")) throw new Failure(1002, "close");
    const code = payload.length > 1 ? payload.readUInt16BE() : 1005;
    if (payload.length > 1 && !isWireCode(code) && !ignores.includes("close-code")) {
      throw new Failure(1002, "close code");
    }
    if (!ignores.includes("close-reason")) {
      try {
        new TextDecoder("utf-8", { fatal: true }).decode(payload.subarray(2));
      } catch {
        throw new Failure(1007, "close reason");
      }
    }
    if (this.#faults.ignoresClose) return;
    const answer = this.#faults.closeAnswer
      ? this.#faults.closeAnswer(payload)
      : payload.subarray(0, 2);
    if (answer) this.#send({ opcode: 0x8, fin: true, rsv: 0, payload: answer });
    this.#mute = !this.#faults.talksAfterClose;
    if (!this.#faults.talksAfterClose) this.#finish();
  }
}
