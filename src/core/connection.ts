/**
 * One connection as its socket sees it: all state, and all time limits.
 *
 * Commands come from the {@linkcode Socket} above, reports from the {@linkcode Link} below. What a
 * runtime reports too early, twice, in the wrong order or during a call is put right here and in the
 * {@linkcode EventQueue}, once for all runtimes.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { ABNORMAL, mayBeReceived } from "./close_code.ts";
import type { ConnectionInit, ConnectionOptions } from "./connection_options.ts";
import { EventQueue, type EventQueueOwner } from "./event_queue.ts";
import {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketEvent,
  SocketMessageEvent,
  type SocketTarget,
} from "./events.ts";
import { exception, notEstablished } from "./failure.ts";
import type { ConnectionGuard, GuardedConnection } from "./guarded.ts";
import type { Link, LinkEvents, StartConnection } from "./link.ts";
import { type ListenerObserver, Listeners } from "./listeners.ts";
import { fits } from "./max_payload.ts";
import { ANY_REASON, PAUSED, type PauseReason, UNREAD } from "./pause_reason.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState } from "./ready_state.ts";
import { Sender, type SenderOwner } from "./sender.ts";
import { afterStall } from "./stall.ts";
import { type SocketEnd, type Source, Streams } from "./streams.ts";
import { reportLater } from "./task.ts";

/** Fields that a connection needs only until it is established. */
interface Handshake {
  /** Subprotocols that a client offered. */
  readonly offered: readonly string[] | undefined;
  /** Gives the attempt up. */
  giveUp: (() => void) | undefined;
}

/**
 * State machine behind one socket, composed of a queue of what arrives and a sender of what leaves.
 *
 * One object that inherited all three took 448 bytes of heap for an idle socket, with a link that does
 * nothing (Node 24; a server's 650); this one takes 464 (651), since members that only serve the
 * opening or a pause are in objects that an idle connection does not have. A message that arrives and
 * is answered takes 0.07 µs in both.
 */
