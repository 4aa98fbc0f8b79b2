/**
 * Reports the events of all servers of a process to tracers, loggers and tests.
 *
 * Each of these events has a channel of `node:diagnostics_channel`, which Deno, Bun and Node have. A
 * channel without subscribers costs next to nothing.
 *
 * | channel | when | message |
 * | --- | --- | --- |
 * | `isosocket:open` | a socket is OPEN, before its `open` event | `{ socket }` |
 * | `isosocket:close` | a socket is CLOSED, before its `close` event | `{ socket, code }` |
 * | `isosocket:refuse` | a handshake is refused | `{ reason, status, message, origin, path, remoteAddress }` |
 * | `isosocket:error` | a handler or a listener threw | `{ error, socket }`, the latter if there is one |
 * | `isosocket:broker` | the broker is up or down, or messages are lost | the event of `onBroker` |
 *
 * Subscribers must not throw, nor return a promise that rejects: `node:diagnostics_channel` turns that
 * into an uncaught exception, which ends a process that does not handle it. Bun 1.4.5 forgets a channel
 * that nobody holds, with its subscribers: hold it until this module is loaded, which does.
 *
 * @module
 */

import { type Channel, channel } from "node:diagnostics_channel";
import type { Diagnostics } from "../server/reports.ts";

const open = channel("isosocket:open");
const close = channel("isosocket:close");
const refuse = channel("isosocket:refuse");
const error = channel("isosocket:error");
const broker = channel("isosocket:broker");

/** Publishes a message, which is made only if the channel has subscribers. */
function publish(to: Channel, message: () => object): void {
  if (to.hasSubscribers) to.publish(message());
}

/** Publishes to the channels. */
export const diagnostics: Diagnostics = {
  opened: (socket) => publish(open, () => ({ socket })),
  closed: (socket, code) => publish(close, () => ({ socket, code })),
  refused: (refusal) => publish(refuse, () => refusal),
  threw: (thrown, socket) => publish(error, () => ({ error: thrown, socket })),
  broker: (event) => publish(broker, () => event),
};
