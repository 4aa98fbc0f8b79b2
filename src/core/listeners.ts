/**
 * The listeners of one event target, by the DOM standard's rules (2.7 and 2.9), the same on
 * every runtime, with reports of what a listener threw or returned.
 *
 * @module
 */

import { SocketEvent } from "./events.ts";
import { ForeignDispatch } from "./foreign_event.ts";

/** A function, or an object with `handleEvent`. */
// deno-lint-ignore no-explicit-any -- users' functions take events of any kind
export type Callback = ((event: any) => unknown) | { handleEvent(event: any): unknown };

interface Listener {
  readonly type: string;
  /** `null` for the `on…` attribute of the type, whose place in the order it keeps when replaced. */
  readonly callback: Callback | null;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
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
  // A new array for each change: a dispatch under way sees the list as it was when it began. Those that
  // capture are first, as at a target they run first (2.9, steps 5.13 and 5.14).
  #all: readonly Listener[] = NONE;

  /**
   * `addEventListener()`.
   *
   * @throws {TypeError} For a listener that is neither a function nor an object, or a signal that is none.
   */
  add(
    type: string,
    callback: Callback | null | undefined,
    options?: AddEventListenerOptions | boolean,
  ): void {
    const name = `${type}`;
    checkCallback(name, callback);
    const { capture, once, passive, signal } = convertOptions(name, options);
    if (callback === null || callback === undefined || signal?.aborted) return;
    const present = this.#all.filter((it) => !isAborted(it));
    if (present.length < this.#all.length) this.#all = present;
    if (find(this.#all, name, callback, capture) !== undefined) return;
    const listener = { type: name, callback, capture, once, passive, removed: false, isNew: true };
    // The signal may outlive the socket: it is checked, and gets no listener that would keep this.
    const added: Listener = signal ? { ...listener, signal } : listener;
    const place = capture ? present.filter((it) => it.capture).length : present.length;
    this.#all = [...present.slice(0, place), added, ...present.slice(place)];
  }

  /**
   * `removeEventListener()`.
   *
   * @throws {TypeError} For a listener that is neither a function nor an object.
   */
  remove(
    type: string,
    callback: Callback | null | undefined,
    options?: EventListenerOptions | boolean,
  ): void {
    const name = `${type}`;
    checkCallback(name, callback);
    const capture = Boolean(isDictionary(options) ? options.capture : options);
    if (callback === null || callback === undefined) return;
    const listener = find(this.#all, name, callback, capture);
    if (listener !== undefined) this.#all = without(this.#all, listener);
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
          passive: false,
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
    if (!SocketEvent.isOwn(event)) {
      this.dispatchForeign(target, event, observer);
      return false;
    }
    SocketEvent.begin(event);
    let isNew = all[0]!.capture && Listeners.#run(this, true, target, event, observer);
    if (Listeners.#run(this, false, target, event, observer)) isNew = true;
    SocketEvent.end(event);
    return isNew || this.#all !== all;
  }

  /**
   * `dispatchEvent()`.
   *
   * @returns `false` if a listener prevented its default, else `true`.
   * @throws {TypeError} For what is no event.
   * @throws {DOMException} `InvalidStateError` for an event that is being dispatched.
   */
  dispatchForeign(target: EventTarget, event: Event, observer: ListenerObserver): boolean {
    if (SocketEvent.isOwn(event)) {
      SocketEvent.renew(event, target);
      this.dispatch(target, event, observer);
      return !event.defaultPrevented;
    }
    const dispatch = new ForeignDispatch(event, target);
    Listeners.#run(this, true, target, event, observer, dispatch);
    Listeners.#run(this, false, target, event, observer, dispatch);
    dispatch.end();
    return !event.defaultPrevented;
  }

  // Static, since a private method would cost each socket 8 bytes (V8).

  /**
   * Runs those that capture, or those that do not (DOM, "inner invoke").
   *
   * @returns Whether one of them heard its first event.
   */
  static #run(
    listeners: Listeners,
    capture: boolean,
    target: EventTarget,
    event: Event,
    observer: ListenerObserver,
    foreign?: ForeignDispatch,
  ): boolean {
    let isNew = false;
    if (stoppedOf(event, foreign) > 0) return isNew;
    const { type } = event;
    for (const listener of listeners.#all) {
      if (listener.removed || listener.type !== type || listener.capture !== capture) continue;
      if (isAborted(listener)) continue;
      if (listener.once) listeners.#all = without(listeners.#all, listener);
      if (listener.isNew) {
        listener.isNew = false;
        isNew = true;
      }
      try {
        const value = listener.passive && foreign !== undefined
          ? callPassive(foreign, listener, target, event)
          : call(listener, target, event);
        if (value !== undefined) {
          if (value === false && listener.callback === null) event.preventDefault(); // HTML, 8.1.8.1
          observer.listenerReturned(value, event);
        }
      } catch (error) {
        observer.listenerThrew(error);
      }
      if (stoppedOf(event, foreign) > 1) break;
    }
    return isNew;
  }
}

function stoppedOf(event: Event, foreign: ForeignDispatch | undefined): number {
  return foreign === undefined ? SocketEvent.stopped(event as SocketEvent) : foreign.stopped;
}

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

// Apart from the loop: a function in there would cost an object for each listener that is called.
function callPassive(
  foreign: ForeignDispatch,
  listener: Listener,
  target: EventTarget,
  event: Event,
): unknown {
  return foreign.passive(() => call(listener, target, event));
}

// Conversions of arguments by WebIDL, in its order.

function isDictionary(value: unknown): value is AddEventListenerOptions {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function checkCallback(type: string, callback: unknown): void {
  if (callback === null || callback === undefined || isDictionary(callback)) return;
  throw new TypeError(`Cannot listen for "${type}": the listener must be a function or an object`);
}

function convertOptions(
  type: string,
  options: AddEventListenerOptions | boolean | undefined,
): Required<Pick<AddEventListenerOptions, "capture" | "once" | "passive">> & {
  signal: AbortSignal | undefined;
} {
  if (!isDictionary(options)) {
    return { capture: Boolean(options), once: false, passive: false, signal: undefined };
  }
  const capture = Boolean(options.capture);
  const once = Boolean(options.once);
  const passive = Boolean(options.passive);
  const { signal } = options;
  // Of whatever realm: so it is not `instanceof`.
  if (signal !== undefined && typeof signal?.aborted !== "boolean") {
    throw new TypeError(`Cannot listen for "${type}": the signal must be an AbortSignal`);
  }
  return { capture, once, passive, signal };
}