export class Connection
  implements LinkEvents, ListenerObserver, GuardedConnection, EventQueueOwner, SenderOwner, Source {
  readonly socket: SocketTarget;
  /** Options that the connection has in common with others. */
  readonly options: ConnectionOptions;
  readonly guard: ConnectionGuard | undefined;
  readonly events: EventQueue = new EventQueue(this);
  readonly sender: Sender = new Sender(this);
  /** Listeners of the socket. */
  readonly listeners: Listeners = new Listeners();
  state: ReadyState = CONNECTING;
  link: Link | undefined;
  /** Subprotocol agreed on. */
  protocol = "";
  /** Extensions agreed on. */
  extensions = "";
  /** Type of the data of `message` events for binary messages. */
  binaryType: BinaryType;
  end: SocketEnd | undefined;

  #streams: Streams | undefined;
  #handshake: Handshake | undefined;
  /** Cancels the timer of the present state. There is one at most. */
  #cancel: (() => void) | undefined;
  /** Close frame that waits: for the handshake, or for a Blob to be read. */
  #close: { code: number | undefined; reason: string } | undefined;
  /**
   * Set when the runtime has reported the end, so that what came before need not wait; or when this
   * side has given the connection up, so that later reports are ignored.
   */
  #ending: "reported" | "abandoned" | undefined;

  /** Begins a connection. */
  constructor(
    socket: SocketTarget,
    options: ConnectionOptions,
    init: ConnectionInit,
    begin: StartConnection,
  ) {
    this.socket = socket;
    this.options = options;
    this.guard = init.guard;
    this.binaryType = init.binaryType;
    this.guard?.attach(this);
    const handshake: Handshake = { offered: init.offered, giveUp: undefined };
    this.#handshake = handshake;
    this.events.call(() => handshake.giveUp = begin(this));
    this.#startTimer(options.openTimeout, "The connection was not established");
  }

  get clock(): Clock {
    return this.options.clock ?? systemClock;
  }

  /** Socket as promises and streams, made when first asked for. */
  get streams(): Streams {
    const { streams = Streams } = this.options;
    return this.#streams ??= new streams(this.socket as WebSocket, this, this.options);
  }

  /** State as a program sees it: a runtime may have begun to close, and not have reported it. */
  get seenState(): ReadyState {
    if (this.state === OPEN && !this.events.defers) this.link?.look?.();
    return this.state;
  }

  get backlogged(): boolean {
    return this.sender.backlogged;
  }

  // Commands.

  /** Begins the closing handshake. The socket has checked the arguments. */
  close(code: number | undefined, reason: string): void {
    if (this.state >= CLOSING) return;
    const { state } = this;
    this.#setState(CLOSING);
    this.setPaused(false, ANY_REASON); // the peer's answer has to be read
    if (state === CONNECTING && this.options.role === "client") {
      this.abandon("The socket was closed before the connection was established");
    } else {
      // A server's handshake is completed first: so the client learns the code and the reason.
      this.#close = { code, reason };
      if (state === OPEN && !this.sender.delayed) this.#sendClose();
    }
  }

  closeWithError(code: number, reason: string, error: Error): void {
    if (this.state !== OPEN) return;
    this.events.defer(() => this.#fire(new SocketErrorEvent(this.socket, error)));
    this.close(code, reason); // Bun reports the end in here
  }

  /** Sends a Close frame, and does not wait for an answer (RFC 6455, 7.1.7). */
  fail(code: number, message: string): void {
    const { link } = this;
    const { closeTimeout } = this.options;
    this.#abandon(() => link?.close(code, ""), new DOMException(message, "QuotaExceededError"));
    if (link === undefined || link.bufferedAmount === 0 || closeTimeout === 0) return;
    // The frame is behind what is buffered.
    afterStall(this.clock, closeTimeout, () => link.bufferedAmount, () => link.terminate());
  }

  /** Drops the connection at once. */
  abandon(message: string, name = "AbortError", cause?: unknown): void {
    const { link } = this;
    const command = (): void => link === undefined ? this.#handshake?.giveUp?.() : link.terminate();
    this.#abandon(command, exception(message, name, cause));
  }

  setPaused(paused: boolean, reasons: PauseReason = UNREAD): void {
    const isEnding = this.#ending !== undefined;
    if (paused && (this.state > OPEN || (isEnding && !this.#mayPause(reasons)))) return;
    this.events.setPaused(paused, reasons);
    if (paused && isEnding) this.#limitPause();
  }

  /** Returns whether delivery may pause though the end is known: a program may work on what is held. */
  #mayPause(reasons: PauseReason): boolean {
    return this.#ending === "reported" && reasons === PAUSED;
  }

  // Reports of the runtime.

  opened(link: Link, protocol: string, extensions: string): void {
    if (this.link !== undefined) return;
    if (this.#ending === "abandoned") return link.terminate(); // too late
    const offered = this.#handshake?.offered;
    this.link = link;
    this.#handshake = undefined;
    this.#cancel?.();
    this.#cancel = undefined; // it keeps memory that an idle connection has no use for
    const fits = offered === undefined ||
      (offered.length === 0 ? protocol === "" : offered.includes(protocol)); // RFC 6455, 4.1
    if (!fits) {
      return this.abandon(
        `The server chose subprotocol "${protocol}", where "${offered.join(", ")}" was offered`,
      );
    }
    this.protocol = protocol;
    this.extensions = extensions;
    this.events.defer(() => this.#open());
  }

  received(data: string | ArrayBuffer): void {
    this.events.countTurn();
    if (!this.events.defers) return this.deliver(data);
    this.guard?.heard();
    if (this.events.deferMessage(data)) return;
    this.abandon("Too much arrived that could not be delivered", "QuotaExceededError");
  }

  heard(): void {
    this.events.countTurn();
    this.guard?.heard();
  }

  closing(answer?: () => void): void {
    if (!this.events.defers) return this.#closing(answer);
    this.#limitPause(); // no more will come, and what came is heard first
    this.events.defer(() => this.#closing(answer));
  }

  closed(code: number, reason: string): void {
    if (mayBeReceived(code)) this.#ended(code, reason, undefined);
    else this.failed(new Error(`The peer closed with code ${code}, which nobody may send`)); // 7.4
  }

  failed(cause?: unknown): void {
    this.#ended(ABNORMAL, "", cause);
  }

  // Reports of the listeners.

  listenerThrew(error: unknown): void {
    const { onError } = this.options;
    if (onError === undefined) {
      reportLater(error);
      return;
    }
    onError(error, this.socket);
    if (this.state !== OPEN) return;
    this.close(1011, "Internal error"); // 7.4.1
    this.#fire(new SocketErrorEvent(this.socket, error));
  }

  listenerReturned(value: unknown): void {
    // Without `onError`, a promise is the platform's to report, as that of any listener.
    if (this.options.onError === undefined) return;
    if (typeof (value as PromiseLike<unknown>)?.then !== "function") return;
    void Promise.resolve(value as PromiseLike<unknown>).catch((error) => this.listenerThrew(error));
  }

  // Reports of the queue and of the sender.

  deliver(data: string | ArrayBuffer): void {
    if (this.state !== OPEN) return;
    if (!(this.guard?.received(data) ?? fits(data, this, this.options.maxPayload))) return;
    const value = typeof data === "string" || this.binaryType === "arraybuffer"
      ? data
      : new Blob([data]);
    this.#fire(new SocketMessageEvent(this.socket, value));
  }

  drained(): void {
    // Not behind messages that wait for a program: it may be waiting for this to take them.
    if (this.state === OPEN) this.#fire(new SocketEvent("drain", this.socket));
  }

  blobsSent(error?: unknown): void {
    if (error !== undefined) this.abandon("A Blob could not be read", "NotReadableError", error);
    else if (this.#close !== undefined && this.state === CLOSING) this.#sendClose();
  }

  // Changes of state.

  #open(): void {
    if (this.state === CONNECTING) {
      this.state = OPEN;
      this.guard?.opened();
      this.events.open();
      this.#fire(new SocketEvent("open", this.socket));
      this.events.endTurn();
    } else if (this.state === CLOSING && this.#close !== undefined) {
      this.#sendClose();
    }
  }

  /**
   * Answers the peer's Close frame, or waits for the end of a closing handshake that the runtime goes
   * through by itself. Nothing can be sent from then on (WHATWG WebSockets, "When the WebSocket closing
   * handshake is started").
   */
  #closing(answer: (() => void) | undefined): void {
    if (this.state === OPEN) {
      this.#setState(CLOSING);
      if (answer === undefined) {
        this.#startTimer(this.options.closeTimeout, "The peer's Close was not followed by an end");
      }
    }
    answer?.();
  }

  /** Puts the end that the runtime reports behind what it reported before. */
  #ended(code: number, reason: string, cause: unknown): void {
    if (!this.events.defers) return this.#end(code, reason, cause);
    this.#ending ??= "reported";
    this.#limitPause();
    this.events.defer(() => this.#end(code, reason, cause));
  }

  /** Ends the pauses of streams now, and that of a program in time: it must not hide the end. */
  #limitPause(): void {
    this.setPaused(false, ANY_REASON & ~PAUSED);
    if (!this.events.isPaused || this.options.closeTimeout === 0) return;
    this.#cancel?.();
    this.#cancel = this.clock.after(
      this.options.closeTimeout,
      () => this.setPaused(false, PAUSED),
    );
  }

  #end(code: number, reason: string, cause: unknown): void {
    if (this.state === CLOSED) return;
    const isEarly = this.state === CONNECTING && this.options.role === "client";
    this.#setState(CLOSED);
    this.#cancel?.();
    this.#detach();
    this.guard?.closed(code);
    const error = code !== ABNORMAL
      ? undefined
      : isEarly
      ? notEstablished(cause)
      : cause ?? new Error("The connection was lost: no Close frame came");
    const event = new SocketCloseEvent(this.socket, code, reason);
    this.end = { event, error };
    const close = (): void => void this.listeners.dispatch(this.socket, event, this); // the last one
    if (error === undefined || !this.#fire(new SocketErrorEvent(this.socket, error))) close();
    else this.events.defer(close);
  }

  /** Ends the connection here, whatever the peer does. */
  #abandon(command: () => void, error: DOMException): void {
    if (this.state === CLOSED || this.#ending === "abandoned") return;
    this.#setState(CLOSING);
    this.#ending = "abandoned";
    this.events.call(command);
    this.#handshake = this.#close = undefined;
    this.#detach();
    this.events.clear(); // what has arrived is no longer wanted
    this.events.defer(() => this.#end(ABNORMAL, "", error));
  }

  /** Goes to a later state: it never goes back. */
  #setState(state: ReadyState): void {
    const before = this.state;
    this.state = state;
    if (before === OPEN) this.guard?.closing();
  }

  #detach(): void {
    this.sender.stop();
    this.link = undefined;
  }

  #sendClose(): void {
    const { code, reason } = this.#close!;
    this.#close = undefined;
    this.#startTimer(this.options.closeTimeout, "The peer did not answer Close");
    this.events.call(() => this.link!.close(code, reason));
  }

  /** Starts the one timer of the present state. */
  #startTimer(milliseconds: number, failure: string): void {
    if (milliseconds === 0) return;
    this.#cancel?.();
    this.#cancel = afterStall(
      this.clock,
      milliseconds,
      () => this.link?.bufferedAmount ?? 0,
      () => this.abandon(`${failure} within ${milliseconds} ms`, "TimeoutError"),
    );
  }

  /**
   * Fires an event.
   *
   * @returns Whether that ended the turn.
   */
  #fire(event: SocketEvent): boolean {
    const endsTurn = this.listeners.dispatch(this.socket, event, this);
    if (endsTurn) this.events.endTurn();
    return endsTurn;
  }
}
