/**
 * One connection as its socket sees it: all state, all order, all time limits.
 *
 * Commands come from the {@linkcode Socket} above, reports from the {@linkcode Link} below. What a
 * runtime reports too early, twice, in the wrong order or during a call is put right here, once for
 * all runtimes.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { ABNORMAL, mayBeReceived } from "./close_code.ts";
import type { ConnectionInit, ConnectionOptions } from "./connection_options.ts";
import {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketEvent,
  SocketMessageEvent,
  type SocketTarget,
} from "./events.ts";
import { exception, notEstablished } from "./failure.ts";
import type { GuardedConnection } from "../server/guard.ts";
import { fits } from "../server/limits.ts";
import type { Link, LinkEvents, StartConnection } from "./link.ts";
import { type ListenerObserver, Listeners } from "./listeners.ts";
import { CLOGGED, PAUSED, UNREAD } from "./event_queue.ts";
import { Outflow } from "./sender.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState } from "./ready_state.ts";
import type { SocketEnd, Source } from "./streams.ts";
import { queueTask, reportLater } from "./task.ts";

/** Bytes that may wait for a program that is not ready before reading stops, where it can. */
const PAUSE_BYTES = 1024 * 1024;

/** Bytes that may wait where it cannot: if more comes then, the connection is dropped. */
const MAX_HELD_BYTES = 16 * PAUSE_BYTES;

/** What an empty message counts for: it takes memory too. */
const MIN_HELD = 64;

/** Messages and control frames of one peer after which others have their turn. */
const TURN = 256;

/** All reasons to stop listening. */
const ANY = CLOGGED | UNREAD | PAUSED;

