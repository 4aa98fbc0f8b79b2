/** The platform's events, and `on…` attributes, for the sockets of pages. @module */

import { ABNORMAL } from "../core/close_code.ts";

/** Makes an event `message` of the one that the platform's socket has fired. */
export function messageEvent({ data, origin }: MessageEvent): Event {
  return new MessageEvent("message", { data, origin });
}

/** Makes an event `error`. */
export function errorEvent(error: unknown): Event {
  return new ErrorEvent("error", {
    error,
    message: (error as Error | undefined)?.message as string,
  });
}

/** Makes an event `close`. */
export function closeEvent(code: number, reason: string): CloseEvent {
  return new CloseEvent("close", { code, reason, wasClean: code !== ABNORMAL });
}

/** Defines `on…` attributes: a listener that is replaced keeps its place among the others. */
export function defineAttributes(prototype: EventTarget, types: readonly string[]): void {
  for (const type of types) {
    const listeners = new WeakMap<EventTarget, EventListenerObject & { value: unknown }>();
    Object.defineProperty(prototype, `on${type}`, {
      get(this: EventTarget): unknown {
        return listeners.get(this)?.value ?? null;
      },
      set(this: EventTarget, value: unknown): void {
        let listener = listeners.get(this);
        if (listener === undefined) {
          listeners.set(
            this,
            listener = {
              value,
              handleEvent(event) {
                if (typeof this.value === "function") this.value.call(event.target, event);
              },
            },
          );
        }
        listener.value = Object(value) === value ? value : null; // a function, or an object
        this[listener.value ? "addEventListener" : "removeEventListener"](type, listener);
      },
      enumerable: true,
      configurable: true,
    });
  }
}
