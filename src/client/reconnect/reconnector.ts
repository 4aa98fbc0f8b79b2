/** What a reconnecting socket does, and when: one connection after another. @module */

import type { Clock } from "../../core/clock.ts";
import { ABNORMAL, NO_STATUS } from "../../core/close_code.ts";
import { type ConnectFailure, exception } from "../../core/failure.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState } from "../../core/ready_state.ts";
import {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketEvent,
  SocketMessageEvent,
} from "../../core/events.ts";
import type { SocketTarget } from "../../core/events.ts";
import { type ListenerObserver, Listeners } from "../../core/listeners.ts";
import { BlobQueue } from "../../core/blob_queue.ts";
import type { Payload } from "../../core/payload.ts";
import type { Socket } from "../../core/socket.ts";
import type { SocketEnd, Source } from "../../core/streams.ts";
import { queueTask, reportLater } from "../../core/task.ts";
import type { Backoff } from "./backoff.ts";
import { ABORTED, type ConnectOptions } from "../connect.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import type { SendQueue } from "./send_queue.ts";

/** An attempt, as the functions see it that are asked for the address and the subprotocols. */
export interface Attempt {
  /** 1 for the first attempt, and for the first after a connection that has stayed up. */
  readonly attempt: number;
  /** Aborted when the answer is no longer wanted: it took too long, or the socket was closed. */
  readonly signal: AbortSignal;
}

/** A value, or a function that is asked for it before each attempt. */
export type ValueOrProvider<T> = T | ((attempt: Attempt) => T | Promise<T>);

/** An attempt begins, or is waited for: the events `connecting` and `waiting`. */
export class AttemptEvent extends Event {
  /** The number of the attempt: 1 for the first, and for the first after a stable connection. */
  readonly attempt: number;
  /** How long until it begins, in milliseconds; 0 if it begins now. */
  readonly delay: number;

  /** Makes the event of one attempt. */
  constructor(type: "connecting" | "waiting", attempt: number, delay: number) {
    super(type);
    this.attempt = attempt;
    this.delay = delay;
  }
}

/** All that a reconnecting socket goes by, checked. */
export interface ReconnectConfig {
  readonly url: ValueOrProvider<string | URL>;
  readonly protocols: ValueOrProvider<string | Iterable<string>>;
  readonly headers: ValueOrProvider<HeadersInit>;
  readonly timeout: number;
  readonly closeTimeout: number;
  readonly until: (event: CloseEvent, failures: number) => boolean;
  readonly heartbeat: HeartbeatOptions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly backoff: Backoff;
  readonly queue: SendQueue;
  readonly clock: Clock;
  readonly connect: (url: string | URL, options: ConnectOptions) => Socket;
  readonly onWake: (callback: () => void) => () => void;
}

/** The state machine behind one reconnecting socket. At any time it has one connection, or none. */
export class Reconnector implements ListenerObserver, Source {
  readonly listeners: Listeners = new Listeners();
  state: ReadyState = CONNECTING;
  binaryType: BinaryType;
  /** The address of the present connection, or of the last. */
  url: string;
  /** How it ended for good. */
  end: SocketEnd | undefined;

  readonly #target: SocketTarget;
  readonly #plan: ReconnectConfig;
  #socket: Socket | undefined;
  /** The attempt under way, until it has a connection that has ended. */
  #attempt: AbortController | undefined;
  /** Takes back the timer of the present state: a wait, or an attempt's limit. */
  #cancel: (() => void) | undefined;
  #waiting = false;
  #openedAt: number | undefined;
  #heartbeat: Heartbeat | undefined;
  /** Why this side gave the connection up. */
  #cause: unknown;
  /** What `open` listeners returned that messages wait for. */
  #gate: unknown[] = [];
  #unsent = 0;
  #paused = false;
  readonly #ends: (() => void)[] = [];

  /** Begins, in a later task. */
  constructor(target: SocketTarget, plan: ReconnectConfig, url: string, binaryType: BinaryType) {
    this.#target = target;
    this.#plan = plan;
    this.url = url;
    this.binaryType = binaryType;
    this.#ends.push(plan.onWake(() => this.#wake()));
    const { signal } = plan;
    if (signal !== undefined) {
      const abort = (): void => {
        this.#cause = exception(ABORTED, "AbortError", signal.reason);
        this.close(undefined, "");
      };
      signal.addEventListener("abort", abort);
      this.#ends.push(() => signal.removeEventListener("abort", abort));
    }
    queueTask(() => {
      if (this.state === CONNECTING) this.#begin();
    });
  }

