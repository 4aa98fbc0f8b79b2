/**
 * A broker on PostgreSQL, by LISTEN and NOTIFY: what one server publishes reaches the sockets of all.
 *
 * @module
 */

export type { Broker, BrokerConnection, BrokerEvents } from "../../pubsub/broker/broker.ts";
export type { PostgresClient } from "./client_for.ts";
export type { PostgresOptions } from "./options.ts";
export type { PgClient } from "./pg_session.ts";
export { postgres, type PostgresSource } from "./postgres.ts";
export type { SqlClient } from "./sql_session.ts";
