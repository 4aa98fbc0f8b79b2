/**
 * One connection as its socket sees it: all state, all order, all time limits.
 *
 * Commands come from the {@linkcode Socket} above, reports from the {@linkcode Link} below. What a
 * runtime reports too early, twice, in the wrong order or during a call is put right here, once for
 * all runtimes.
 *
 * @module
 */

import { ABNORMAL, mayBeReceived, type Role } from "./close_code.ts";
import {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketEvent,
  SocketMessageEvent,
  type SocketTarget,
} from "./events.ts";
import type { Begin, Bytes, Link, LinkEvents } from "./link.ts";
import { Listeners, type Witness } from "./listeners.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import { queueTask } from "./task.ts";

/** The values of `readyState`. */
export const CONNECTING = 0, OPEN = 1, CLOSING = 2, CLOSED = 3;

/** One of the values of `readyState`. */
export type ReadyState = 0 | 1 | 2 | 3;

/** Bytes that may wait for an asynchronous `open` listener before reading stops, where it can. */
const PAUSE_BYTES = 1024 * 1024;

/** Bytes that may wait where it cannot, before the connection is dropped. */
const MAX_HELD_BYTES = 16 * PAUSE_BYTES;

/** What is common to many sockets: one object for all sockets of a server. */
export interface ConnectionOptions {
  /** The end of the connection that this is. */
  readonly role: Role;
  /** How long the opening handshake may take, in milliseconds; 0 for no limit. */
  readonly openTimeout: number;
  /** How long the closing handshake may take, in milliseconds; 0 for no limit. */
  readonly closeTimeout: number;
  /** Told what listeners threw. Without it, a listener's error is the program's own affair. */
  readonly onError?: ((error: unknown, target: SocketTarget) => void) | undefined;
  /** Told of the end, before the `error` and `close` events. */
  readonly onEnd?: ((target: SocketTarget, code: number) => void) | undefined;
}

/** The state machine behind one socket. */
export class Connection implements LinkEvents, Witness {
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

  readonly #target: SocketTarget;
  readonly #options: ConnectionOptions;
  /** The subprotocols that a client offered: it must get one of them, or none if there are none. */
  readonly #offered: readonly string[] | undefined;
  #link: Link | undefined;
  #giveUp: (() => void) | undefined;
  /** The connection is given up: what the runtime still reports is of no interest. */
  #abandoned = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The Close frame that waits: for the handshake, or for a Blob to be read. */
  #close: { code: number | undefined; reason: string } | undefined;
  /** Messages behind a Blob. */
  #outbox: Outbox | undefined;
  /** Bytes given to `send()` too late to be sent. */
  #unsent = 0;
  /** Calls to the link under way. */
  #calls = 0;
  /** Reports that wait for a task of their own; `undefined` when there is nothing to wait for. */
  #held: (() => void)[] | undefined;
  #heldBytes = 0;
  /** A task is on its way, or at work, that releases them. */
  #releasing = false;
  /** The asynchronous `open` listener that messages wait for. */
  #gate: Promise<unknown> | undefined;

  /** Begins a connection. */
  constructor(
    target: SocketTarget,
    options: ConnectionOptions,
    binaryType: BinaryType,
    begin: Begin,
    offered?: readonly string[],
  ) {
    this.#target = target;
    this.#options = options;
    this.binaryType = binaryType;
    this.#offered = offered;
    this.#call(() => this.#giveUp = begin(this));
    this.#limit(options.openTimeout, "The connection was not established");
  }

