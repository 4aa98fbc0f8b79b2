/** Records the events of a server's connections in a file, as JSON lines. @module */

import { Buffer } from "node:buffer";
import { closeSync, openSync, writeSync } from "node:fs";
import type { Socket } from "../../core/socket.ts";
import { printable } from "../shared/printable.ts";
import { fileErrorReason } from "../shared/file.ts";

/** Observes the messages of one connection. */
export interface TrafficObserver {
  /** Called with each received message. */
  received(data: string | ArrayBuffer): void;
  /** Called with each sent message. */
  sent(data: string | ArrayBuffer): void;
}

/** A file to which each event is appended as a line. */
export class Recording {
  readonly #complain: (why: string) => void;
  #file: number | undefined;
  #connections = 0;

  /**
   * Opens the file. Its previous content stays.
   *
   * @param complain Called with the reason if the file cannot be written any more.
   * @throws {Error} If it cannot be opened.
   */
  constructor(path: string, complain: (why: string) => void) {
    this.#complain = complain;
    try {
      this.#file = openSync(path, "a", 0o600);
    } catch (error) {
      throw new Error(`Cannot record to ${path}: ${fileErrorReason(error)}`);
    }
  }

  /** Records a connection: its `open` and `close`, and the messages that the observer is called with. */
  follow(socket: Socket, address: string | undefined): TrafficObserver {
    const connection = ++this.#connections;
    const { url } = socket;
    socket.addEventListener("open", () => {
      this.#write(connection, { event: "open", url, protocol: socket.protocol, address });
    });
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      this.#write(connection, { event: "close", code, reason, clean: wasClean });
    });
    const write = (direction: "received" | "sent", data: string | ArrayBuffer): void =>
      this.#write(connection, { event: "message", direction, ...content(data) });
    return { received: (data) => write("received", data), sent: (data) => write("sent", data) };
  }

  /** Records a refused handshake. */
  refused(url: string, address: string | undefined, status: number, message: string): void {
    this.#write(null, { event: "refuse", url, address, status, message });
  }

  /** Writes synchronously: the system has the line when this returns, so a crash loses nothing. */
  #write(connection: number | null, event: object): void {
    if (this.#file === undefined) return;
    // The file may be shown on a terminal: control characters that JSON leaves are escaped, too.
    const line = printable(
      JSON.stringify({ time: new Date().toISOString(), connection, ...event }),
    );
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      this.close();
      this.#complain(`The recording ends here: ${fileErrorReason(error)}`);
    }
  }

  /** Closes the file. */
  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
  }
}

function content(data: string | ArrayBuffer): object {
  if (typeof data === "string") return { type: "text", text: data };
  return { type: "binary", base64: Buffer.from(data).toString("base64") };
}
