/** Reader of a server's answers on one connection (RFC 9112), which checks that they are well-formed. @module */

import { Buffer } from "node:buffer";
import { CLOSE, FrameScanner } from "./frames.ts";

/** An answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Headers, by name in lower case; of repeated ones, the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** First bytes of the body. */
  body: string;
  /** Whether it is complete. */
  whole: boolean;
}

const STATUS = /^HTTP\/1\.[01] (\d{3}) [\t -~\x80-\xff]*$/;
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t -~\x80-\xff]*)$/;

/** Number of bytes of a body that are kept. */
const KEPT = 4096;

/** Reads the answers to requests with given methods, in their order. */
export class AnswerReader {
  readonly answers: HttpAnswer[] = [];
  /** Messages after 101. */
  readonly messages: string[] = [];
  /** Whether a Close frame was received. */
  isClosed = false;
  /** Description of the first malformed part, if there is one. */
  malformed: string | undefined;
  /** Whether the connection ended within a head. */
  isBrokenOff = false;
  /** Whether the connection is a WebSocket. */
  isOpen = false;
  readonly #methods: readonly string[];
  #rest: Buffer = Buffer.alloc(0);
  /** Number of missing bytes of a body or chunk; Infinity until the end of the connection. */
  #due = 0;
  #state: "head" | "body" | "size" | "chunk" | "break" | "trailer" = "head";
  readonly #frames = new FrameScanner((opcode, payload) => {
    if (opcode === CLOSE) this.isClosed = true;
    else if (opcode < CLOSE) this.messages.push(payload.toString("latin1"));
  });

  constructor(methods: readonly string[]) {
    this.#methods = methods;
  }

  /** Number of complete answers. */
  get count(): number {
    return this.answers.filter(({ whole }) => whole).length;
  }

  /** Reads the next bytes. */
  read(chunk: Buffer): void {
    if (this.malformed !== undefined) return;
    if (this.isOpen) return this.#frames.read(chunk);
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length > 0 && this.malformed === undefined && this.#step());
  }

  /** Ends the reading: the connection is closed. */
  end(): void {
    const last = this.answers.at(-1);
    if (last !== undefined && this.#state === "body" && this.#due === Infinity) last.whole = true;
    if (this.#state === "head" && this.#rest.length > 0 && !this.isOpen) {
      this.isBrokenOff = this.malformed === undefined;
      this.malformed ??= `it ends with ${quote(this.#rest)}`;
    }
  }

  /** Reads one part. Returns whether there is one. */
  #step(): boolean {
    const last = this.answers.at(-1);
    if (this.#state === "body" || this.#state === "chunk") {
      const part = this.#rest.subarray(0, Math.min(this.#due, this.#rest.length));
      if (last!.body.length < KEPT) last!.body += part.toString("latin1", 0, KEPT);
      this.#due -= part.length;
      this.#rest = this.#rest.subarray(part.length);
      if (this.#due > 0) return true;
      if (this.#state === "chunk") this.#state = "break";
      else this.#whole();
      return true;
    }
    const isHead = this.#state === "head";
    const mark = isHead ? "\r\n\r\n" : "\r\n";
    const end = this.#rest.indexOf(mark);
    if (end < 0) {
      if (this.#rest.length > 100_000) this.malformed = `no end of ${quote(this.#rest)}`;
      return false;
    }
    const text = this.#rest.toString("latin1", 0, end);
    this.#rest = this.#rest.subarray(end + mark.length);
    if (isHead) this.#head(text);
    else if (this.#state === "size") {
      if (!/^[\dA-Fa-f]{1,8}$/.test(text)) this.malformed = `the size of a chunk is ${quote(text)}`;
      this.#due = parseInt(text, 16);
      this.#state = this.#due === 0 ? "trailer" : "chunk";
    } else if (this.#state === "break") {
      if (text !== "") this.malformed = `a chunk ends with ${quote(text)}`;
      this.#state = "size";
    } else if (text === "") this.#whole();
    return true;
  }

  #head(text: string): void {
    const [first = "", ...lines] = text.split("\r\n");
    const status = Number(STATUS.exec(first)?.[1] ?? 0);
    if (status === 0) return void (this.malformed = `a status line is ${quote(first)}`);
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [, name, value] = HEADER.exec(line) ?? [];
      if (name === undefined) return void (this.malformed = `a header is ${quote(line)}`);
      headers.set(name.toLowerCase(), value!.trim());
    }
    if (status < 200 && status !== 101) return;
    const method = this.#methods[this.answers.length];
    if (method === undefined && this.answers.length > 0 && status < 400) {
      this.malformed = `one answer more than requests: ${quote(text)}`;
      return;
    }
    this.answers.push({ status, headers, body: "", whole: false });
    this.isOpen = status === 101;
    if (this.isOpen) {
      this.answers.at(-1)!.whole = true;
      const rest = this.#rest;
      this.#rest = Buffer.alloc(0);
      if (rest.length > 0) this.#frames.read(rest);
      return;
    }
    const length = headers.get("content-length");
    if (method === "HEAD" || status === 204 || status === 304) this.#whole();
    else if (/chunked/i.test(headers.get("transfer-encoding") ?? "")) this.#state = "size";
    else {
      this.#state = "body";
      this.#due = length === undefined ? Infinity : Number(length);
      if (Number.isNaN(this.#due)) this.malformed = `Content-Length is ${quote(length!)}`;
      if (this.#due === 0) this.#whole();
    }
  }

  #whole(): void {
    this.answers.at(-1)!.whole = true;
    this.#state = "head";
  }
}

function quote(text: string | Buffer): string {
  return JSON.stringify((typeof text === "string" ? text : text.toString("latin1")).slice(0, 60));
}