  /** Bytes that are on their way, or that came too late to be. */
  get bufferedAmount(): number {
    return (this.#link?.bufferedAmount ?? 0) + (this.#outbox?.bytes ?? 0) + this.#unsent;
  }

  // Commands.

  /** Sends a message, unless it is too late. The socket has checked that it is not too early. */
  send(data: Outgoing): void {
    if (this.state !== OPEN) {
      this.#unsent += Outbox.size(data);
    } else if (this.#outbox !== undefined || (typeof data === "object" && data instanceof Blob)) {
      this.#outbox ??= new Outbox((next) => this.#transmit(next), (error) => this.#emptied(error));
      this.#outbox.add(data);
    } else {
      this.#transmit(data);
    }
  }

  /** Begins the closing handshake. The socket has checked the arguments. */
  close(code: number | undefined, reason: string): void {
    if (this.state >= CLOSING) return;
    const { state } = this;
    this.state = CLOSING;
    if (this.#gate !== undefined) this.#passGate(); // nothing will be delivered that had to wait
    if (state === CONNECTING && this.#options.role === "client") {
      this.#abandon("The socket was closed before the connection was established");
    } else {
      // A server's handshake is completed first: so the client learns the code and the reason.
      this.#close = { code, reason };
      if (state === OPEN && this.#outbox === undefined) this.#sendClose();
    }
  }

  /** Drops the connection. */
  terminate(): void {
    if (this.state === CLOSED) return;
    this.#abandon("The socket was terminated");
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
    if (this.#link !== undefined) return;
    if (this.#abandoned) return link.terminate(); // too late
    this.#link = link;
    this.#giveUp = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined; // it keeps memory that an idle connection has no use for
    const offered = this.#offered;
    const fits = offered === undefined ||
      (offered.length === 0 ? protocol === "" : offered.includes(protocol)); // RFC 6455, 4.1
    if (!fits) {
      return this.#abandon(
        `The server chose subprotocol "${protocol}", where "${offered.join(", ")}" was offered`,
      );
    }
    this.protocol = protocol;
    this.extensions = extensions;
    this.#hold(() => this.#open());
  }

  received(data: string | ArrayBuffer): void {
    if (this.#held === undefined && this.#calls === 0) return this.#deliver(data);
    const bytes = typeof data === "string" ? data.length : data.byteLength;
    this.#heldBytes += bytes;
    if (this.#gate !== undefined && this.#heldBytes > PAUSE_BYTES) this.#link?.pause?.();
    if (this.#heldBytes > MAX_HELD_BYTES) {
      return this.#abandon("Too much arrived before open was handled", "QuotaExceededError");
    }
    this.#hold(() => {
      this.#heldBytes -= bytes;
      this.#deliver(data);
    });
  }

  closing(): void {
    if (this.state !== OPEN) return;
    this.state = CLOSING;
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

  #open(): void {
    if (this.state === CONNECTING) {
      this.state = OPEN;
      this.#fire(new SocketEvent("open", this.#target));
      this.#waitForListeners();
    } else if (this.state === CLOSING && this.#close !== undefined) {
      this.#sendClose();
    }
  }

  /** What arrives waits until the promises that `open` listeners returned have settled. */
  #waitForListeners(): void {
    if (this.#gate === undefined) return;
    this.#held ??= [];
    const passed = (): void => this.#passGate();
    this.#gate.then(passed, passed);
  }

  #passGate(): void {
    if (this.#gate === undefined) return;
    this.#gate = undefined;
    this.#link?.resume?.();
    this.#releaseLater();
  }

  /** The end that the runtime reports, in its place among what it reported before. */
  #over(code: number, reason: string, cause: unknown): void {
    if (this.#held === undefined && this.#calls === 0) return this.#end(code, reason, cause);
    this.#hold(() => this.#end(code, reason, cause));
    if (this.#gate === undefined) return;
    clearTimeout(this.#timer); // an `open` listener that never ends must not hide the end
    this.#timer = setTimeout(() => this.#passGate(), this.#options.closeTimeout);
  }

  #deliver(data: string | ArrayBuffer): void {
    if (this.state !== OPEN) return;
    const value = typeof data === "string" || this.binaryType === "arraybuffer"
      ? data
      : new Blob([data]);
    this.#fire(new SocketMessageEvent(this.#target, value));
  }

  #end(code: number, reason: string, cause: unknown): void {
    if (this.state === CLOSED) return;
    this.state = CLOSED;
    clearTimeout(this.#timer);
    this.#unsent = this.bufferedAmount; // does not fall again
    this.#link = undefined;
    this.#outbox = undefined;
    this.#options.onEnd?.(this.#target, code);
    if (code === ABNORMAL) {
      const error = cause ?? new Error("The connection was lost: no Close frame came");
      this.#fire(new SocketErrorEvent(this.#target, error));
    }
    this.#fire(new SocketCloseEvent(this.#target, code, reason));
  }

  #fire(event: SocketEvent): void {
    this.listeners.dispatch(this.#target, event, this);
  }

  #transmit(data: string | Bytes): void {
    this.#calls++;
    this.#link?.send(data); // there is none if the connection ended while a Blob was read
    this.#calls--;
    if (this.#calls === 0 && this.#held !== undefined) this.#releaseLater();
  }

  /** The last Blob has left, or could not be read. */
  #emptied(error?: unknown): void {
    this.#outbox = undefined;
    if (this.state === CLOSED) return;
    if (error !== undefined) this.#abandon("A Blob could not be read", "NotReadableError", error);
    else if (this.#close !== undefined && this.state === CLOSING) this.#sendClose();
  }

  #sendClose(): void {
    const { code, reason } = this.#close!;
    this.#close = undefined;
    this.#limit(this.#options.closeTimeout, "The peer did not answer Close");
    this.#call(() => this.#link!.close(code, reason));
  }

  /** Starts the one timer of the present state. */
  #limit(milliseconds: number, failure: string): void {
    if (milliseconds === 0) return;
    this.#timer = setTimeout(
      () => this.#abandon(`${failure} within ${milliseconds} ms`, "TimeoutError"),
      milliseconds,
    );
  }

  /** Drops the connection without waiting for anybody. */
  #abandon(message: string, name = "AbortError", cause?: unknown): void {
    this.state = CLOSING;
    this.#abandoned = true;
    this.#call(() => this.#link === undefined ? this.#giveUp?.() : this.#link.terminate());
    this.#giveUp = undefined;
    this.#unsent = this.bufferedAmount;
    this.#link = undefined;
    this.#outbox = undefined;
    this.#gate = undefined;
    const error = new DOMException(message, name);
    if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause });
    this.#held = undefined; // what has arrived is no longer wanted
    this.#hold(() => this.#end(ABNORMAL, "", error));
  }

  // Order.

  /** Calls the runtime. What it reports meanwhile waits for the next task. */
  #call(command: () => void): void {
    this.#calls++;
    try {
      command();
    } finally {
      this.#calls--;
      if (this.#calls === 0 && this.#held !== undefined) this.#releaseLater();
    }
  }

  #hold(report: () => void): void {
    if (this.#held !== undefined) {
      this.#held.push(report);
      return;
    }
    this.#held = [report];
    if (this.#calls === 0) this.#releaseLater();
  }

  #releaseLater(): void {
    if (this.#releasing) return;
    this.#releasing = true;
    queueTask(() => {
      while (this.#held !== undefined && this.#gate === undefined) {
        const report = this.#held.shift();
        if (report === undefined) this.#held = undefined;
        else report();
      }
      this.#releasing = false;
    });
  }
}

/** Lets the platform report an error as it does for any listener. */
function reportLater(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (reportError !== undefined) reportError(error);
  else {queueTask(() => {
      throw error;
    });}
}
