/** State machine of a reconnecting socket: one connection after another. @module */

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
import { type Attempt, AttemptEvent, valueOf, type ValueOrProvider } from "./attempt.ts";
import type { Backoff } from "./backoff.ts";
import { ABORTED, type ConnectRequest } from "../connect.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import type { SendQueue } from "./send_queue.ts";

/** Checked options of a reconnecting socket, and its environment. */
export interface ReconnectConfig {
  readonly url: ValueOrProvider<string | URL>;
  readonly protocols: ValueOrProvider<string | Iterable<string>>;
  readonly headers: ValueOrProvider<HeadersInit>;
  readonly timeout: number;
  readonly until: (event: CloseEvent, failures: number) => boolean;
  readonly heartbeat: HeartbeatOptions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly backoff: Backoff;
  readonly queue: SendQueue;
  readonly clock: Clock;
  readonly connect: (request: ConnectRequest) => Socket;
  readonly onWake: (callback: () => void) => () => void;
}

/** State machine of one reconnecting socket. At any time it has one connection, or none. */
export class Reconnector implements ListenerObserver, Source {
  readonly listeners: Listeners = new Listeners();
  state: ReadyState = CONNECTING;
  binaryType: BinaryType;
  /** Address of the current connection, or of the last. */
  url: string;
  /** The final end. */
  end: SocketEnd | undefined;

  readonly #target: SocketTarget;
  readonly #config: ReconnectConfig;
  #socket: Socket | undefined;
  /** The current attempt, until its connection has ended. */
  #attempt: AbortController | undefined;
  /** Cancels the timer of the current state: a delay, or the time limit of an attempt. */
  #cancel: (() => void) | undefined;
  #waiting = false;
  #openedAt: number | undefined;
  #heartbeat: Heartbeat | undefined;
  /** Reason for which this side gave the connection up. */
  #cause: unknown;
  /** Values that `open` listeners returned: messages wait for them. */
  #openResults: unknown[] = [];
  #unsent = 0;
  #paused = false;
  readonly #releases: (() => void)[] = [];

  /** Schedules the first attempt for a later task. */
  constructor(target: SocketTarget, config: ReconnectConfig, url: string, binaryType: BinaryType) {
    this.#target = target;
    this.#config = config;
    this.url = url;
    this.binaryType = binaryType;
    this.#releases.push(config.onWake(() => this.#wake()));
    const { signal } = config;
    if (signal !== undefined) {
      const abort = (): void => {
        this.#cause = exception(ABORTED, "AbortError", signal.reason);
        this.close(undefined, "");
      };
      signal.addEventListener("abort", abort);
      this.#releases.push(() => signal.removeEventListener("abort", abort));
    }
    queueTask(() => {
      if (this.state === CONNECTING) this.#begin();
    });
  }

