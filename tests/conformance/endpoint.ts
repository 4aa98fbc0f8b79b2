/**
 * A correct endpoint in memory, server or client, which echoes: the judge must find no fault in it.
 * Each fault that it can be given makes a mutant, in which the judge must find exactly that fault.
 *
 * It shares no code with the judge except the interface of the transport between them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Transport, TransportEvents } from "../../src/conformance/wire/transport.ts";
import { deflate, inflate } from "./endpoint_deflate.ts";
import {
  encodeFrame,
  Failure,
  type Header,
  isWireCode,
  readHeader,
  unmask,
} from "./endpoint_frames.ts";
import { answerRequest, checkResponse, type Negotiated, REQUEST } from "./endpoint_handshake.ts";
import type { EndpointFrame, Faults } from "./faults.ts";

const EMPTY = Buffer.alloc(0);

/** Number of bytes of the largest head. */
const MAX_HEAD = 32768;

/** A frame whose payload is arriving. */
interface OpenFrame {
  readonly header: Header;
  readonly payload: Buffer;
  filled: number;
}

/** A message whose frames are arriving. */
interface OpenMessage {
  readonly opcode: number;
  readonly isCompressed: boolean;
  readonly parts: Buffer[];
  size: number;
}

/** One end of a connection whose other end is the judge. */
export class Endpoint implements Transport {
  readonly #isServer: boolean;
  readonly #faults: Faults;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #events: TransportEvents | undefined;
  #state: "head" | "open" | "over" = "head";
  #head = EMPTY;
  #negotiated: Negotiated = {};
  #input = EMPTY;
  #frame: OpenFrame | undefined;
  #message: OpenMessage | undefined;
  #sentClose = false;

  /** Whether everything that arrives is ignored. */
  #ignoresInput = false;

  constructor(isServer: boolean, faults: Faults = {}) {
    this.#isServer = isServer;
    this.#faults = faults;
  }

  // The transport, as the judge uses it.

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

  // Sending.

  #emit(octets: Buffer): void {
    queueMicrotask(() => this.#events?.data(octets));
  }

  #finish(): void {
    if (this.#state === "over" || this.#faults.keepsTcpOpen) return;
    this.#state = "over";
    queueMicrotask(() => this.#events?.end("fin"));
  }

  #send(frame: EndpointFrame): void {
    if (this.#sentClose && !this.#faults.talksAfterClose) return;
    const frames = this.#faults.sent ? [this.#faults.sent(frame)].flat() : [frame];
    for (const one of frames) {
      if (one === undefined) continue;
      if (one.opcode === 0x8) this.#sentClose = true;
      this.#emit(encodeFrame(one, this.#isServer, this.#faults));
    }
  }

  #fail(code: number): void {
    const { failure = (right: number) => right } = this.#faults;
    const sent = failure(code);
    if (sent !== null) {
      const payload = Buffer.alloc(sent === 1005 ? 0 : 2);
      if (payload.length > 0) payload.writeUInt16BE(sent);
      this.#send({ opcode: 0x8, fin: true, rsv: 0, payload });
    }
    this.#leave();
  }

