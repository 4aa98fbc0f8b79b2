/** Chooses the engine of a client that names none. @module */

import { platformWebSocket, supportsOption } from "../client/platform.ts";
import type { Engine } from "../core/dial.ts";

/** What Node, and who behaves like it, has as a global variable. */
interface Host {
  readonly versions?: { readonly node?: string };
  readonly getBuiltinModule?: (name: string) => unknown;
}

const host = (globalThis as Readonly<Record<string, unknown>>)["process"] as Host | undefined;

/** Whether this runtime may have `node:http`, over which the engine `tcp` connects. */
export const HAS_TCP: boolean = host !== undefined;

/**
 * Whether the engine `tcp` keeps more promises than the runtime's own `WebSocket`: on Node and Deno, but
 * not on Bun and Cloudflare Workers, which have a version of Node too.
 */
export const PREFERS_TCP: boolean = host?.versions?.node !== undefined &&
  !("Bun" in globalThis) && !("WebSocketPair" in globalThis);

/** The class that was looked at last, and whether it is the runtime's own. */
let last: readonly [Class: unknown, isOwn: boolean] = [undefined, true];

/** Returns whether a class is the runtime's own on Node or Deno, and none that a program put there. */
function isRuntimesOwn(Class: NonNullable<ReturnType<typeof platformWebSocket>>): boolean {
  if ("Deno" in globalThis) { // a subclass would read the option, too
    return Object.getPrototypeOf(Class) === EventTarget && supportsOption("client", Class);
  }
  const http = host?.getBuiltinModule?.("node:http") as { WebSocket?: unknown } | undefined;
  return http?.WebSocket === Class; // since Node 22.5; Node 20 has no class of its own
}

/**
 * Returns the engine of a client that names none: `"native"` if a program has put a class of its own into
 * `globalThis.WebSocket`, as libraries do that stand in for servers in tests, or simulate a browser. It
 * expects connections to be made with that.
 */
export function defaultEngine(): Engine {
  if (!PREFERS_TCP) return "native";
  const Class = platformWebSocket();
  if (Class !== last[0]) last = [Class, Class === undefined || isRuntimesOwn(Class)];
  return last[1] ? "tcp" : "native";
}
