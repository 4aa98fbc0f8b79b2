/** Connections whose clients recover topics: their first message, and the mark on what they get. @module */

import type { Bytes, Link, LinkEvents, SharedMessage } from "../../core/link.ts";
import { recoveredFrom } from "../../protocol/recovery.ts";
import type { HistoryPosition } from "../broker/broker.ts";
import type { Subscriber } from "../subscriber.ts";
import { escaped, MarkedPublication, readHello } from "./frames.ts";

/** What is known of a client that recovers. */
export interface RecoveringClient {
  /**
   * How far it has come in topics that it has not subscribed to on this connection; `undefined` until
   * its first message has come.
   */
  since: Map<string, HistoryPosition> | undefined;
  /** Called when that message has come. */
  readonly waiting: Set<() => void>;
}

const clients: WeakMap<Subscriber, RecoveringClient> = new WeakMap();

/** Returns what is known of the client of a socket; `undefined` if it does not recover. */
export function recoveringClient(subscriber: Subscriber): RecoveringClient | undefined {
  return clients.get(subscriber);
}

/**
 * Stands between the link of a socket and the socket. Connections without the subprotocol pass through
 * unchanged.
 */
export function followLink(subscriber: Subscriber, events: LinkEvents): LinkEvents {
  let client: RecoveringClient | undefined;
  return {
    opened(link, protocol, extensions) {
      const own = recoveredFrom(protocol);
      if (own === undefined) return events.opened(link, protocol, extensions);
      clients.set(subscriber, client = { since: undefined, waiting: new Set() });
      events.opened(markingLink(link), own, extensions);
    },
    received(data) {
      if (client === undefined || client.since !== undefined) return events.received(data);
      events.heard();
      client.since = readHello(data);
      if (client.since === undefined) {
        return subscriber.connection.closeWithError(
          1008, // RFC 6455, 7.4.1
          "Cannot recover",
          new SyntaxError("Cannot recover topics: the client's first message is malformed"),
        );
      }
      for (const call of client.waiting) call();
      client.waiting.clear();
    },
    heard: (kind, payload) => events.heard(kind, payload),
    closing: (answer) => events.closing(answer),
    closed: (code, reason) => events.closed(code, reason),
    failed: (cause) => events.failed(cause),
  };
}

/** A link whose messages begin with the mark only if they are marked. */
function markingLink(link: Link): Link {
  return {
    get bufferedAmount(): number {
      return link.bufferedAmount;
    },
    get overhead(): number {
      return link.overhead ?? 0;
    },
    get mostBuffered(): number {
      return link.mostBuffered ?? link.bufferedAmount + (link.overhead ?? 0);
    },
    get bytesRead(): number {
      return link.bytesRead ?? 0;
    },
    ...link.hasTurns !== undefined && { hasTurns: link.hasTurns },
    ...link.queueTurn !== undefined && { queueTurn: (turn: () => void) => link.queueTurn!(turn) },
    ...link.ping !== undefined && { ping: (payload?: Uint8Array) => link.ping!(payload) },
    ...link.look !== undefined && { look: () => link.look!() },
    ...link.pause !== undefined && { pause: () => link.pause!() },
    ...link.resume !== undefined && { resume: () => link.resume!() },
    send: (data) => link.send(escaped(data)),
    sendShared: (shared) => sendShared(link, shared),
    close: (code, reason) => link.close(code, reason),
    terminate: () => link.terminate(),
  };
}

function sendShared(link: Link, shared: SharedMessage): void {
  const { data } = shared;
  const sent: string | Bytes = shared instanceof MarkedPublication ? data : escaped(data);
  if (sent !== data || link.sendShared === undefined) link.send(sent);
  else link.sendShared(shared);
}
