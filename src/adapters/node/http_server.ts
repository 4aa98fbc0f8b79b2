/** A server that a handler can be attached to, by shape: without the types of Node. @module */

/** The part of a `node:http` server that is used here. */
export interface NodeServer {
  /** Adds a listener. */
  on(event: "upgrade", listener: UpgradeListener): unknown;
  /** Removes a listener. */
  off(event: "upgrade", listener: UpgradeListener): unknown;
  /** Returns the number of listeners. */
  listenerCount(event: "upgrade"): number;
}

/** A listener for the event `upgrade` of a `node:http` server. */
// deno-lint-ignore no-explicit-any -- Node's own types, in whatever version the user has them
export type UpgradeListener = (incoming: any, stream: any, head: any) => void;
