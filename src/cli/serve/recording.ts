/** What happens to the connections of a server, as JSON lines in a file. @module */

import { Buffer } from "node:buffer";
import { closeSync, openSync, writeSync } from "node:fs";
import type { Socket } from "../../core/socket.ts";
import { printable } from "../shared/printable.ts";
import { whyNoFile } from "../shared/target.ts";

/** Whoever is told what goes in and out. */
export interface TrafficObserver {
  /** A message came. */
  received(data: string | ArrayBuffer): void;
  /** A message was sent. */
  sent(data: string | ArrayBuffer): void;
}

/** A file that grows by a line for each event. */
export class Recording {
  readonly #complain: (why: string) => void;
  #file: number | undefined;
  #connections = 0;

  /**
   * Opens the file; what is in it stays.
   *
   * @param complain Told if it cannot be written any more.
   * @throws {Error} If it cannot be opened.
   */
  constructor(path: string, complain: (why: string) => void) {
    this.#complain = complain;
    try {
      this.#file = openSync(path, "a", 0o600);
    } catch (error) {
      throw new Error(`Cannot record to ${path}: ${whyNoFile(error)}`);
    }
  }

  /** Begins with a connection: writes when it opens and closes, and returns whom to tell the rest. */
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

  /** Writes that a handshake was refused. */
  refused(url: string, address: string | undefined, status: number, message: string): void {
    this.#write(null, { event: "refuse", url, address, status, message });
  }

  /** In one call of the system, which has it when this returns: a crash loses nothing. */
  #write(connection: number | null, event: object): void {
    if (this.#file === undefined) return;
    // Controls that JSON leaves as they are become escapes too: it may be shown on a terminal.
    const line = printable(
      JSON.stringify({ time: new Date().toISOString(), connection, ...event }),
    );
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      this.close();
      this.#complain(`The recording ends here: ${whyNoFile(error)}`);
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
