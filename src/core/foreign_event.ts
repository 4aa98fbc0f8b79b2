/** Events that a program made, and gives to a socket's `dispatchEvent()`. @module */

import { inFlight } from "./events.ts";

const AT_TARGET = 2;

/** Events that are being dispatched here: of the platform's own dispatches, `currentTarget` tells. */
const dispatching = new WeakSet<Event>();

/**
 * One dispatch of such an event (DOM, 2.9). The platform would dispatch it at its own targets only, so
 * for the time of the dispatch, members of the event itself hide those of the platform: they say what
 * the platform would say if the socket were a target of its own.
 *
 * An event that is frozen cannot have members: its `target` remains `null`.
 */
export class ForeignDispatch {
  readonly #event: Event;
  /** Members that are taken away at the end. */
  readonly #hiding: string[] = [];
  #stopped: boolean;
  #stoppedAtOnce = false;

  /**
   * Begins the dispatch.
   *
   * @throws {TypeError} For what is no event.
   * @throws {DOMException} `InvalidStateError` for an event that is being dispatched.
   */
  constructor(event: Event, target: EventTarget) {
    // Of whatever realm, or package that brings a class of its own.
    if (typeof event?.type !== "string" || typeof event.composedPath !== "function") {
      throw new TypeError("Cannot dispatch this: it must be an Event");
    }
    if (dispatching.has(event) || (event.currentTarget ?? null) !== null) throw inFlight();
    this.#event = event;
    this.#stopped = event.cancelBubble === true;
    dispatching.add(event);
    if (Object.isExtensible(event)) this.#hide(target);
  }

  /** 0, 1 if a listener has stopped propagation, or 2 if none may run any more. */
  get stopped(): number {
    if (!Object.isExtensible(this.#event) && this.#event.cancelBubble) return 2;
    return this.#stoppedAtOnce ? 2 : Number(this.#stopped);
  }

  /** Runs a passive listener, which cannot prevent the default. */
  passive<T>(run: () => T): T {
    const event = this.#event;
    if (!Object.isExtensible(event)) return run();
    Object.defineProperties(event, {
      preventDefault: { value: () => {}, configurable: true },
      returnValue: { get: () => !event.defaultPrevented, set: () => {}, configurable: true },
    });
    try {
      return run();
    } finally {
      Reflect.deleteProperty(event, "preventDefault");
      Reflect.deleteProperty(event, "returnValue");
    }
  }

  /** Ends the dispatch. `target` stays, until the platform dispatches the event elsewhere. */
  end(): void {
    dispatching.delete(this.#event);
    for (const name of this.#hiding) Reflect.deleteProperty(this.#event, name);
  }

  #hide(target: EventTarget): void {
    const event = this.#event;
    for (const name of ["target", "srcElement"]) Reflect.deleteProperty(event, name); // of the last one
    const before = event.target;
    const getTarget = (): EventTarget | null => {
      const own = Reflect.get(Object.getPrototypeOf(event), "target", event) as EventTarget | null;
      return own === before ? target : own;
    };
    for (const name of ["target", "srcElement"]) {
      Object.defineProperty(event, name, { get: getTarget, configurable: true });
    }
    const stop = (): void => void (this.#stopped = true);
    const members: PropertyDescriptorMap = {
      currentTarget: { value: target },
      eventPhase: { value: AT_TARGET },
      composedPath: { value: () => [target] },
      cancelBubble: { get: () => this.#stopped, set: (value) => void (value && stop()) },
      stopPropagation: { value: stop },
      stopImmediatePropagation: { value: () => void (this.#stoppedAtOnce = this.#stopped = true) },
    };
    for (const [name, member] of Object.entries(members)) {
      Object.defineProperty(event, name, { ...member, configurable: true });
      this.#hiding.push(name);
    }
  }
}
