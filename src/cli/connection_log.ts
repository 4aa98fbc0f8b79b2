/** One line for each connection that comes, goes or is refused. @module */

import { utf8Length } from "../close_code.ts";
import type { Socket } from "../socket.ts";
import { size } from "./inspector/bytes.ts";

/** Writes lines about connections. */
export class ConnectionLog {
  readonly #print: (line: string) => void;
  readonly #paint: (colour: number, text: string) => string;
  #count = 0;

  /** Makes a log. */
  constructor(print: (line: string) => void, paint: (colour: number, text: string) => string) {
    this.#print = print;
    this.#paint = paint;
  }

  /** Tells of a socket: when it opens, and how it ends. */
  follow(socket: Socket, from: string | undefined): void {
    const name = `#${++this.#count}`;
    let messages = 0;
    let bytes = 0;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      const protocol = socket.protocol === "" ? "" : `  protocol ${socket.protocol}`;
      this.#line(32, name, "open", `${from ?? "?"}  ${path(socket.url)}${protocol}`);
    });
    socket.addEventListener("message", ({ data }) => {
      messages++;
      bytes += typeof data === "string" ? utf8Length(data) : data.byteLength;
    });
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      const why = reason === "" ? "" : ` ${quote(reason)}`;
      const how = wasClean ? "clean" : "not clean";
      const what = `${messages} message${messages === 1 ? "" : "s"}, ${size(bytes)}`;
      const text = opened ? `${code}${why}  ${how}  ${what}` : "the client left before it was open";
      this.#line(wasClean ? 33 : 31, name, "close", text);
    });
  }

  /** Tells of a handshake that failed. */
  refused(url: string, why: string): void {
    this.#line(31, "  ", "refuse", `${path(url)}  ${quote(why)}`);
  }

  #line(colour: number, name: string, what: string, text: string): void {
    const time = new Date().toTimeString().slice(0, 8);
    this.#print(`${time}  ${name}  ${this.#paint(colour, what.padEnd(6))}  ${text}\n`);
  }
}

function path(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** A peer's words, without what a terminal would obey. */
function quote(text: string): string {
  const escape = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escape);
}