  /** The connection, while there is one. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  get bufferedAmount(): number {
    return this.#unsent + this.#plan.queue.bytes + (this.#socket?.bufferedAmount ?? 0);
  }

  /** Whether the present connection is. */
  get backlogged(): boolean {
    return false;
  }

  /** Pauses the present connection and those that follow, or resumes them. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    const socket = this.#socket;
    if (socket === undefined) return;
    if (paused) socket.pause();
    else socket.resume();
    if (this.state === OPEN) this.#watch(socket);
  }

  send(data: Payload): void {
    if (this.state === CONNECTING) this.#plan.queue.add(data);
    else if (this.state === OPEN) this.#socket!.send(data);
    else this.#unsent += BlobQueue.size(data);
  }

  setBinaryType(type: BinaryType): void {
    this.binaryType = type;
    if (this.#socket !== undefined) this.#socket.binaryType = type;
  }

  /** Closes for good. The socket has checked the arguments. */
  close(code: number | undefined, reason: string): void {
    if (this.state >= CLOSING) return;
    if (this.state === OPEN) this.#flush(); // it was sent before
    this.state = CLOSING;
    if (this.#socket !== undefined) return this.#socket.close(code, reason);
    this.#cancel?.();
    if (this.#attempt === undefined) {
      queueTask(() => {
        const event = new SocketCloseEvent(this.#target, code ?? NO_STATUS, reason);
        this.#finish(event, undefined);
        this.#fire(event);
      });
      return;
    }
    this.#attempt.abort();
    const message = "The socket was closed before the connection was established";
    this.#cause ??= new DOMException(message, "AbortError");
    queueTask(() => this.#ended(ABNORMAL, ""));
  }

  listenerThrew(error: unknown): void {
    reportLater(error);
  }

  listenerReturned(value: unknown, event: Event): void {
    if (event.type === "open") this.#gate.push(value);
  }

  // One attempt.

  #begin(): void {
    this.#waiting = false;
    const { clock, timeout, backoff } = this.#plan;
    const attempt = this.#attempt = new AbortController();
    this.#cancel = timeout === 0 ? undefined : clock.after(timeout, () => this.#late(timeout));
    const number = backoff.failures + 1;
    this.#fire(new AttemptEvent("connecting", number, 0));
    if (attempt.signal.aborted) return;
    this.#ask({ attempt: number, signal: attempt.signal }).catch(reportLater);
  }

  async #ask(attempt: Attempt): Promise<void> {
    const { connect, closeTimeout } = this.#plan;
    try {
      const [url, protocols, headers] = await Promise.all([
        ask(this.#plan.url, attempt),
        ask(this.#plan.protocols, attempt),
        ask(this.#plan.headers, attempt),
      ]);
      if (attempt.signal.aborted) return; // another attempt may be under way
      const { binaryType } = this;
      this.#follow(connect(url, { protocols, headers, binaryType, closeTimeout, timeout: 0 }));
    } catch (error) {
      if (!attempt.signal.aborted) this.#ended(ABNORMAL, "", error);
    }
  }

  #late(timeout: number): void {
    const message = `The connection was not established within ${timeout} ms`;
    this.#cause = new DOMException(message, "TimeoutError");
    if (this.#socket === undefined) this.#ended(ABNORMAL, "");
    else this.#socket.terminate();
  }

  // One connection.

  #follow(socket: Socket): void {
    this.#socket = socket;
    if (this.#paused) socket.pause();
    this.url = socket.url;
    let error: unknown;
    const present = (): boolean => this.#socket === socket;
    socket.onopen = () => present() ? this.#opened(socket) : undefined;
    socket.onmessage = ({ data }) => {
      if (!present()) return;
      this.#heartbeat?.heard();
      this.#fire(new SocketMessageEvent(this.#target, data));
    };
    socket.onerror = (event) => error = event.error;
    socket.onclose = ({ code, reason }) => {
      if (present()) this.#ended(code, reason, error);
    };
  }

  /** Its promise makes the connection hold messages back. */
  #opened(socket: Socket): Promise<void> | undefined {
    this.#cancel?.();
    this.#openedAt = this.#plan.clock.now();
    this.state = OPEN;
    this.#gate = [];
    this.#fire(new SocketEvent("open", this.#target));
    this.#flush();
    const watch = (): void => {
      if (this.#socket === socket && this.state === OPEN) this.#watch(socket);
    };
    if (this.#gate.length > 0) return Promise.allSettled(this.#gate).then(watch);
    watch();
  }

  /** What is taken out has been sent, or is lost with the connection: never sent twice. */
  #flush(): void {
    const { queue } = this.#plan;
    while (this.state === OPEN && queue.length > 0) this.#socket!.send(queue.take()!);
  }

  /** Watches over a connection, unless nothing would be heard of it. */
  #watch(socket: Socket): void {
    const { heartbeat, clock } = this.#plan;
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    if (heartbeat === undefined || this.#paused) return;
    const { message, every, deadline } = heartbeat;
    this.#heartbeat = new Heartbeat(clock, heartbeat, {
      ask: () => {
        if (message !== undefined && this.state === OPEN) socket.send(message);
      },
      dead: () => {
        const silence = `Nothing arrived for ${every} ms, nor within ${deadline} ms more`;
        this.#cause = new DOMException(silence, "TimeoutError");
        socket.terminate();
      },
    });
  }

  // What follows.

  #ended(code: number, reason: string, error?: unknown): void {
    const { clock, backoff } = this.#plan;
    this.#cancel?.();
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#attempt?.abort();
    this.#attempt = undefined;
    backoff.ended(this.#openedAt === undefined ? 0 : clock.now() - this.#openedAt);
    this.#openedAt = undefined;
    const cause = this.#cause ?? error ?? new Error("The connection was lost");
    this.#cause = undefined;
    const event = new SocketCloseEvent(this.#target, code, reason);
    if (this.state === CLOSING || this.#isFinal(event)) {
      this.#finish(event, code === ABNORMAL ? cause : undefined);
    } else {
      this.#socket = undefined;
      this.state = CONNECTING;
    }
    if (code === ABNORMAL) this.#fire(new SocketErrorEvent(this.#target, cause));
    this.#fire(event);
    if (this.state === CONNECTING) this.#wait(code, cause);
  }

  #isFinal(event: SocketCloseEvent): boolean {
    const { until, backoff } = this.#plan;
    try {
      const isFinal: unknown = until(event as unknown as CloseEvent, backoff.failures);
      if (!(isFinal instanceof Promise)) return Boolean(isFinal);
      isFinal.catch(ignore); // a rejection that nobody handles would end the process
      throw new TypeError("Cannot wait for the function until: it must return true or false");
    } catch (error) {
      reportLater(error);
      return true;
    }
  }

  #wait(code: number, error: unknown): void {
    const { clock, backoff } = this.#plan;
    const { cause } = (error ?? {}) as { cause?: Partial<ConnectFailure> | null };
    const delay = backoff.wait(code, cause?.retryAfter ?? 0);
    this.#waiting = true;
    this.#cancel = clock.after(delay, () => this.#begin());
    this.#fire(new AttemptEvent("waiting", backoff.failures + 1, delay));
  }

  #wake(): void {
    const { backoff } = this.#plan;
    if (!this.#waiting || this.state !== CONNECTING) this.#heartbeat?.wake();
    else if (!backoff.asked) {
      this.#cancel?.();
      backoff.failures = 0;
      this.#begin();
    }
  }

  #finish(event: SocketCloseEvent, error: unknown): void {
    this.state = CLOSED;
    this.end = { event, error };
    this.#unsent = this.bufferedAmount; // does not fall again
    this.#socket = undefined;
    this.#plan.queue.clear();
    for (const end of this.#ends) end();
  }

  #fire(event: Event): void {
    this.listeners.dispatch(this.#target, event, this);
  }
}

/** What throws at once rejects as well: so there is one owner for all failures. */
async function ask<T>(asked: ValueOrProvider<T>, attempt: Attempt): Promise<T> {
  if (typeof asked !== "function") return asked;
  return await (asked as (it: Attempt) => T | Promise<T>)(attempt);
}

function ignore(): void {}
