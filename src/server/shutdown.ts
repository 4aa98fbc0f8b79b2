/** Closes all sockets of a server. @module */

import type { Clock } from "../core/clock.ts";
import { ABNORMAL, checkClose } from "../core/close_code.ts";
import type { Closed, CloseOptions } from "./hub.ts";
import { closing } from "./refusals.ts";
import type { ServerSocket } from "./server_socket.ts";
import { checkTimeout } from "../core/checks.ts";
import { checkNames } from "../core/option_names.ts";

const CLOSE_OPTIONS: Readonly<Record<keyof CloseOptions, 0>> = {
  code: 0,
  reason: 0,
  over: 0,
  deadline: 0,
};

/** Default time that `close()` waits for peers, in milliseconds. */
const DEADLINE = 10_000;

/** Time between two steps of a `close()` that is spread over a while, in milliseconds. */
const STEP = 20;

/** Closes all sockets of one server, once. */
export class Shutdown {
  readonly #sockets: ReadonlySet<ServerSocket>;
  readonly #clock: Clock;
  #closing: Promise<Closed> | undefined;
  #ended = { closed: 0, terminated: 0 };
  #emptied: (() => void) | undefined;

  /** Begins nothing yet: the set of sockets may still change. */
  constructor(sockets: ReadonlySet<ServerSocket>, clock: Clock) {
    this.#sockets = sockets;
    this.#clock = clock;
  }

  /**
   * Checks that the shutdown has not begun.
   *
   * @throws {UpgradeError} 503 if it has.
   */
  check(): void {
    if (this.#closing !== undefined) throw closing();
  }

  /**
   * Begins the shutdown. Once it has begun, the options of further calls are ignored.
   *
   * @param end Called when no socket is left, to end the rest within a number of milliseconds.
   * @returns A promise that rejects with a `DOMException`, `RangeError` or `TypeError` if an option
   * is invalid.
   */
  begin(
    options: CloseOptions = {},
    end: (deadline: number) => Promise<void>,
  ): Promise<Closed> {
    try {
      checkNames("close", options, CLOSE_OPTIONS);
      checkClose("server", options.code, options.reason);
      checkTimeout("deadline", options.deadline ?? DEADLINE);
      checkTimeout("over", options.over ?? 0);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#closing ??= this.#close(options, end);
  }

  /** Counts a socket that has ended with a code and has been removed from the set. */
  ended(code: number): void {
    this.#ended[code === ABNORMAL ? "terminated" : "closed"]++;
    if (this.#sockets.size === 0) this.#emptied?.();
  }

  async #close(
    options: CloseOptions,
    end: (deadline: number) => Promise<void>,
  ): Promise<Closed> {
    const { code = 1001, reason = "", deadline = DEADLINE, over = 0 } = options;
    const last = this.#clock.now() + over + deadline;
    this.#ended = { closed: 0, terminated: 0 };
    await this.#closeAll(code, reason, over);
    await this.#empty(deadline);
    for (const socket of this.#sockets) socket.terminate();
    await this.#empty();
    await end(Math.max(0, last - this.#clock.now()));
    return this.#ended;
  }

  /** Begins the closing handshake of each socket, spread evenly over a time in milliseconds. */
  async #closeAll(code: number, reason: string, over: number): Promise<void> {
    const all = [...this.#sockets];
    const begun = this.#clock.now();
    let done = 0;
    while (this.#sockets.size > 0) {
      const part = over === 0 ? 1 : Math.min(1, (this.#clock.now() - begun) / over);
      for (; done < Math.floor(part * all.length); done++) all[done]!.close(code, reason);
      if (done === all.length) return;
      await new Promise<void>((resolve) => {
        this.#clock.after(Math.min(STEP, over), resolve);
      });
    }
  }

  /** Waits until no socket is left, at most for a number of milliseconds. */
  async #empty(milliseconds?: number): Promise<void> {
    if (this.#sockets.size === 0) return;
    let cancel: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      if (milliseconds !== undefined) cancel = this.#clock.after(milliseconds, resolve);
    });
    cancel?.();
  }
}
