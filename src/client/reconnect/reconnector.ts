/** State machine of a reconnecting socket: one connection after another. @module */

import type { Clock } from "../../core/clock.ts";
import { ABNORMAL, NO_STATUS } from "../../core/close_code.ts";
import { type ConnectFailure, exception } from "../../core/failure.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState } from "../../core/ready_state.ts";
import type { Sendable, SocketEnd } from "../../core/streams.ts";
import { queueTask } from "../../core/task.ts";
import { ABORTED, type ConnectRequest } from "../connect.ts";
import { type Attempt, attemptEvent, valueOf, type ValueOrProvider } from "./attempt.ts";
import type { Backoff } from "./backoff.ts";
import type { Carrier, CarrierEvents, EventMaker } from "./carrier.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import type { SendQueue } from "./send_queue.ts";

/** Options of a reconnecting socket, and its environment. */
export interface ReconnectConfig {
  readonly url: ValueOrProvider<string | URL>;
  readonly protocols: ValueOrProvider<string | Iterable<string>>;
  readonly headers: ValueOrProvider<HeadersInit>;
  readonly binaryType: BinaryType;
  readonly timeout: number;
  readonly until: (event: CloseEvent, failures: number, error: unknown) => boolean;
  readonly heartbeat?: HeartbeatOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly backoff: Backoff;
  readonly queue: SendQueue;
  readonly clock: Clock;
  /**
   * Begins a connection.
   *
   * @throws What no later attempt can mend: the arguments are wrong, or may not be used here.
   */
  open: (request: ConnectRequest, events: CarrierEvents) => Carrier;
  /** Delivers no message of a connection, whose end is still reported, or delivers them again. */
  readonly holdBack: (carrier: Carrier, held: boolean) => void;
  readonly onWake: (callback: () => void, signal: AbortSignal) => void;
}

/** State machine of one reconnecting socket. At any time it has one connection, or none. */
export class Reconnector {
  state: ReadyState = CONNECTING;
  binaryType: BinaryType;
  /** Address of the current connection, or of the last. */
  url: string;
  /** The final end. */
  end: SocketEnd | undefined;
  /** The current connection; `undefined` if there is none. */
  carrier: Carrier | undefined;

  readonly #events: EventMaker;
  readonly #config: ReconnectConfig;
  /** Aborted at the final end. */
  readonly #final: AbortController = new AbortController();
  /** The current attempt, until its connection has ended. There is no other: an end is the last report. */
  #attempt: AbortController | undefined;
  /** Cancels the timer of the current state: a delay, or the time limit of an attempt. */
  #cancel: (() => void) | undefined;
  #isWaiting = false;
  /** Time of the `open` event; `NaN` before it, which no time is later than. */
  #openedAt = NaN;
  #heartbeat: Heartbeat | undefined;
  /** Reason for which this side gave the connection up. */
  #cause: unknown;
  #unsent = 0;
  #isPaused = false;

  /** Schedules the first attempt for a later task. */
  constructor(events: EventMaker, config: ReconnectConfig) {
    this.#events = events;
    this.#config = config;
    const { url, binaryType, signal } = config;
    this.url = typeof url === "function" ? "" : `${url}`;
    this.binaryType = binaryType;
    const abort = (): void => {
      if (this.state === CONNECTING) {
        this.#cause = exception(ABORTED, "AbortError", signal!.reason);
      }
      this.close();
    };
    const until = { signal: this.#final.signal };
    signal?.addEventListener("abort", abort, until);
    config.onWake(() => this.#wake(), until.signal);
    queueTask(() => {
      if (this.state === CONNECTING) this.#begin();
    });
  }

  get bufferedAmount(): number {
    return this.#unsent + this.#config.queue.bytes + (this.carrier?.bufferedAmount ?? 0);
  }

  /** Whether what is sent leaves: the peer may have closed, and the end not be reported yet. */
  get #isUsable(): boolean {
    return this.state === OPEN && this.carrier!.readyState === OPEN;
  }

  /** Pauses the present connection and those that follow, or resumes them. */
  setPaused(paused: boolean): void {
    this.#isPaused = paused;
    if (this.carrier !== undefined) this.#config.holdBack(this.carrier, paused);
    if (this.state === OPEN) this.#watch();
  }

  send(data: Sendable): void {
    if (this.#isUsable) this.carrier!.send(data);
    else if (this.state < CLOSING) this.#config.queue.add(data);
    else this.#unsent += new Blob([data as BlobPart]).size;
  }

  setBinaryType(type: BinaryType): void {
    this.binaryType = type;
    if (this.carrier !== undefined) this.carrier.binaryType = type;
  }

  /** Closes for good. Whoever begins connections has checked the arguments, or does. */
  close(code?: number, reason = ""): void {
    const { carrier } = this;
    if (this.state >= CLOSING) return;
    this.#flush(); // these messages were sent before close()
    carrier?.close(code, reason);
    this.state = CLOSING;
    if (carrier !== undefined) return;
    this.#cancel?.();
    let end: readonly [number, string] = [code ?? NO_STATUS, reason];
    if (this.#attempt !== undefined) {
      this.#attempt.abort();
      const message = "The socket was closed before the connection was established";
      this.#cause ??= exception(message, "AbortError");
      end = [ABNORMAL, ""];
    }
    queueTask(() => {
      if (this.end === undefined) this.#ended(...end); // else until() has called this
    });
  }

  // An attempt.

  #begin(): void {
    this.#isWaiting = false;
    const { clock, timeout, backoff } = this.#config;
    const attempt = this.#attempt = new AbortController();
    const late = (): void =>
      this.#giveUp(`The connection was not established within ${timeout} ms`);
    this.#cancel = timeout === 0 ? undefined : clock.after(timeout, late);
    const number = backoff.failures + 1;
    this.#events.fire(attemptEvent("connecting", number, 0));
    if (attempt.signal.aborted) return;
    // eslint-disable-next-line @typescript-eslint/no-floating-promises -- it catches what it may
    void this.#connect(attempt, number);
  }

  async #connect(attempt: AbortController, number: number): Promise<void> {
    const { signal } = attempt;
    const asked: Attempt = { attempt: number, signal };
    const { url, protocols, headers, open } = this.#config;
    let isTried = false;
    try {
      const [address, offered, init] = await Promise.all([
        valueOf(url, asked),
        valueOf(protocols, asked),
        valueOf(headers, asked),
      ]);
      if (signal.aborted) return; // another attempt may be under way
      isTried = true;
      if (typeof address !== "string" && !((address as unknown) instanceof URL)) {
        throw new TypeError(`Cannot connect to ${address}: it is no address`);
      }
      const carrier = this.carrier = open(
        { url: address, protocols: offered, headers: init, binaryType: this.binaryType },
        {
          onOpened: () => this.#opened(),
          onReceived: (event) => {
            this.#heartbeat?.heard();
            this.#events.fire(this.#events.message(event));
          },
          onEnded: (code, reason, error) => this.#ended(code, reason, error),
        },
      );
      if (this.#isPaused) this.#config.holdBack(carrier, true);
      this.url = carrier.url;
    } catch (error) {
      // What cannot be tried once cannot be tried later: a function may well succeed.
      if (!signal.aborted) this.#ended(ABNORMAL, "", error, isTried);
    }
  }

  /** Drops the attempt or the connection, which has taken too long. */
  #giveUp(message: string): void {
    this.#cause = exception(message, "TimeoutError");
    if (this.carrier === undefined) this.#ended(ABNORMAL, "");
    else this.carrier.terminate();
  }

