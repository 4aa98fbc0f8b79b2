/**
 * One connection of a page: the platform's `WebSocket`, with what the standard leaves open, and what
 * browsers get wrong, put right.
 *
 * A page's `WebSocket` keeps the standard's states and order, and checks arguments by itself. Added are
 * time limits, `maxPayload`, pauses, and the error of each failure.
 *
 * @module
 */

import type { ConnectOptions } from "../client/connect.ts";
import type { Carrier } from "../client/reconnect/carrier.ts";
import { systemClock } from "../core/clock.ts";
import { ABNORMAL, mayBeReceived } from "../core/close_code.ts";
import { exception } from "../core/failure.ts";
import { CLIENT_MAX_PAYLOAD, tooLong } from "../core/max_payload.ts";
import { PAUSED, type PauseReason, UNREAD } from "../core/pause_reason.ts";
import { sizeOf } from "../core/payload.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState } from "../core/ready_state.ts";
import { queueTask } from "../core/task.ts";
import { PageTarget } from "./page_target.ts";

/** Number of bytes that are held during a pause: a page cannot stop reading. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/** Number of bytes that a held message counts for besides its own: an empty one takes memory too. */
const OVERHEAD = 64;

/** Options of one connection. */
export type NativeOptions = Omit<ConnectOptions, "headers" | "protocols" | "signal">;

/** A connection over a class that keeps the WHATWG WebSockets standard. */
export abstract class NativeSocket extends PageTarget implements Carrier {
  #state: ReadyState = CONNECTING;
  readonly #native: WebSocket;
  readonly #limits: Required<Pick<NativeOptions, "closeTimeout" | "maxPayload" | "clock">>;
  /** Cancels the timer of the present state. */
  #cancel: (() => void) | undefined;
  /** Error that the class reports: a platform's own reports none. */
  #error: unknown;
  /** Reports that wait for the end of a pause, or for those before them. */
  #held: (() => void)[] = [];
  #heldBytes = 0;
  #reasons: PauseReason = 0;
  #delivers = false;

