/** One run of `connect`, from the first attempt to the exit code. @module */

import { CLOSED, OPEN } from "../../core/ready_state.ts";
import type { AttemptEvent } from "../../client/reconnect/attempt.ts";
import type { ReconnectingSocket } from "../../client/reconnect/reconnecting_socket.ts";
import type { Socket } from "../../core/socket.ts";
import type { SocketEventMap } from "../../core/socket_events.ts";
import { FAILED, OK } from "../shared/exit_code.ts";
import { size } from "../shared/bytes.ts";
import type { MessageData } from "./read_messages.ts";
import type { Screen } from "./screen.ts";
import type { Pinger } from "./pinger.ts";
import { duration } from "../shared/duration.ts";
import { failureReason, refusalLines } from "../shared/failure_reason.ts";
import { quote } from "../shared/printable.ts";

/** Options for a {@linkcode Session}. */
export interface SessionOptions {
  /** Whether to reconnect when a connection is lost. */
  readonly reconnect: boolean;
  /** Interval of Ping frames, in milliseconds; `undefined` for none. */
  readonly ping: number | undefined;
  /** Whether a line is printed for each Ping and Pong that comes. */
  readonly showPings: boolean;
  /** Number of received messages after which the session ends; `undefined` for no limit. */
  readonly count: number | undefined;
  /** Time of silence after the end of the input that ends the session, in milliseconds. */
  readonly wait: number;
}

/** ms: time limit for the peer's answer to a Close frame when the reader of the output has gone. */
const AT_ONCE = 200;

/** Number of buffered bytes above which no more input is read. */
const MAX_BUFFERED = 512 * 1024;

/** ms: interval of polling `bufferedAmount`. */
const POLL_INTERVAL = 10;

/** The connection of a session: to a server, or of a client that has come. */
export interface Line {
  /** Its socket. */
  readonly socket: Socket | ReconnectingSocket;
  /** What follows its link. */
  readonly pinger: Pinger;
  /** The other end, for people. */
  readonly peer: "server" | "client";
  /** Returns where it leads, for people: it may have been redirected. */
  readonly address: () => string;
  /** Releases what listens, if something does. */
  readonly release: () => Promise<void>;
}

/** Prints what a connection receives, until an end condition holds. */
export class Session {
  /** Resolves when the first connection is open; rejects if the session ends before. */
  readonly opened: Promise<void>;

  readonly #socket: Socket | ReconnectingSocket;
  readonly #pinger: Pinger;
  readonly #screen: Screen;
  readonly #line: Line;
  readonly #options: SessionOptions;
  /** Whether the current connection was established. */
  #wasOpen = false;
  /** Whether any connection was established. */
  #everOpen = false;
  /** Whether this side has closed the session. */
  #closedHere = false;
  /** Whether the user asked for the end. */
  #byUser = false;
  #failed = false;
  /** Whether `/ping` waits for a Pong. */
  #reportsPong = false;
  #problem: string | undefined;
  /** What the server said beside that. */
  #details: readonly string[] = [];
  #received = 0;
  #inputEnded = false;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;

  /** Begins to follow a connection. */
  constructor(line: Line, options: SessionOptions, screen: Screen) {
    this.#line = line;
    this.#options = options;
    this.#screen = screen;
    const socket = this.#socket = line.socket as Socket;
    this.#pinger = line.pinger;
    this.#showPings();
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("error", ({ error }) => {
      this.#problem ??= failureReason(error);
      this.#details = refusalLines(error);
    });
    socket.addEventListener("close", () => this.#stopTimers());
    if (options.reconnect) this.#reportAttempts(line.socket as ReconnectingSocket);
    this.opened = socket.opened;
    if (socket.readyState === OPEN) this.#opened();
  }

  #showPings(): void {
    const { showPings } = this.#options;
    const pinger = this.#pinger;
    const text = (payload: Uint8Array): string => payload.length === 0 ? "" : ` ${shown(payload)}`;
    pinger.onPong = (payload, took) => {
      const isAsked = this.#reportsPong;
      this.#reportsPong = false;
      if (!isAsked && !showPings) return;
      const after = took === undefined ? " that nobody asked for" : ` after ${duration(took)}`;
      this.#screen.status(`Pong${after}${isAsked && !showPings ? "" : text(payload)}`);
    };
    if (showPings) pinger.onPing = (payload) => this.#screen.status(`Ping${text(payload)}`);
  }

