/** Chooses how to connect by what is given. @module */

import type { Broker } from "../../pubsub/broker/broker.ts";
import { connectTo } from "./connect_to.ts";
import { NatsBrokerConnection, type NatsConnection } from "./nats_connection.ts";
import { checkNatsOptions, type NatsOptions } from "./options.ts";

/** Function that makes a connection with NATS, a connection, or a URL. */
export type NatsSource =
  | (() => NatsConnection | Promise<NatsConnection>)
  | NatsConnection
  | string
  | URL;

/**
 * Makes a broker of NATS.
 *
 * @param source Function that makes a connection by `@nats-io/transport-node`, or by the package
 * `nats`: it is called again whenever one is lost. Or a connection of yours: it is not closed when the
 * server is, and once it is closed for good, which the client does after ten attempts by default, the
 * broker stays down. Or the URL of a server, for which one of these packages is imported:
 * `nats://user:password@host:4222`, or `tls:`.
 * @throws {TypeError} If it is none of them, or an option is invalid.
 *
 * @example
 * ```ts ignore
 * import { serve } from "@isosocket/isosocket";
 * import { nats } from "@isosocket/isosocket/nats";
 * import { connect } from "@nats-io/transport-node";
 *
 * const broker = nats(() => connect({ servers: "127.0.0.1", reconnect: false }));
 * const server = await serve({ broker, onBroker: console.log }, handler);
 * server.publish("news", "to the sockets of all servers");
 * ```
 */
export function nats(source: NatsSource, options: NatsOptions = {}): Broker {
  const { prefix } = checkNatsOptions(options);
  const { open, isOwn } = openerOf(source);
  return { connect: (events) => new NatsBrokerConnection(open, isOwn, prefix, events) };
}

/** How a connection comes about, and whether it is the broker's own. */
interface Opener {
  readonly open: () => NatsConnection | Promise<NatsConnection>;
  readonly isOwn: boolean;
}

function openerOf(source: NatsSource): Opener {
  if (typeof source === "function") return { open: source, isOwn: true };
  if (typeof source === "string" || source instanceof URL) {
    const url = new URL(source);
    if (url.protocol !== "nats:" && url.protocol !== "tls:") {
      throw new TypeError(`Cannot use "${url.protocol}" for NATS: it must be nats: or tls:`);
    }
    return { open: () => connectTo(url), isOwn: true };
  }
  const { publish, subscribe, flush, status } = Object(source);
  if ([publish, subscribe, flush, status].every((method) => typeof method === "function")) {
    return { open: () => source, isOwn: false };
  }
  throw new TypeError(
    "Cannot use this for NATS: it must be a function that connects, a connection or a URL",
  );
}
