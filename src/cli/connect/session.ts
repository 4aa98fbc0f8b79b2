/** One run of `connect`, from the first attempt to the exit code. @module */

import { connect as dial } from "../../portable/connect.ts";
import { CLOSED, OPEN } from "../../core/ready_state.ts";
import { reconnect } from "../../portable/reconnect.ts";
import type { AttemptEvent } from "../../client/reconnect/reconnector.ts";
import type { ReconnectingSocket } from "../../client/reconnect/reconnecting_socket.ts";
import type { Socket, SocketEventMap } from "../../core/socket.ts";
import { FAILED, OK } from "../shared/exit_code.ts";
import { size } from "../shared/bytes.ts";
import type { Target } from "../shared/target.ts";
import type { Data } from "./feed.ts";
import type { Screen } from "./screen.ts";
import { Wires } from "./wires.ts";
import { closing, duration, whyNot } from "../shared/words.ts";
import { redact } from "../../core/credentials.ts";

/** When a session ends by itself, and what it does meanwhile. */
export interface Rules {
  /** Whether to connect again when a connection is lost. */
  readonly reconnect: boolean;
  /** How often to send a Ping, in milliseconds. */
  readonly ping: number | undefined;
  /** How many messages to wait for. */
  readonly count: number | undefined;
  /** How long to stay in silence when there is nothing left to send, in milliseconds. */
  readonly wait: number;
}

/** ms: how long the server may take to answer a Close frame. */
const CLOSE_TIMEOUT = 3000;

/** Bytes that may wait to be sent before more is read. */
const MAX_WAITING = 512 * 1024;

/** ms: how often to look if they have left. */
const LOOK = 10;

/** A session. */
export class Session {
  /** Resolves when a connection is there for the first time; rejects if none comes. */
  readonly opened: Promise<void>;

  readonly #socket: Socket | ReconnectingSocket;
  readonly #wires: Wires;
  readonly #screen: Screen;
  readonly #target: Target;
  readonly #rules: Rules;
  /** Whether the present connection was established, and ever one. */
  #open = false;
  #everOpen = false;
  /** Whether this side has ended it, and whether somebody wished so. */
  #own = false;
  #byUser = false;
  #failed = false;
  /** Whether somebody asked how long a Pong takes. */
  #asked = false;
  #problem: string | undefined;
  #received = 0;
  #fed = false;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;

  /** Begins to connect. */
  constructor(target: Target, rules: Rules, screen: Screen) {
    const { url, protocols, headers, tls } = target;
    this.#target = target;
    this.#rules = rules;
    this.#screen = screen;
    this.#wires = new Wires(tls);
    this.#wires.onPong = (took) => {
      if (this.#asked) screen.status(`Pong after ${duration(took)}`);
      this.#asked = false;
    };
    const { WebSocket } = this.#wires;
    const options = {
      protocols,
      headers,
      WebSocket,
      binaryType: "arraybuffer",
      closeTimeout: CLOSE_TIMEOUT,
    } as const;
    this.#socket = rules.reconnect ? reconnect(url, options) : dial(url, options);
    const socket = this.#socket as Socket;
    socket.addEventListener("open", () => this.#begin());
    socket.addEventListener("error", ({ error }) => this.#problem ??= whyNot(error));
    socket.addEventListener("close", () => this.#pause());
    if (rules.reconnect) this.#tellAttempts(this.#socket as ReconnectingSocket);
    this.opened = socket.opened;
  }

  #begin(): void {
    const { protocol, extensions } = this.#socket;
    const agreed = [protocol !== "" && `protocol ${protocol}`, extensions].filter(Boolean);
    const terms = agreed.length === 0 ? "" : ` (${agreed.join(", ")})`;
    this.#screen.good(`Connected to ${redact(this.#target.url)}${terms}`);
    this.#open = this.#everOpen = true;
    this.#problem = undefined;
    const { ping } = this.#rules;
    if (ping !== undefined) this.#beat = setInterval(() => this.#ping(ping), ping);
    this.#restless();
  }

  /** A connection whose Pong has not come by the time of the next Ping is dead. */
  #ping(every: number): void {
    if (!this.#wires.waits) return this.#wires.ping();
    this.#problem = `no Pong came within ${duration(every)}`;
    this.#wires.terminate();
  }

  #pause(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#silence);
  }

  #tellAttempts(socket: ReconnectingSocket): void {
    const lost = (event: CloseEvent): void => {
      if (socket.readyState === CLOSED) return;
      this.#report(event);
      this.#open = false;
      this.#problem = undefined;
    };
    socket.addEventListener("close", lost);
    socket.addEventListener("waiting", ({ attempt, delay }: AttemptEvent) => {
      this.#screen.status(`Attempt ${attempt} in ${duration(delay)}`);
    });
  }

