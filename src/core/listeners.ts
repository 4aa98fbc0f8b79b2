/**
 * The listeners of one event target, by the DOM standard's rules (2.7 and 2.9), the same on
 * every runtime, with reports of what a listener threw or returned.
 *
 * @module
 */

import { SocketEvent } from "./events.ts";

/** A function, or an object with `handleEvent`. */
// deno-lint-ignore no-explicit-any -- users' functions take events of any kind
export type Callback = ((event: any) => unknown) | { handleEvent(event: any): unknown };

interface Listener {
  readonly type: string;
  /** `null` for the `on…` attribute of the type, whose place in the order it keeps when replaced. */
  readonly callback: Callback | null;
  readonly capture: boolean;
  readonly once: boolean;
  removed: boolean;
  /** Whether it has heard no event yet. */
  isNew: boolean;
  /** Signal that removes it when aborted. */
  readonly signal?: AbortSignal;
  /** Present value of an attribute. */
  handler?: unknown;
}

const NONE: readonly Listener[] = [];

/** Receives what listeners throw and return. */
export interface ListenerObserver {
  /** Called with the error that a listener threw. */
  listenerThrew(error: unknown): void;
  /** Called with the value that a listener returned: a promise, if it is asynchronous. */
  listenerReturned(value: unknown, event: Event): void;
}

/** The listeners of one socket. */
export class Listeners {
  // A new array for each change: a dispatch under way sees the list as it was when it began.
  #all: readonly Listener[] = NONE;

  /** `addEventListener()`. */
  add(
    type: string,
    callback: Callback | null,
    options: AddEventListenerOptions | boolean = {},
  ): void {
    const { capture = false, once = false, signal = undefined } = typeof options === "object"
      ? options ?? {}
      : { capture: Boolean(options) };
    if (callback === null || callback === undefined || signal?.aborted) return;
    if (typeof callback !== "function" && typeof callback !== "object") {
      throw new TypeError(
        `Cannot listen for "${type}": the listener must be a function or an object`,
      );
    }
    const present = this.#all.filter((it) => !isAborted(it));
    if (present.length < this.#all.length) this.#all = present;
    if (find(this.#all, type, callback, capture) !== undefined) return;
    const listener = { type, callback, capture, once, removed: false, isNew: true };
    // The signal may outlive the socket: it is checked, and gets no listener that would keep this.
    this.#all = [...present, signal ? { ...listener, signal } : listener];
  }

  /** `removeEventListener()`. */
  remove(
    type: string,
    callback: Callback | null,
    options: EventListenerOptions | boolean = {},
  ): void {
    const capture = typeof options === "object" ? options?.capture ?? false : Boolean(options);
    const listener = find(this.#all, type, callback, capture);
    if (callback !== null && listener !== undefined) this.#all = without(this.#all, listener);
  }

  /** Returns the value of an `on…` attribute: a function, an object, or `null`. */
  attribute(type: string): unknown {
    return find(this.#all, type, null, false)?.handler ?? null;
  }

  /** Sets an `on…` attribute. What is neither a function nor an object becomes `null`. */
  setAttribute(type: string, value: unknown): void {
    const handler = typeof value === "function" || typeof value === "object" ? value : null;
    const present = find(this.#all, type, null, false);
    if (handler === null) {
      if (present !== undefined) this.#all = without(this.#all, present);
    } else if (present !== undefined) {
      present.handler = handler;
      present.isNew = true;
    } else {
      this.#all = [
        ...this.#all,
        {
          type,
          callback: null,
          capture: false,
          once: false,
          removed: false,
          isNew: true,
          handler,
        },
      ];
    }
  }

  /**
   * Runs the listeners of an event. All of them run, whatever one of them throws.
   *
   * @param target Socket: `this` of each listener.
   * @param event Event to fire.
   * @param observer Receives what listeners throw and return.
   * @returns Whether a listener heard its first event, or the listeners changed: code that awaits the
   * event is about to add another one, and must not miss what comes next.
   */
  dispatch(target: EventTarget, event: Event, observer: ListenerObserver): boolean {
    const all = this.#all;
    if (all.length === 0) return false;
    let isNew = false;
    const own = SocketEvent.isOwn(event) ? event : undefined;
    const stopped = own === undefined ? claim(event, target) : undefined;
    if (own !== undefined) SocketEvent.dispatch(own, true);
    for (const listener of all) {
      if (listener.removed || listener.type !== event.type || isAborted(listener)) continue;
      if (listener.once) this.#all = without(this.#all, listener);
      if (listener.isNew) {
        listener.isNew = false;
        isNew = true;
      }
      try {
        const value = call(listener, target, event);
        if (value !== undefined) observer.listenerReturned(value, event);
      } catch (error) {
        observer.listenerThrew(error);
      }
      if (own !== undefined ? SocketEvent.stopped(own) : stopped!()) break;
    }
    if (own !== undefined) SocketEvent.dispatch(own, false);
    return isNew || this.#all !== all;
  }

  /**
   * Runs the listeners of an event that a program made.
   *
   * @returns `false` if a listener prevented its default, else `true`.
   * @throws {DOMException} `InvalidStateError` for an event that a socket has fired already.
   */
  dispatchForeign(target: EventTarget, event: Event, observer: ListenerObserver): boolean {
    if (SocketEvent.isOwn(event)) {
      throw new DOMException("Cannot dispatch a socket's event again", "InvalidStateError");
    }
    this.dispatch(target, event, observer);
    return !event.defaultPrevented;
  }
}

// Functions, since a private method would cost each socket 8 bytes (V8).

function find(
  all: readonly Listener[],
  type: string,
  callback: Callback | null,
  capture: boolean,
): Listener | undefined {
  return all.find((it) => it.type === type && it.callback === callback && it.capture === capture);
}

/** Marks a listener as removed, for dispatches under way, and returns the others. */
function without(all: readonly Listener[], listener: Listener): readonly Listener[] {
  listener.removed = true;
  return all.filter((it) => it !== listener);
}

function isAborted({ signal }: Listener): boolean {
  return signal?.aborted === true;
}

function call(listener: Listener, target: EventTarget, event: Event): unknown {
  const { callback, handler } = listener;
  if (callback === null) {
    return typeof handler === "function" ? handler.call(target, event) : undefined;
  }
  return typeof callback === "function"
    ? callback.call(target, event)
    : callback.handleEvent(event);
}

/**
 * Makes the socket the target of an event that a program made.
 *
 * @returns A function that returns whether a listener has stopped the event.
 */
function claim(event: Event, target: EventTarget): () => boolean {
  let stopped = false;
  Object.defineProperties(event, {
    target: { value: target, configurable: true },
    currentTarget: { value: target, configurable: true },
    stopImmediatePropagation: { value: () => void (stopped = true), configurable: true },
  });
  return () => stopped;
}