  /**
   * Begins a connection.
   *
   * @throws {DOMException} What the class throws for an address or a subprotocol that is malformed.
   */
  constructor(url: string | URL, protocols: string | Iterable<string>, options: NativeOptions) {
    super();
    const { binaryType = "blob", timeout = 10_000, closeTimeout = 10_000 } = options;
    const { maxPayload = CLIENT_MAX_PAYLOAD, clock = systemClock } = options;
    const offered = typeof protocols === "string" ? [protocols] : [...protocols];
    const native = this.#native = new (options.WebSocket ?? WebSocket)(url as string, offered);
    this.#limits = { closeTimeout, maxPayload, clock };
    native.binaryType = binaryType;
    native.onopen = () => {
      const { protocol } = native;
      if (offered.length > 0 && !offered.includes(protocol)) { // RFC 6455, 4.1: not in Firefox
        return this.abandon(`The server chose "${protocol}" of "${offered}"`);
      }
      this.#cancel?.();
      this.#state = OPEN;
      this.onOpened();
    };
    native.onmessage = (event) => this.#received(event);
    native.onerror = (event) => this.#error = (event as ErrorEvent).error;
    native.onclose = ({ code, reason }) => {
      if (this.#held.length === 0) return this.#end(code, reason);
      this.#held.push(() => this.#end(code, reason));
      this.resume(~PAUSED);
      this.#limit(closeTimeout);
    };
    this.#limit(timeout, "The connection was not established");
  }

  /** Called when the connection is established. */
  protected abstract onOpened(): void;
  /** Called for each message, in the task of the platform's event. */
  protected abstract onReceived(event: MessageEvent): void;
  /** Called at the end, once. With 1006 there is an error. */
  protected abstract onEnded(code: number, reason: string, error: unknown): void;

  /** The state: from the peer's Close on CLOSING, though what came before waits to be delivered. */
  get readyState(): ReadyState {
    return Math.max(this.#state, Math.min(this.#native.readyState, CLOSING)) as ReadyState;
  }

  get url(): string {
    return this.#native.url;
  }

  get protocol(): string {
    return this.#native.protocol;
  }

  get extensions(): string {
    return this.#native.extensions;
  }

  get bufferedAmount(): number {
    return this.#native.bufferedAmount;
  }

  get binaryType(): BinaryType {
    return this.#native.binaryType;
  }
  set binaryType(type: BinaryType) {
    this.#native.binaryType = type;
  }

  /** Sends a message. The platform checks and captures it, and keeps the order, Blobs included. */
  send(...data: [data: string | ArrayBuffer | ArrayBufferView | Blob]): void {
    this.#native.send(...data as [string]);
    const [blob] = data;
    if (!(blob instanceof Blob)) return;
    // Browsers do not tell that one cannot be read.
    blob.arrayBuffer().catch((error) =>
      this.abandon("A Blob could not be read", "NotReadableError", error)
    );
  }

  /** Begins the closing handshake. The platform checks the arguments, in any state. */
  close(code?: number, reason?: string): void {
    const state = this.#state;
    // A Close frame has no room for a reason alone (RFC 6455, 5.5.1).
    this.#native.close(code ?? (reason ? 1000 : undefined), reason);
    if (state === CONNECTING) {
      this.abandon("The socket was closed before the connection was established");
    } else if (state === OPEN) {
      this.#state = CLOSING;
      this.#limit(this.#limits.closeTimeout, "The peer did not answer Close");
      this.resume(-1); // what was held will not be delivered
    }
  }

  /** Lets go of the connection: a page cannot cut it. */
  terminate(): void {
    this.abandon("The socket was terminated");
  }

  /** Gives the connection up, for a reason. */
  abandon(message: string, name = "AbortError", cause?: unknown): void {
    const native = this.#native;
    if (this.#state === CLOSED || native.onclose === null) return;
    native.onopen = native.onmessage = native.onclose = null;
    native.close();
    this.#state = CLOSING;
    this.#cancel?.();
    this.#held = [];
    this.#reasons = 0;
    queueTask(() => this.#end(ABNORMAL, "", exception(message, name, cause)));
  }

  /** Delivers no message while too many are unread, or delivers them again. */
  setPaused(paused: boolean): void {
    if (paused) this.pause(UNREAD);
    else this.resume(UNREAD);
  }

  /** Delivers no message until all reasons are gone. While CONNECTING, `open` is still delivered. */
  pause(reason: PauseReason = PAUSED): void {
    if (this.#native.readyState <= OPEN) this.#reasons |= reason; // nothing holds an end back
  }

  /** Delivers messages again, each in a task of its own, when no reason to pause is left. */
  resume(reasons: PauseReason = PAUSED): void {
    if ((this.#reasons & reasons) === 0) return;
    this.#reasons &= ~reasons;
    this.#deliver();
  }

  #received(event: MessageEvent): void {
    const { data } = event;
    const size = sizeOf(data);
    const { maxPayload } = this.#limits;
    // Characters take 3 bytes at most: hardly ever, they have to be counted.
    if (size * 3 > maxPayload && new Blob([data]).size > maxPayload) {
      this.abandon(tooLong(maxPayload), "QuotaExceededError");
    } else if (this.#reasons === 0 && this.#held.length === 0) {
      this.#message(event);
    } else if (this.#heldBytes >= MAX_HELD_BYTES) {
      this.abandon("Too much waits", "QuotaExceededError");
    } else {
      this.#heldBytes += size + OVERHEAD;
      this.#held.push(() => {
        this.#heldBytes -= size + OVERHEAD;
        this.#message(event);
      });
    }
  }

  #message(event: MessageEvent): void {
    if (this.#state === OPEN) this.onReceived(event);
  }

  /** Runs what is held, one report in each task, as the platform does. */
  #deliver(): void {
    if (this.#delivers || this.#reasons !== 0 || this.#held.length === 0) return;
    this.#delivers = true;
    queueTask(() => {
      this.#delivers = false;
      if (this.#reasons === 0) this.#held.shift()?.();
      this.#deliver();
    });
  }

  #end(code: number, reason: string, error?: unknown): void {
    const isEarly = this.#state === CONNECTING;
    this.#state = CLOSED;
    this.#cancel?.();
    if (mayBeReceived(code)) return this.onEnded(code, reason, undefined);
    error ??= this.#error ?? new Error(
      isEarly ? "The connection was not established" : "The connection was lost",
    );
    this.onEnded(ABNORMAL, "", error);
  }

  /** Limits a time, after which the connection has failed; or else the pause of a program is over. */
  #limit(milliseconds: number, failure?: string): void {
    this.#cancel = milliseconds === 0 ? undefined : this.#limits.clock.after(milliseconds, () => {
      if (failure === undefined) this.resume();
      else this.abandon(`${failure} within ${milliseconds} ms`, "TimeoutError");
    });
  }
}