  /** Prints what comes, until the end. */
  async run(): Promise<number> {
    const { count } = this.#rules;
    try {
      for await (const data of this.#socket) {
        if (this.#own) continue;
        this.#restless();
        await this.#screen.message(data as string | ArrayBuffer);
        if (++this.#received === count) this.end();
      }
    } catch {
      // The connection is lost: the close event tells.
    }
    const event = await this.#socket.closed;
    this.#pause();
    this.#report(event);
    return this.#exitCode(event);
  }

  /** Tells how a connection ended. */
  #report({ code, reason, wasClean }: SocketEventMap["close"]): void {
    const why = this.#problem ?? "there was no Close frame";
    if (!this.#open) {
      if (this.#own) this.#screen.status("Closed, while there was no connection");
      else this.#screen.complain(`Cannot connect to ${redact(this.#target.url)}: ${why}`);
    } else if (this.#own) {
      if (wasClean) this.#screen.status(`Closed: ${closing(code, reason)}`);
      else this.#screen.status("Closed; the server did not answer that");
    } else if (wasClean) {
      this.#screen.status(`The server closed: ${closing(code, reason)}`);
    } else {
      this.#screen.complain(`The connection is lost: ${why}`);
    }
  }

  #exitCode({ code, wasClean }: SocketEventMap["close"]): number {
    const { count } = this.#rules;
    if (this.#failed || !this.#everOpen) return FAILED;
    if (count !== undefined && this.#received < count && !this.#byUser) {
      const messages = count === 1 ? "1 message" : `${count} messages`;
      this.#screen.complain(`Only ${this.#received} of ${messages} came`);
      return FAILED;
    }
    return this.#own || (wasClean && (code === 1000 || code === 1005)) ? OK : FAILED;
  }

  /** Sends a message; resolves when there is room for the next. */
  async send(data: Data): Promise<void> {
    const socket = this.#socket;
    if (this.#own || socket.readyState > OPEN) return;
    if (socket.readyState < OPEN && !this.#rules.reconnect) {
      return this.#screen.complain("There is no connection yet");
    }
    try {
      socket.send(data);
    } catch (error) {
      this.#failed = true; // too much waits for a connection
      this.#screen.complain((error as Error).message);
    }
    this.#restless();
    while (socket.bufferedAmount > MAX_WAITING && socket.readyState <= OPEN) {
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }

  /** There is nothing left to send. */
  fed(): void {
    this.#fed = true;
    this.#restless();
  }

  /** Something happened: silence begins anew. */
  #restless(): void {
    const { wait } = this.#rules;
    if (!this.#fed || this.#socket.readyState !== OPEN || wait === Infinity) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      if (this.#socket.bufferedAmount > 0) this.#restless();
      else this.end();
    }, wait);
  }

  /** Sends a Ping, and tells how long the Pong took. */
  ping(): void {
    if (this.#socket.readyState !== OPEN) return this.#screen.complain("There is no connection");
    this.#asked = true;
    this.#wires.ping();
  }

  /** Closes, as somebody wishes: however much has come, that is all right. */
  leave(code?: number, reason?: string): void {
    this.#byUser = true;
    this.end(code, reason);
  }

  /** Ends with a problem of this side's. */
  fail(why: string): void {
    this.#screen.complain(why);
    this.#failed = true;
    this.end();
  }

  /** Closes. */
  end(code = 1000, reason = ""): void {
    if (this.#own) return;
    this.#own = true;
    this.#pause();
    const { readyState, bufferedAmount } = this.#socket;
    if (readyState !== OPEN && bufferedAmount > 0) {
      this.#failed = true;
      this.#screen.complain(`Not sent, for want of a connection: ${size(bufferedAmount)}`);
    }
    this.#socket.close(code, reason);
  }
}
