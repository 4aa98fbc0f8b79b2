/** Takes the WebSocket handshakes of a `node:http` server, but not its other requests. @module */

import type { IncomingMessage } from "node:http";
import type { NodeServer, UpgradeListener } from "./http_server.ts";

/** Decides whether a connection is handed over with a request that has an Upgrade header. */
type ShouldUpgrade = (this: unknown, incoming: IncomingMessage) => boolean;

/**
 * Returns whether a connection is to be handed over with a request: only for what can become a
 * WebSocket (RFC 6455, 4.2.1). With another protocol, another method or a body it is an ordinary
 * request, whose answer shows the client that it was not upgraded (RFC 9110, 7.8).
 */
function isHandshake(incoming: IncomingMessage): boolean {
  const { method, httpVersionMajor, httpVersionMinor, headers } = incoming;
  return method === "GET" && httpVersionMajor === 1 && httpVersionMinor > 0 &&
    (headers.upgrade ?? "").split(",").some((name) => name.trim().toLowerCase() === "websocket") &&
    headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}

/**
 * Takes the handshakes of a server. Its other requests stay its own, including those for an upgrade
 * to another protocol: they go to its listeners for `upgrade`, if it has others, or else to those for
 * `request`.
 *
 * @returns A function that gives them back: the server is then as it was before.
 */
export function takeHandshakes(http: NodeServer, listener: UpgradeListener): () => void {
  const onUpgrade: UpgradeListener = (incoming, stream, head) => {
    // With no other listener, http does not filter what it hands over: it must be answered here.
    if (isHandshake(incoming) || http.listenerCount("upgrade") === 1) {
      listener(incoming, stream, head);
    }
  };
  const hasOthers = (): boolean => http.listenerCount("upgrade") > 1;
  http.on("upgrade", onUpgrade);
  const giveBack = narrow(http, hasOthers);
  return () => {
    http.off("upgrade", onUpgrade);
    giveBack();
  };
}

/** Has the server hand over handshakes only, unless there are other listeners for `upgrade`. */
function narrow(
  http: NodeServer & { shouldUpgradeCallback?: ShouldUpgrade },
  hasOthers: () => boolean,
): () => void {
  const { shouldUpgradeCallback: before } = http;
  if (before === undefined) return narrowByClass(http, hasOthers);
  let isOver = false;
  const decide: ShouldUpgrade = function (incoming) {
    if (isOver) return before.call(this, incoming);
    return isHandshake(incoming) || (hasOthers() && before.call(this, incoming));
  };
  http.shouldUpgradeCallback = decide;
  return () => {
    isOver = true; // a callback that was set after this one may still call it
    if (http.shouldUpgradeCallback === decide) http.shouldUpgradeCallback = before;
  };
}

/**
 * Does the same on Node 20, which hands over every request for an upgrade if there is a listener.
 * But it reads from the request itself whether it is one, and a server can have a class of its own
 * for requests.
 */
function narrowByClass(http: NodeServer, hasOthers: () => boolean): () => void {
  const name = Object.getOwnPropertySymbols(http).find((it) =>
    it.description === "IncomingMessage"
  );
  if (name === undefined) return () => {};
  const before: typeof IncomingMessage = Reflect.get(http, name);
  const upgrades = new WeakMap<IncomingMessage, boolean | null>();
  let isOver = false;
  const Incoming = class extends before {};
  Object.defineProperty(Incoming.prototype, "upgrade", {
    get(this: IncomingMessage): boolean | null { // set before the headers are known, read after
      let value = upgrades.get(this) ?? null;
      if (value === true && !isOver && this.method !== "CONNECT") {
        upgrades.set(this, value = isHandshake(this) || hasOthers());
      }
      return value;
    },
    set(this: IncomingMessage, value: boolean | null) {
      upgrades.set(this, value);
    },
  });
  Reflect.set(http, name, Incoming);
  return () => {
    isOver = true;
    if (Reflect.get(http, name) === Incoming) Reflect.set(http, name, before);
  };
}