  // A connection.

  #opened(): void {
    this.#cancel?.();
    this.#openedAt = this.#config.clock.now();
    this.state = OPEN;
    this.#events.fire(this.#events.open());
    this.#flush();
    if (this.state === OPEN) this.#watch();
  }

  /** Sends the queued messages. Each is taken out of the queue first, so that none is sent twice. */
  #flush(): void {
    const { queue } = this.#config;
    for (let next; this.state === OPEN && (next = queue.take()) !== undefined;) {
      this.carrier!.send(next);
    }
  }

  /** Starts the heartbeat of a connection, unless delivery is paused: it would hear nothing. */
  #watch(): void {
    const { heartbeat, clock } = this.#config;
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    if (heartbeat === undefined || this.#isPaused) return;
    const { message, every, deadline } = heartbeat;
    this.#heartbeat = new Heartbeat(clock, heartbeat, {
      probe: () => {
        if (message !== undefined && this.state === OPEN) this.carrier!.send(message);
      },
      dead: () => this.#giveUp(`Nothing arrived for ${every} ms, nor within ${deadline} ms more`),
    });
  }

  // The end of a connection.

  #ended(code: number, reason: string, error?: unknown, isFinal = false): void {
    const { clock, backoff, until } = this.#config;
    this.#cancel?.();
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#attempt?.abort();
    this.#attempt = undefined;
    backoff.ended(clock.now() - this.#openedAt);
    this.#openedAt = NaN;
    const isLost = code === ABNORMAL;
    let cause = (isLost ? this.#cause ?? error : undefined) as Error | undefined;
    this.#cause = undefined;
    const event = this.#events.close(code, reason);
    if (this.state !== CLOSING) {
      this.state = CONNECTING;
      try {
        isFinal ||= until(event, backoff.failures, cause);
      } catch (error) {
        this.#events.report(error);
        isFinal = true;
      }
      if (isFinal && cause !== undefined) {
        const message = `No other attempt follows: ${cause?.message ?? cause}`;
        cause = new Error(message, { cause: cause?.cause ?? cause });
      }
    }
    if (isFinal || this.state === CLOSING) this.#finish(event, cause);
    else this.carrier = undefined;
    // Each event has a turn of its own. These are queued before what a listener queues by close().
    queueTask(() => this.#events.fire(event));
    queueTask(() => {
      if (this.state === CONNECTING) this.#wait(code, cause);
    });
    if (isLost) this.#events.fire(this.#events.error(cause));
  }

  #wait(code: number, error: Error | undefined): void {
    const { clock, backoff } = this.#config;
    const { retryAfter = 0 } = (error?.cause ?? {}) as Partial<ConnectFailure>;
    const delay = backoff.nextDelay(code, retryAfter);
    this.#isWaiting = true;
    this.#cancel = clock.after(delay, () => this.#begin());
    this.#events.fire(attemptEvent("waiting", backoff.failures + 1, delay));
  }

  #wake(): void {
    const { backoff } = this.#config;
    if (!this.#isWaiting || this.state !== CONNECTING) this.#heartbeat?.wake();
    else if (!backoff.isRequested) {
      this.#cancel?.();
      backoff.failures = 0;
      this.#begin();
    }
  }

  #finish(event: CloseEvent, error: unknown): void {
    this.state = CLOSED;
    this.end = { event, error };
    this.#unsent = this.bufferedAmount; // by the standard, it does not decrease any more
    this.carrier = undefined;
    this.#config.queue.clear();
    this.#final.abort();
  }
}
