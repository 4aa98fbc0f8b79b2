/** Log of connections that open, close or are refused. @module */

import { utf8Length } from "../../core/close_code.ts";
import type { Socket } from "../../core/socket.ts";
import { size } from "../shared/bytes.ts";
import type { Paint, Style } from "../shared/paint.ts";
import { printable, quote } from "../shared/printable.ts";

/** Prints a line for each connection that opens, closes or is refused. */
export class ConnectionLog {
  readonly #print: (line: string) => void;
  readonly #paint: Paint;
  #count = 0;

  /** Makes a log. */
  constructor(print: (line: string) => void, paint: Paint) {
    this.#print = print;
    this.#paint = paint;
  }

  /** Logs when a socket opens, and how it closes. */
  follow(socket: Socket, from: string | undefined): void {
    const name = `#${++this.#count}`;
    let messages = 0;
    let bytes = 0;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      const protocol = socket.protocol === "" ? "" : `  protocol ${socket.protocol}`;
      this.#line("green", name, "open", `${from ?? "?"}  ${path(socket.url)}${protocol}`);
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
      this.#line(wasClean ? "yellow" : "red", name, "close", text);
    });
  }

  /** Logs a refused handshake. */
  refused(url: string, why: string): void {
    this.#line("red", "  ", "refuse", `${path(url)}  ${quote(why)}`);
  }

  #line(style: Style, name: string, what: string, text: string): void {
    const time = new Date().toTimeString().slice(0, 8);
    this.#print(`${time}  ${name}  ${this.#paint(style, what.padEnd(6))}  ${printable(text)}\n`);
  }
}

function path(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
