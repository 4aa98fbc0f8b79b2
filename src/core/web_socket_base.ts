/**
 * Members that `Socket` and `ReconnectingSocket` have in common, defined on the prototypes of both. A base
 * class would be a public type, and a step more in the chain of prototypes.
 *
 * @module
 */

import { redact } from "./credentials.ts";
import type { Listeners } from "./listeners.ts";
import { convert, type Payload } from "./payload.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN } from "./ready_state.ts";

/** Defines the values of `readyState` as constants of a class, or of a prototype. */
export function defineStates(on: object): void {
  for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
    Object.defineProperty(on, name, { value, enumerable: true }); // and not writable
  }
}

/**
 * Defines the constants and the `on…` attributes of a WebSocket.
 *
 * @param prototype Prototype of its class. `EventTarget` becomes the parent of both.
 * @param types Types of its events.
 * @param listenersOf Returns the listeners of one socket.
 */
export function defineWebSocket<S extends WebSocket>(
  prototype: S,
  types: readonly string[],
  listenersOf: (socket: S) => Listeners,
): void {
  Object.setPrototypeOf(prototype, EventTarget.prototype);
  Object.setPrototypeOf(prototype.constructor, EventTarget);
  defineStates(prototype);
  for (const type of types) {
    const name = `on${type}`;
    const attribute = { // computed names are those of the functions, too: "get onopen"
      get [name](): unknown {
        return listenersOf(this as unknown as S).attribute(type);
      },
      set [name](listener: unknown) {
        listenersOf(this as unknown as S).setAttribute(type, listener);
      },
    };
    Object.defineProperty(prototype, name, Object.getOwnPropertyDescriptor(attribute, name)!);
  }
}

/**
 * Checks the number of arguments of a method (WebIDL, 3.7.7).
 *
 * @throws {TypeError} If there are fewer than are required.
 */
export function checkArguments(method: string, required: number, count: number): void {
  if (count >= required) return;
  const are = required === 1 ? "1 argument is" : `${required} arguments are`;
  const there = count === 0 ? "there is none" : `there is ${count}`;
  throw new TypeError(`Cannot ${method}: ${are} required, but ${there}`);
}

/** Returns what consoles print of a WebSocket: Node's own way for an EventTarget would throw. */
export function inspectWebSocket(socket: WebSocket): Record<string, unknown> {
  const { url, readyState, protocol, bufferedAmount } = socket;
  return { url: redact(url), readyState, protocol, bufferedAmount };
}

/**
 * Converts the argument of `send()`.
 *
 * @param count Number of arguments.
 * @throws {TypeError} Without an argument, or for memory that is shared or can be resized.
 */
export function toPayload(data: unknown, count: number): Payload {
  checkArguments("send", 1, count);
  return typeof data === "string" ? data : convert(data);
}
