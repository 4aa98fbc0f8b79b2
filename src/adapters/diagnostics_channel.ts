/**
 * What happens to the sockets of all servers of a process, for whoever watches it from outside: a
 * tracer, a logger, a test.
 *
 * Each of these happenings has a channel of `node:diagnostics_channel`, which Deno, Bun and Node
 * have. While nobody subscribes to a channel, it costs next to nothing.
 *
 * | channel | when | message |
 * | --- | --- | --- |
 * | `isosocket:open` | a socket is OPEN, before its `open` event | `{ socket }` |
 * | `isosocket:close` | a socket is CLOSED, before its `close` event | `{ socket, code }` |
 * | `isosocket:refuse` | a handshake is refused | `{ reason, message }` |
 * | `isosocket:error` | a handler or a listener threw | `{ error, socket }`, the latter if there is one |
 *
 * Subscribers must not throw, nor return a promise that rejects: `node:diagnostics_channel` makes an
 * uncaught exception of what they throw, and that ends a process which does not handle it.
 *
 * @module
 */

import { type Channel, channel } from "node:diagnostics_channel";
import type { Diagnostics } from "../server/reports.ts";

const open = channel("isosocket:open");
const close = channel("isosocket:close");
const refuse = channel("isosocket:refuse");
const error = channel("isosocket:error");

/** A message is made only if somebody wants it. */
function tell(to: Channel, message: () => object): void {
  if (to.hasSubscribers) to.publish(message());
}

/** Tells the channels. */
export const diagnostics: Diagnostics = {
  opened: (socket) => tell(open, () => ({ socket })),
  closed: (socket, code) => tell(close, () => ({ socket, code })),
  refused: ({ reason, message }) => tell(refuse, () => ({ reason, message })),
  threw: (thrown, socket) => tell(error, () => ({ error: thrown, socket })),
};
