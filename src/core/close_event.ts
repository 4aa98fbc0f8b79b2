/** The class behind `close` events: the platform's, or one of our own. @module */

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

/** What Node has as a global variable. */
interface Host {
  getBuiltinModule?(name: string): { readonly CloseEvent?: CloseEventConstructor };
}

let found: CloseEventConstructor | undefined;
let makeOwn: (() => CloseEventConstructor) | undefined;
let standIn: CloseEventConstructor | undefined;

/** Sets how a class is made where there is none: pages, which all have one, need not load that. */
export function setOwnCloseEvent(make: () => CloseEventConstructor): void {
  makeOwn = make;
}

/** Sets what an entry point exports in place of a class that is not read yet. */
export function setStandIn(exported: CloseEventConstructor): void {
  standIn = exported;
}

/** Returns the platform's class, or our own where it has none (Node 20); `undefined` if that is not set. */
export function closeEvent(): CloseEventConstructor | undefined {
  if (found !== undefined) return found;
  const { CloseEvent, ["process"]: host } = globalThis as {
    readonly CloseEvent?: CloseEventConstructor;
    readonly ["process"]?: Host;
  };
  // A program may have put what we export into the global variable, which Node 22 does not have.
  return found = CloseEvent !== undefined && CloseEvent !== standIn
    ? CloseEvent
    : host?.getBuiltinModule?.("node:http").CloseEvent ?? makeOwn?.();
}
