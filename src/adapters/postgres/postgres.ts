/** Chooses how to connect by what is given. @module */

import type { Broker } from "../../pubsub/broker/broker.ts";
import { clientFor, type PostgresClient } from "./client_for.ts";
import { checkPostgresOptions, type PostgresOptions } from "./options.ts";
import { type PgClient, pgSession } from "./pg_session.ts";
import { PostgresBrokerConnection } from "./postgres_connection.ts";
import type { Session, SessionEvents } from "./session.ts";
import { type SqlClient, sqlSession } from "./sql_session.ts";

/** Function that makes a client, or a URL. */
export type PostgresSource = (() => PostgresClient | Promise<PostgresClient>) | string | URL;

/**
 * Makes a broker of PostgreSQL.
 *
 * @param source Function that makes a client: a `Client` of the package `pg` that is not connected, a
 * `sql` of the package `postgres`, or an `SQL` of Bun. It is called again whenever a connection is
 * lost, and what it makes is the broker's own. Or the URL of a database, for which one of these is
 * imported, whichever is found first. Not by way of a pooler that gives a connection to others between
 * transactions: it would not listen.
 * @throws {TypeError} If it is none of them, or an option is invalid.
 *
 * @example
 * ```ts ignore
 * import { serve } from "@isosocket/isosocket";
 * import { postgres } from "@isosocket/isosocket/postgres";
 * import { Client } from "pg";
 *
 * const broker = postgres(() => new Client("postgres://127.0.0.1/app"));
 * const server = await serve({ broker, onBroker: console.log }, handler);
 * server.publish("news", "to the sockets of all servers");
 * ```
 */
export function postgres(source: PostgresSource, options: PostgresOptions = {}): Broker {
  const checked = checkPostgresOptions(options);
  const make = makerOf(source);
  const open = async (events: SessionEvents): Promise<Session> => sessionOf(await make(), events);
  return { connect: (events) => new PostgresBrokerConnection(open, checked, events) };
}

function makerOf(source: PostgresSource): () => PostgresClient | Promise<PostgresClient> {
  if (typeof source === "string" || source instanceof URL) {
    const { protocol, href } = new URL(source);
    if (protocol !== "postgres:" && protocol !== "postgresql:") {
      throw new TypeError(`Cannot use "${protocol}" for PostgreSQL: it must be postgres:`);
    }
    return () => clientFor(href);
  }
  // A `sql` is a function, too; given by itself, it could not be made anew.
  if (typeof source === "function" && !("unsafe" in source)) return source;
  throw new TypeError(
    "Cannot use this for PostgreSQL: it must be a URL, or a function that makes a client",
  );
}

function sessionOf(client: PostgresClient, events: SessionEvents): Session {
  const { connect, query, listen, unsafe, release, totalCount } = Object(client);
  const isPool = release !== undefined || totalCount !== undefined;
  if (typeof listen === "function" && typeof unsafe === "function") {
    return sqlSession(client as SqlClient, events);
  }
  if (typeof connect === "function" && typeof query === "function" && !isPool) {
    return pgSession(client as PgClient, events);
  }
  throw new TypeError(
    "Cannot use what the function makes: it must be a client of pg, postgres or Bun, and no pool's",
  );
}