  #opened(): void {
    const { protocol, extensions } = this.#socket;
    const agreed = [protocol !== "" && `protocol ${protocol}`, extensions].filter(Boolean);
    const terms = agreed.length === 0 ? "" : ` (${agreed.join(", ")})`;
    this.#screen.success(`Connected to ${this.#line.address()}${terms}`);
    this.#wasOpen = this.#everOpen = true;
    this.#problem = undefined;
    const { ping } = this.#options;
    if (ping !== undefined) this.#pingTimer = setInterval(() => this.#ping(ping), ping);
    this.#restartSilence();
  }

  /** Sends a Ping, or drops a connection whose last Ping has no Pong. */
  #ping(every: number): void {
    if (!this.#pinger.isPending) return this.#pinger.ping();
    this.#problem = `no Pong came within ${duration(every)}`;
    this.#pinger.terminate();
  }

  #stopTimers(): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
  }

  #reportAttempts(socket: ReconnectingSocket): void {
    const lost = (event: CloseEvent): void => {
      if (socket.readyState === CLOSED) return;
      this.#report(event);
      this.#wasOpen = false;
      this.#problem = undefined;
      this.#details = [];
    };
    socket.addEventListener("close", lost);
    socket.addEventListener("waiting", ({ attempt, delay }: AttemptEvent) => {
      this.#screen.status(`Attempt ${attempt} in ${duration(delay)}`);
    });
  }

  /** Prints messages until the end, and returns the exit code. */
  async run(): Promise<number> {
    const { count } = this.#options;
    try {
      for await (const data of this.#socket) {
        if (this.#closedHere) continue;
        this.#restartSilence();
        await this.#screen.message(data as string | ArrayBuffer);
        if (++this.#received === count) this.end();
      }
    } catch {
      // The connection is lost: the close event has the code.
    }
    const event = await this.#socket.closed;
    this.#stopTimers();
    this.#report(event);
    return this.#exitCode(event);
  }

  /** Prints how a connection ended. */
  #report({ code, reason, wasClean }: SocketEventMap["close"]): void {
    const why = this.#problem ?? "there was no Close frame";
    const { peer, address } = this.#line;
    if (!this.#wasOpen) {
      if (this.#closedHere) return this.#screen.status("Closed, while there was no connection");
      this.#screen.complain(`Cannot connect to ${address()}: ${why}`);
      for (const line of this.#details) this.#screen.detail(line);
    } else if (this.#closedHere) {
      if (wasClean) this.#screen.status(`Closed: ${describeClose(code, reason)}`);
      else this.#screen.status(`Closed; the ${peer} did not answer that`);
    } else if (wasClean) {
      this.#screen.status(`The ${peer} closed: ${describeClose(code, reason)}`);
    } else {
      this.#screen.complain(`The connection is lost: ${why}`);
    }
  }

  #exitCode({ code, wasClean }: SocketEventMap["close"]): number {
    const { count } = this.#options;
    if (this.#failed || !this.#everOpen) return FAILED;
    if (count !== undefined && this.#received < count && !this.#byUser) {
      const messages = count === 1 ? "1 message" : `${count} messages`;
      this.#screen.complain(`Only ${this.#received} of ${messages} came`);
      return FAILED;
    }
    return this.#closedHere || (wasClean && (code === 1000 || code === 1005)) ? OK : FAILED;
  }

  /** Sends a message. Resolves when little enough is buffered for the next. */
  async send(data: MessageData): Promise<void> {
    const socket = this.#socket;
    if (this.isEnding) return;
    if (socket.readyState < OPEN && !this.#options.reconnect) {
      return this.#screen.complain("There is no connection yet");
    }
    try {
      socket.send(data);
    } catch (error) {
      this.#failed = true; // the queue of reconnect() is full
      this.#screen.complain((error as Error).message);
    }
    this.#restartSilence();
    while (socket.bufferedAmount > MAX_BUFFERED && socket.readyState <= OPEN) {
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
    }
  }

  /** Reports that there is no more input: from now on, silence ends the session. */
  inputEnded(): void {
    this.#inputEnded = true;
    this.#restartSilence();
  }

  /** Restarts the time of silence. */
  #restartSilence(): void {
    const { wait } = this.#options;
    if (!this.#inputEnded || this.#socket.readyState !== OPEN || wait === Infinity) return;
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      if (this.#socket.bufferedAmount > 0) this.#restartSilence();
      else this.end();
    }, wait);
  }

  /** Whether the session is over, or will be soon: nothing more is sent. */
  get isEnding(): boolean {
    return this.#closedHere || this.#socket.readyState > OPEN;
  }

  /** Sends a Ping. The time until its Pong is printed. */
  ping(payload?: Uint8Array): void {
    if (this.#socket.readyState !== OPEN) return this.#screen.complain("There is no connection");
    this.#reportsPong = true;
    this.#pinger.ping(payload);
  }

  /** Closes, and gives the peer little time to answer that: nobody waits for it any more. */
  leaveAtOnce(): void {
    this.leave();
    setTimeout(() => this.#pinger.terminate(), AT_ONCE);
  }

  /** Closes at the user's request: a count that was not reached is no failure then. */
  leave(code?: number, reason?: string): void {
    this.#byUser = true;
    this.end(code, reason);
  }

  /** Closes after an error of this side. */
  fail(why: string): void {
    this.#screen.complain(why);
    this.#failed = true;
    this.end();
  }

  /** Closes. */
  end(code = 1000, reason = ""): void {
    if (this.#closedHere) return;
    this.#closedHere = true;
    this.#stopTimers();
    const { readyState, bufferedAmount } = this.#socket;
    if (readyState !== OPEN && bufferedAmount > 0) {
      this.#failed = true;
      this.#screen.complain(`Not sent, for want of a connection: ${size(bufferedAmount)}`);
    }
    this.#socket.close(code, reason);
  }
}

/** Returns a close code, and the reason if there is one. */
function describeClose(code: number, reason: string): string {
  const number = code === 1005 ? "no code" : `${code}`;
  return reason === "" ? number : `${number} ${quote(reason)}`;
}

/** Returns the payload of a Ping or Pong: as text if it is some, else in hex. */
function shown(payload: Uint8Array): string {
  try {
    return quote(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return Array.from(payload, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  }
}