/** The state machine behind one socket. */
export class Connection extends Outflow
  implements LinkEvents, ListenerObserver, GuardedConnection, Source {
  /** Whom the socket's events are for. */
  readonly listeners: Listeners = new Listeners();
  /** Where the socket is between 0 (CONNECTING) and 3 (CLOSED). */
  state: ReadyState = CONNECTING;
  /** The subprotocol agreed on. */
  protocol = "";
  /** The extensions agreed on. */
  extensions = "";
  /** What `message` events carry for binary. */
  binaryType: BinaryType;
  /** How it ended. */
  end: SocketEnd | undefined;

  readonly #target: SocketTarget;
  readonly #options: ConnectionOptions;
  readonly #offered: readonly string[] | undefined;
  #giveUp: (() => void) | undefined;
  /** The connection is given up: what the runtime still reports is of no interest. */
  #abandoned = false;
  /** Takes back the one timer of the present state. */
  #cancel: (() => void) | undefined;
  /** The Close frame that waits: for the handshake, or for a Blob to be read. */
  #close: { code: number | undefined; reason: string } | undefined;
  /** Bytes of messages that wait to be delivered. */
  #heldBytes = 0;
  /** The asynchronous `open` listener that messages wait for. */
  #gate: Promise<unknown> | undefined;
  /** Why messages wait, beside the gate: a sum of reasons. */
  #deaf = 0;
  /** The runtime has reported the end: what came before it need not wait. */
  #isOver = false;
  /** What came since others had a turn. */
  #came = 0;

  /** Begins a connection. */
  constructor(
    target: SocketTarget,
    options: ConnectionOptions,
    init: ConnectionInit,
    begin: StartConnection,
  ) {
    super(init.guard);
    this.#target = target;
    this.#options = options;
    this.binaryType = init.binaryType;
    this.#offered = init.offered;
    if (init.guard !== undefined) init.guard.core = this;
    this.call(() => this.#giveUp = begin(this));
    this.#limit(options.openTimeout, "The connection was not established");
  }

  /** Where time comes from. */
  get clock(): Clock {
    return this.#options.clock ?? systemClock;
  }

  // Commands.

  /** Begins the closing handshake. The socket has checked the arguments. */
  close(code: number | undefined, reason: string): void {
    if (this.state >= CLOSING) return;
    const { state } = this;
    this.#advance(CLOSING);
    if (this.#gate !== undefined) this.#passGate(); // nothing will be delivered that had to wait
    this.listen(true, ANY); // the answer has to be heard
    if (state === CONNECTING && this.#options.role === "client") {
      this.abandon("The socket was closed before the connection was established");
    } else {
      // A server's handshake is completed first: so the client learns the code and the reason.
      this.#close = { code, reason };
      if (state === OPEN && !this.delayed) this.#sendClose();
    }
  }

  /** Drops the connection. */
  terminate(): void {
    this.abandon("The socket was terminated");
  }

  /** Tells of an error, and begins the closing handshake. */
  expel(code: number, reason: string, error: Error): void {
    if (this.state !== OPEN) return;
    this.hold(() => this.#fire(new SocketErrorEvent(this.#target, error)));
    this.close(code, reason); // Bun tells of the end in here
  }

  /** Sends a Close frame, and waits for nobody (7.1.7). */
  fail(code: number, message: string): void {
    const { link } = this;
    const { closeTimeout } = this.#options;
    this.#letGo(() => link?.close(code, ""), new DOMException(message, "QuotaExceededError"));
    if (link === undefined || link.bufferedAmount === 0 || closeTimeout === 0) return;
    this.clock.after(closeTimeout, () => link.terminate()); // the frame is behind what waits
  }

  /** Drops the connection without waiting for anybody. */
  abandon(message: string, name = "AbortError", cause?: unknown): void {
    const { link } = this;
    const command = (): void => link === undefined ? this.#giveUp?.() : link.terminate();
    this.#letGo(command, exception(message, name, cause));
  }

  /** Stops delivering for some reason, and reading where that can be stopped; or goes on. */
  listen(on: boolean, reason: number = UNREAD): void {
    const deaf = on ? this.#deaf & ~reason : this.#deaf | reason;
    const before = this.#deaf;
    if (deaf === before || (!on && (this.state > OPEN || this.#isOver))) return;
    this.#deaf = deaf;
    if (this.state === CONNECTING) return; // till open
    if (before === 0) this.#deafen();
    if (deaf === 0 && this.#gate === undefined) {
      this.#resume();
      this.go();
    }
  }

  /** Runs listeners for an event that a program made. */
  dispatch(event: Event): boolean {
    if (SocketEvent.isOwn(event)) {
      throw new DOMException("Cannot dispatch a socket's event again", "InvalidStateError");
    }
    this.listeners.dispatch(this.#target, event, this);
    return !event.defaultPrevented;
  }

  // Reports.

  opened(link: Link, protocol: string, extensions: string): void {
    if (this.link !== undefined) return;
    if (this.#abandoned) return link.terminate(); // too late
    this.link = link;
    this.#giveUp = undefined;
    this.#cancel?.();
    this.#cancel = undefined; // it keeps memory that an idle connection has no use for
    const offered = this.#offered;
    const fits = offered === undefined ||
      (offered.length === 0 ? protocol === "" : offered.includes(protocol)); // RFC 6455, 4.1
    if (!fits) {
      return this.abandon(
        `The server chose subprotocol "${protocol}", where "${offered.join(", ")}" was offered`,
      );
    }
    this.protocol = protocol;
    this.extensions = extensions;
    this.hold(() => this.#open());
  }

  received(data: string | ArrayBuffer): void {
    if (++this.#came === TURN) this.#letOthersCome();
    if (!this.waits) return this.#deliver(data);
    const bytes = Math.max(MIN_HELD, typeof data === "string" ? data.length : data.byteLength);
    this.#heldBytes += bytes;
    this.guard?.heard();
    if (this.#gate !== undefined && this.#heldBytes > PAUSE_BYTES) this.link?.pause?.();
    if (this.#heldBytes - bytes >= MAX_HELD_BYTES) { // a long message may come: maxPayload bounds it
      return this.abandon("Too much arrived that could not be delivered", "QuotaExceededError");
    }
    this.hold(() => {
      this.#heldBytes -= bytes;
      this.#deliver(data);
      if (this.#heldBytes === 0) this.#resume();
    });
  }

  heard(): void {
    if (++this.#came === TURN) this.#letOthersCome();
    this.guard?.heard();
  }

  closing(): void {
    if (this.state !== OPEN) return;
    this.#advance(CLOSING);
    this.#limit(this.#options.closeTimeout, "The peer's Close was not followed by an end");
  }

  closed(code: number, reason: string): void {
    if (mayBeReceived(code)) this.#over(code, reason, undefined);
    else this.failed(new Error(`The peer closed with code ${code}, which nobody may send`)); // 7.4
  }

  failed(cause?: unknown): void {
    this.#over(ABNORMAL, "", cause);
  }

  listenerThrew(error: unknown): void {
    const { onError } = this.#options;
    if (onError === undefined) {
      reportLater(error);
      return;
    }
    onError(error, this.#target);
    if (this.state !== OPEN) return;
    this.close(1011, "Internal error"); // 7.4.1
    this.#fire(new SocketErrorEvent(this.#target, error));
  }

  listenerReturned(value: unknown, event: Event): void {
    if (typeof (value as PromiseLike<unknown>)?.then !== "function") return;
    const promise = Promise.resolve(value as PromiseLike<unknown>);
    const settled = this.#options.onError === undefined
      ? promise
      : promise.catch((error) => this.listenerThrew(error));
    if (event.type === "open" && this.state === OPEN) {
      this.#gate = this.#gate === undefined ? settled : Promise.allSettled([this.#gate, settled]);
    }
  }

  // How it goes on.

  /** Runtimes read megabytes of one peer, some 100,000 messages, before they look at the next. */
  #letOthersCome(): void {
    this.link?.pause?.();
    queueTask(() => {
      this.#came = 0;
      const full = this.#heldBytes > (this.#gate === undefined ? 0 : PAUSE_BYTES);
      if (this.#deaf === 0 && !full) this.link?.resume?.();
    });
  }

  /**
   * Reads from the network again, where nothing hinders it. What is held is delivered first: for a
   * program that takes one message at a time, a runtime would read megabytes each time.
   */
  #resume(): void {
    if (this.#deaf !== 0 || this.#gate !== undefined || this.#heldBytes > 0) return;
    if (this.#came < TURN) this.link?.resume?.();
  }

  #open(): void {
    if (this.state === CONNECTING) {
      this.state = OPEN;
      this.guard?.opened();
      if (this.#deaf !== 0) this.#deafen();
      this.#fire(new SocketEvent("open", this.#target));
      this.#waitForListeners();
    } else if (this.state === CLOSING && this.#close !== undefined) {
      this.#sendClose();
    }
  }

  #deafen(): void {
    this.stop();
    this.link?.pause?.();
  }

  /** What arrives waits until the promises that `open` listeners returned have settled. */
  #waitForListeners(): void {
    if (this.#gate === undefined) return;
    this.stop();
    const passed = (): void => this.#passGate();
    this.#gate.then(passed, passed);
  }

  #passGate(): void {
    if (this.#gate === undefined) return;
    this.#gate = undefined;
    if (this.#deaf !== 0) return;
    this.#resume();
    this.go();
  }

  /** The end that the runtime reports, in its place among what it reported before. */
  #over(code: number, reason: string, cause: unknown): void {
    if (!this.waits) return this.#end(code, reason, cause);
    this.#isOver = true;
    this.listen(true, ANY);
    this.hold(() => this.#end(code, reason, cause));
    if (this.#gate === undefined) return;
    this.#cancel?.(); // an `open` listener that never ends must not hide the end
    this.#cancel = this.clock.after(this.#options.closeTimeout, () => this.#passGate());
  }

  #deliver(data: string | ArrayBuffer): void {
    if (this.state !== OPEN) return;
    if (!(this.guard?.received(data) ?? fits(data, this, this.#options.maxPayload))) return;
    const value = typeof data === "string" || this.binaryType === "arraybuffer"
      ? data
      : new Blob([data]);
    this.#fire(new SocketMessageEvent(this.#target, value));
  }

  #end(code: number, reason: string, cause: unknown): void {
    if (this.state === CLOSED) return;
    const isEarly = this.state === CONNECTING && this.#options.role === "client";
    this.#advance(CLOSED);
    this.#cancel?.();
    this.cut();
    this.guard?.ended(code);
    const error = code !== ABNORMAL
      ? undefined
      : isEarly
      ? notEstablished(cause)
      : cause ?? new Error("The connection was lost: no Close frame came");
    const event = new SocketCloseEvent(this.#target, code, reason);
    this.end = { event, error };
    if (error !== undefined) this.#fire(new SocketErrorEvent(this.#target, error));
    this.#fire(event);
  }

  /** Goes to a later state: it never goes back. */
  #advance(state: ReadyState): void {
    const before = this.state;
    this.state = state;
    if (before === OPEN) this.guard?.left();
  }

  #fire(event: SocketEvent): void {
    this.listeners.dispatch(this.#target, event, this);
  }

  protected override drained(): void {
    this.guard?.clogged(false);
    // Not behind messages that wait for a program: it may be waiting for this to take them.
    if (this.state === OPEN) this.#fire(new SocketEvent("drain", this.#target));
  }

  protected override emptied(error?: unknown): void {
    if (error !== undefined) this.abandon("A Blob could not be read", "NotReadableError", error);
    else if (this.#close !== undefined && this.state === CLOSING) this.#sendClose();
  }

  #sendClose(): void {
    const { code, reason } = this.#close!;
    this.#close = undefined;
    this.#limit(this.#options.closeTimeout, "The peer did not answer Close");
    this.call(() => this.link!.close(code, reason));
  }

  /** Starts the one timer of the present state. */
  #limit(milliseconds: number, failure: string): void {
    if (milliseconds === 0) return;
    this.#cancel = this.clock.after(
      milliseconds,
      () => this.abandon(`${failure} within ${milliseconds} ms`, "TimeoutError"),
    );
  }

  /** Ends it here, whatever the peer does. */
  #letGo(command: () => void, error: DOMException): void {
    if (this.state === CLOSED || this.#abandoned) return;
    this.#advance(CLOSING);
    this.#abandoned = true;
    this.call(command);
    this.#giveUp = undefined;
    this.#close = undefined;
    this.cut();
    this.#gate = undefined;
    this.#deaf = 0;
    this.discard(); // what has arrived is no longer wanted
    this.hold(() => this.#end(ABNORMAL, "", error));
  }
}
