/** One run of `connect`, from the first attempt to the exit code. @module */

import { connect as dial } from "../../portable/connect.ts";
import { CLOSED, OPEN } from "../../core/ready_state.ts";
import { reconnect } from "../../portable/reconnect.ts";
import type { AttemptEvent } from "../../client/reconnect/attempt.ts";
import type { ReconnectingSocket } from "../../client/reconnect/reconnecting_socket.ts";
import type { Socket, SocketEventMap } from "../../core/socket.ts";
import { FAILED, OK } from "../shared/exit_code.ts";
import { size } from "../shared/bytes.ts";
import type { ConnectTarget } from "../shared/target.ts";
import type { MessageData } from "./read_messages.ts";
import type { Screen } from "./screen.ts";
import { Pinger } from "./pinger.ts";
import { duration } from "../shared/duration.ts";
import { failureReason } from "../shared/failure_reason.ts";
import { quote } from "../shared/printable.ts";
import { redact } from "../../core/credentials.ts";

/** Options for a {@linkcode Session}. */
export interface SessionOptions {
  /** Whether to reconnect when a connection is lost. */
  readonly reconnect: boolean;
  /** Interval of Ping frames, in milliseconds; `undefined` for none. */
  readonly ping: number | undefined;
  /** Number of received messages after which the session ends; `undefined` for no limit. */
  readonly count: number | undefined;
  /** Time of silence after the end of the input that ends the session, in milliseconds. */
  readonly wait: number;
}

/** ms: time limit for the server's answer to a Close frame. */
const CLOSE_TIMEOUT = 3000;

/** Number of buffered bytes above which no more input is read. */
const MAX_BUFFERED = 512 * 1024;

/** ms: interval of polling `bufferedAmount`. */
const POLL_INTERVAL = 10;

/** A client that prints what it receives, until an end condition holds. */
export class Session {
  /** Resolves when the first connection is open; rejects if the session ends before. */
  readonly opened: Promise<void>;

  readonly #socket: Socket | ReconnectingSocket;
  readonly #pinger: Pinger;
  readonly #screen: Screen;
  readonly #target: ConnectTarget;
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
  #received = 0;
  #inputEnded = false;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;

  /** Begins to connect. */
  constructor(target: ConnectTarget, options: SessionOptions, screen: Screen) {
    const { url, protocols, headers, tls } = target;
    this.#target = target;
    this.#options = options;
    this.#screen = screen;
    this.#pinger = new Pinger(tls);
    this.#pinger.onPong = (took) => {
      if (this.#reportsPong) screen.status(`Pong after ${duration(took)}`);
      this.#reportsPong = false;
    };
    const { WebSocket } = this.#pinger;
    const connectOptions = {
      protocols,
      headers,
      WebSocket,
      binaryType: "arraybuffer",
      closeTimeout: CLOSE_TIMEOUT,
    } as const;
    this.#socket = options.reconnect ? reconnect(url, connectOptions) : dial(url, connectOptions);
    const socket = this.#socket as Socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("error", ({ error }) => this.#problem ??= failureReason(error));
    socket.addEventListener("close", () => this.#stopTimers());
    if (options.reconnect) this.#reportAttempts(this.#socket as ReconnectingSocket);
    this.opened = socket.opened;
  }

  #opened(): void {
    const { protocol, extensions } = this.#socket;
    const agreed = [protocol !== "" && `protocol ${protocol}`, extensions].filter(Boolean);
    const terms = agreed.length === 0 ? "" : ` (${agreed.join(", ")})`;
    this.#screen.success(`Connected to ${redact(this.#target.url)}${terms}`);
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
    if (!this.#wasOpen) {
      if (this.#closedHere) this.#screen.status("Closed, while there was no connection");
      else this.#screen.complain(`Cannot connect to ${redact(this.#target.url)}: ${why}`);
    } else if (this.#closedHere) {
      if (wasClean) this.#screen.status(`Closed: ${describeClose(code, reason)}`);
      else this.#screen.status("Closed; the server did not answer that");
    } else if (wasClean) {
      this.#screen.status(`The server closed: ${describeClose(code, reason)}`);
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
    if (this.#closedHere || socket.readyState > OPEN) return;
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

  /** Sends a Ping. The time until its Pong is printed. */
  ping(): void {
    if (this.#socket.readyState !== OPEN) return this.#screen.complain("There is no connection");
    this.#reportsPong = true;
    this.#pinger.ping();
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