  /** The current connection; `undefined` if there is none. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  get bufferedAmount(): number {
    return this.#unsent + this.#config.queue.bytes + (this.#socket?.bufferedAmount ?? 0);
  }

  /** Always `false`: a reconnecting socket has no `drain` event. */
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
    if (this.state === CONNECTING) this.#config.queue.add(data);
    else if (this.state === OPEN) this.#socket!.send(data);
    else this.#unsent += BlobQueue.size(data);
  }

  setBinaryType(type: BinaryType): void {
    this.binaryType = type;
    if (this.#socket !== undefined) this.#socket.binaryType = type;
  }

  /** Closes for good. The caller has checked the arguments. */
  close(code: number | undefined, reason: string): void {
    if (this.state >= CLOSING) return;
    if (this.state === OPEN) this.#flush(); // these messages were sent before close()
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
    if (event.type === "open") this.#openResults.push(value);
  }

  // An attempt.

  #begin(): void {
    this.#waiting = false;
    const { clock, timeout, backoff } = this.#config;
    const attempt = this.#attempt = new AbortController();
    this.#cancel = timeout === 0 ? undefined : clock.after(timeout, () => this.#timedOut(timeout));
    const number = backoff.failures + 1;
    this.#fire(new AttemptEvent("connecting", number, 0));
    if (attempt.signal.aborted) return;
    this.#connect({ attempt: number, signal: attempt.signal }).catch(reportLater);
  }

  async #connect(attempt: Attempt): Promise<void> {
    try {
      const [url, protocols, headers] = await Promise.all([
        valueOf(this.#config.url, attempt),
        valueOf(this.#config.protocols, attempt),
        valueOf(this.#config.headers, attempt),
      ]);
      if (attempt.signal.aborted) return; // another attempt may be under way
      const { binaryType } = this;
      this.#follow(this.#config.connect({ url, protocols, headers, binaryType }));
    } catch (error) {
      if (!attempt.signal.aborted) this.#ended(ABNORMAL, "", error);
    }
  }

  #timedOut(timeout: number): void {
    const message = `The connection was not established within ${timeout} ms`;
    this.#cause = new DOMException(message, "TimeoutError");
    if (this.#socket === undefined) this.#ended(ABNORMAL, "");
    else this.#socket.terminate();
  }

  // A connection.

  #follow(socket: Socket): void {
    this.#socket = socket;
    if (this.#paused) socket.pause();
    this.url = socket.url;
    let error: unknown;
    const isCurrent = (): boolean => this.#socket === socket;
    socket.onopen = () => isCurrent() ? this.#opened(socket) : undefined;
    socket.onmessage = ({ data }) => {
      if (!isCurrent()) return;
      this.#heartbeat?.heard();
      this.#fire(new SocketMessageEvent(this.#target, data));
    };
    socket.onerror = (event) => error = event.error;
    socket.onclose = ({ code, reason }) => {
      if (isCurrent()) this.#ended(code, reason, error);
    };
  }

  /** Returns a promise if messages must wait for it: the connection defers them. */
  #opened(socket: Socket): Promise<void> | undefined {
    this.#cancel?.();
    this.#openedAt = this.#config.clock.now();
    this.state = OPEN;
    this.#openResults = [];
    this.#fire(new SocketEvent("open", this.#target));
    this.#flush();
    const watch = (): void => {
      if (this.#socket === socket && this.state === OPEN) this.#watch(socket);
    };
    if (this.#openResults.length > 0) return Promise.allSettled(this.#openResults).then(watch);
    watch();
  }

  /** Sends the queued messages. Each is taken out of the queue first, so that none is sent twice. */
  #flush(): void {
    const { queue } = this.#config;
    while (this.state === OPEN && queue.length > 0) this.#socket!.send(queue.take()!);
  }

  /** Starts the heartbeat of a connection, unless delivery is paused: it would hear nothing. */
  #watch(socket: Socket): void {
    const { heartbeat, clock } = this.#config;
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    if (heartbeat === undefined || this.#paused) return;
    const { message, every, deadline } = heartbeat;
    this.#heartbeat = new Heartbeat(clock, heartbeat, {
      probe: () => {
        if (message !== undefined && this.state === OPEN) socket.send(message);
      },
      dead: () => {
        const silence = `Nothing arrived for ${every} ms, nor within ${deadline} ms more`;
        this.#cause = new DOMException(silence, "TimeoutError");
        socket.terminate();
      },
    });
  }

  // The end of a connection.

  #ended(code: number, reason: string, error?: unknown): void {
    const { clock, backoff } = this.#config;
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
    const { until, backoff } = this.#config;
    try {
      const isFinal: unknown = until(event as unknown as CloseEvent, backoff.failures);
      if (!(isFinal instanceof Promise)) return Boolean(isFinal);
      isFinal.catch(ignore); // an unhandled rejection would end the process
      throw new TypeError("Cannot wait for the function until: it must return true or false");
    } catch (error) {
      reportLater(error);
      return true;
    }
  }

  #wait(code: number, error: unknown): void {
    const { clock, backoff } = this.#config;
    const { cause } = (error ?? {}) as { cause?: Partial<ConnectFailure> | null };
    const delay = backoff.nextDelay(code, cause?.retryAfter ?? 0);
    this.#waiting = true;
    this.#cancel = clock.after(delay, () => this.#begin());
    this.#fire(new AttemptEvent("waiting", backoff.failures + 1, delay));
  }

  #wake(): void {
    const { backoff } = this.#config;
    if (!this.#waiting || this.state !== CONNECTING) this.#heartbeat?.wake();
    else if (!backoff.isRequested) {
      this.#cancel?.();
      backoff.failures = 0;
      this.#begin();
    }
  }

  #finish(event: SocketCloseEvent, error: unknown): void {
    this.state = CLOSED;
    this.end = { event, error };
    this.#unsent = this.bufferedAmount; // by the standard, it does not decrease any more
    this.#socket = undefined;
    this.#config.queue.clear();
    for (const release of this.#releases) release();
  }

  #fire(event: Event): void {
    this.listeners.dispatch(this.#target, event, this);
  }
}

function ignore(): void {}