  /** Ignores what arrives from now on, and ends TCP. */
  #leave(): void {
    this.#ignoresInput = true;
    this.#finish();
  }

  // Receiving.

  #receive(octets: Buffer): void {
    if (this.#state === "over" || this.#ignoresInput) return;
    try {
      if (this.#state === "head") this.#receiveHead(octets);
      else this.#receiveFrames(octets);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#fail(error.code);
    }
  }

  #receiveHead(octets: Buffer): void {
    const faults = this.#faults;
    this.#head = Buffer.concat([this.#head, octets]);
    if (this.#isServer && this.#head.indexOf("\r\n") === 0) this.#head = this.#head.subarray(2);
    const start = this.#head.toString("latin1", 0, MAX_HEAD).split("\r\n\r\n")[0]!;
    const hasBareLf = /(^|[^\r])\n/.test(start);
    if (!this.#isServer) this.#skipInformational();
    const end = hasBareLf ? -1 : this.#head.indexOf("\r\n\r\n");
    if (end < 0 && !hasBareLf && this.#head.length < MAX_HEAD) return;
    const text = this.#head.toString("latin1", 0, end < 0 ? MAX_HEAD : end);
    const rest = this.#head.subarray(end + 4);

    let negotiated: Negotiated | undefined;
    if (this.#isServer) {
      const refusal = hasBareLf ? "400 Bad Request" : "431 Request Header Fields Too Large";
      const answer = end < 0
        ? { response: `HTTP/1.1 ${refusal}\r\n\r\n` }
        : answerRequest(text, faults);
      this.#emit(Buffer.from(faults.response?.(answer.response) ?? answer.response, "latin1"));
      negotiated = answer.negotiated;
    } else {
      negotiated = (end < 0 ? undefined : checkResponse(text, faults)) ??
        (faults.acceptsAnyResponse ? {} : undefined);
    }
    if (negotiated === undefined) return this.#leave();
    this.#negotiated = negotiated;
    this.#state = "open";
    if (faults.greets) this.#send({ opcode: 0x1, fin: true, rsv: 0, payload: Buffer.from("hi") });
    if (rest.length > 0 && !faults.losesEarlyData) this.#receiveFrames(rest);
  }

  /** Skips responses before the one that counts: 100, 103. */
  #skipInformational(): void {
    while (/^HTTP\/1\.1 10[03]/.test(this.#head.toString("latin1", 0, 20))) {
      const end = this.#head.indexOf("\r\n\r\n");
      if (end <= 0) return;
      this.#head = this.#head.subarray(end + 4);
    }
  }

  #receiveFrames(octets: Buffer): void {
    let input = this.#input.length ? Buffer.concat([this.#input, octets]) : octets;
    while (this.#state !== "over" && !this.#ignoresInput) {
      if (this.#frame === undefined) {
        const header = readHeader(input, {
          isServer: this.#isServer,
          faults: this.#faults,
          deflates: this.#negotiated.deflate !== undefined,
          messageSize: this.#message?.size,
        });
        if (header === undefined) break;
        this.#frame = { header, payload: Buffer.alloc(header.length), filled: 0 };
        input = input.subarray(header.size);
      }
      const frame = this.#frame;
      const size = this.#fill(frame, input);
      input = input.subarray(size);
      if (frame.filled < frame.header.length) break;
      this.#frame = undefined;
      const { opcode, fin, rsv } = frame.header;
      const received: EndpointFrame = { opcode, fin, rsv, payload: frame.payload };
      const changed = this.#faults.received ? this.#faults.received(received) : received;
      if (changed) this.#take(changed);
    }
    this.#input = this.#state === "over" ? EMPTY : Buffer.from(input);
  }

  /** Adds payload to a frame; returns the number of bytes used. */
  #fill(frame: OpenFrame, input: Buffer): number {
    const { header, payload } = frame;
    const part = input.subarray(0, header.length - frame.filled);
    const plain = payload.subarray(frame.filled, frame.filled + part.length);
    part.copy(plain);
    if (header.masked) unmask(plain, header.key, frame.filled);
    frame.filled += part.length;
    this.#checkText(frame, plain);
    return part.length;
  }

  /** Fails on invalid text as soon as it shows (8.1). */
  #checkText({ header, filled }: OpenFrame, plain: Buffer): void {
    const { opcode, rsv, length, fin } = header;
    const isText = opcode === 1
      ? (rsv & 4) === 0
      : opcode === 0 && this.#message?.opcode === 1 && !this.#message.isCompressed;
    if (!isText || this.#faults.utf8 === "late" || this.#faults.utf8 === "never") return;
    try {
      this.#utf8.decode(plain, { stream: !(fin && filled === length) });
    } catch {
      throw new Failure(1007, "UTF-8");
    }
  }

  #take({ opcode, fin, rsv, payload }: EndpointFrame): void {
    if (opcode === 0x8) return this.#takeClose(payload);
    if (opcode === 0x9) return this.#send({ opcode: 0xa, fin: true, rsv: 0, payload });
    if (opcode >= 0x3) return;
    const { deflate } = this.#negotiated;
    if (opcode !== 0x0 || !this.#message) {
      const isCompressed = deflate !== undefined && (rsv & 4) !== 0;
      this.#message = { opcode: opcode || 1, isCompressed, parts: [], size: 0 };
    }
    const message = this.#message;
    message.parts.push(payload);
    message.size += payload.length;
    if (this.#faults.maxFragments && message.parts.length > this.#faults.maxFragments) {
      throw new Failure(1008, "too many fragments");
    }
    if (!fin) return;
    this.#message = undefined;
    const data = Buffer.concat(message.parts);
    const isCompressed = message.isCompressed && deflate !== undefined;
    this.#echo(message.opcode, isCompressed ? inflate(deflate, data, this.#faults) : data);
  }

  #echo(opcode: number, payload: Buffer): void {
    if (opcode === 1 && this.#faults.utf8 !== "never") checkUtf8(payload, "UTF-8");
    const echo = this.#faults.echo ? this.#faults.echo(opcode, payload) : { opcode, payload };
    const state = this.#negotiated.deflate;
    if (!state || this.#faults.deflate === "never") {
      return this.#send({ opcode: echo.opcode, fin: true, rsv: 0, payload: echo.payload });
    }
    const compressed = deflate(state, echo.payload, this.#faults);
    this.#send({ opcode: echo.opcode, fin: true, rsv: 4, payload: compressed });
  }

  #takeClose(payload: Buffer): void {
    const faults = this.#faults;
    const ignores = faults.ignores ?? [];
    if (payload.length === 1 && !ignores.includes("close-length")) throw new Failure(1002, "close");
    const code = payload.length > 1 ? payload.readUInt16BE() : 1005;
    if (payload.length > 1 && !isWireCode(code) && !ignores.includes("close-code")) {
      throw new Failure(1002, "close code");
    }
    if (!ignores.includes("close-reason")) checkUtf8(payload.subarray(2), "close reason");
    if (faults.ignoresClose) return;
    const answer = faults.closeAnswer ? faults.closeAnswer(payload) : payload.subarray(0, 2);
    if (answer) this.#send({ opcode: 0x8, fin: true, rsv: 0, payload: answer });
    if (!faults.talksAfterClose) this.#leave();
  }
}

function checkUtf8(bytes: Buffer, what: string): void {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(1007, what);
  }
}
