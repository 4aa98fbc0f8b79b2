/** The class of `close` events, for programs. @module */

import {
  closeEvent,
  type CloseEventConstructor,
  setOwnCloseEvent,
  setStandIn,
} from "../core/close_event.ts";
import { IS_LAZY } from "./platform.ts";

/** WebIDL's `unsigned short`. */
function toUnsignedShort(value: unknown): number {
  return new Uint16Array([+(value as number)])[0]!;
}

/** Makes a class by the standard (WHATWG WebSockets, "The CloseEvent interface"). */
export function makeCloseEvent(): CloseEventConstructor {
  return class CloseEvent extends Event {
    static {
      // Minifiers rename classes, and WebIDL's members can be listed.
      Object.defineProperty(this, "name", { value: "CloseEvent" });
      Object.defineProperty(this.prototype, Symbol.toStringTag, {
        value: "CloseEvent",
        configurable: true,
      });
      for (const name of ["wasClean", "code", "reason"]) {
        Object.defineProperty(this.prototype, name, { enumerable: true });
      }
    }

    readonly #code: number;
    readonly #reason: string;
    readonly #wasClean: boolean;

    constructor(type: string, init: CloseEventInit = {}) {
      if (arguments.length === 0) {
        throw new TypeError("Cannot make a CloseEvent: 1 argument is required, but there is none");
      }
      super(type, init);
      const { code = 0, reason = "", wasClean = false } = init ?? {};
      this.#code = toUnsignedShort(code);
      this.#reason = `${reason}`.replace(/\p{Surrogate}/gu, "\ufffd");
      this.#wasClean = Boolean(wasClean);
    }

    get wasClean(): boolean {
      return this.#wasClean;
    }
    get code(): number {
      return this.#code;
    }
    get reason(): string {
      return this.#reason;
    }
  };
}

/**
 * Makes what stands for the platform's class until it is first used, and is the same then; only
 * `CloseEvent.prototype.constructor` tells the difference. On Node, to read the global class loads undici,
 * 27 to 50 ms, which an import must not take.
 */
function makeStandIn(): CloseEventConstructor {
  const target = Object.setPrototypeOf(function (): void {}, Event);
  const become = (): typeof target => {
    const { prototype, name, length } = closeEvent()!;
    return Object.defineProperties(target, {
      prototype: { value: prototype, writable: false },
      name: { value: name },
      length: { value: length },
    });
  };
  const proxy: CloseEventConstructor = new Proxy(target, {
    apply() {
      throw new TypeError("Cannot call CloseEvent: it is a class, which needs new");
    },
    construct: (_, args, newTarget) =>
      Reflect.construct(closeEvent()!, args, newTarget === proxy ? closeEvent()! : newTarget),
    get: (_, name) => Reflect.get(become(), name),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(become(), name),
  });
  return proxy;
}

function exportedClass(): CloseEventConstructor {
  setOwnCloseEvent(makeCloseEvent);
  if (!IS_LAZY) return closeEvent()!;
  const exported = makeStandIn();
  setStandIn(exported);
  return exported;
}

/**
 * The `CloseEvent` of the platform, or one by the standard where it has none (Node 20): `socket.onclose`
 * gets events of this class. A program can make some for `dispatchEvent()`.
 *
 * @throws {TypeError} From `new` without an argument.
 *
 * @example
 * ```ts
 * import { CloseEvent } from "@isosocket/isosocket/client";
 * import assert from "node:assert/strict";
 *
 * const event = new CloseEvent("close", { code: 4000, reason: "enough", wasClean: true });
 * assert.deepEqual([event.code, event.reason, event.wasClean], [4000, "enough", true]);
 * ```
 */
export const CloseEvent: CloseEventConstructor = /* @__PURE__ */ exportedClass();

/** An instance of {@linkcode CloseEvent}. */
export type CloseEvent = globalThis.CloseEvent;
