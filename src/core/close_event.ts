/** The class of `close` events that programs can make: the platform's, or one of our own. @module */

/** Constructor type of {@linkcode CloseEvent}. */
export interface CloseEventConstructor {
  /** Prototype of all `close` events. */
  readonly prototype: CloseEvent;
  /** Name of the class: `"CloseEvent"`. */
  readonly name: string;
  /** Number of required arguments: 1. */
  readonly length: number;
  /** Makes an event, for the `dispatchEvent()` of any target. */
  new (type: string, init?: CloseEventInit): CloseEvent;
}

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

/** What Node has as a global variable. */
interface Host {
  getBuiltinModule?(name: string): { readonly CloseEvent?: CloseEventConstructor };
}

let found: CloseEventConstructor | undefined;
/** What an entry point exports in place of a class that is not read yet. */
let standIn: CloseEventConstructor | undefined;

/** Returns the platform's class, or our own where it has none (Node 20). */
export function closeEvent(): CloseEventConstructor {
  if (found !== undefined) return found;
  const { CloseEvent, ["process"]: host } = globalThis as {
    readonly CloseEvent?: CloseEventConstructor;
    readonly ["process"]?: Host;
  };
  // A program may have put what we export into the global variable, which Node 22 does not have.
  return found = CloseEvent !== undefined && CloseEvent !== standIn
    ? CloseEvent
    : host?.getBuiltinModule?.("node:http").CloseEvent ?? makeCloseEvent();
}

/**
 * Returns the same, for an entry point. On Node, to read the global class loads undici, 27 to 50 ms,
 * which an import must not take: there, what stands for the class becomes it when it is first used. Only
 * `CloseEvent.prototype.constructor` tells the difference.
 *
 * @param isLazy Whether to wait for the first use.
 */
export function exportedCloseEvent(isLazy: boolean): CloseEventConstructor {
  return isLazy ? standIn ??= makeStandIn() : closeEvent();
}

function makeStandIn(): CloseEventConstructor {
  const target = Object.setPrototypeOf(function (): void {}, Event);
  const become = (): typeof target => {
    const { prototype, name, length } = closeEvent();
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
      Reflect.construct(closeEvent(), args, newTarget === proxy ? closeEvent() : newTarget),
    get: (_, name) => Reflect.get(become(), name),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(become(), name),
  });
  return proxy;
}
