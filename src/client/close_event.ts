/** The class of `close` events, for programs. @module */

import { type CloseEventConstructor, exportedCloseEvent } from "../core/close_event.ts";
import { IS_LAZY } from "./platform.ts";

/**
 * The `CloseEvent` of the platform, or one by the standard where it has none (Node 20 and 22):
 * `socket.onclose` gets events of this class. A program can make some for `dispatchEvent()`.
 *
 * @throws {TypeError} From `new` without an argument.
 *
 * @example
 * ```ts
 * import { CloseEvent } from "@isosocket/isosocket/client";
 * import { assertEquals } from "@std/assert";
 *
 * const event = new CloseEvent("close", { code: 4000, reason: "enough", wasClean: true });
 * assertEquals([event.code, event.reason, event.wasClean], [4000, "enough", true]);
 * ```
 */
export const CloseEvent: CloseEventConstructor = /* @__PURE__ */ exportedCloseEvent(IS_LAZY);

/** An instance of {@linkcode CloseEvent}. */
export type CloseEvent = globalThis.CloseEvent;
