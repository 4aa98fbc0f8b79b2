/**
 * A broker on NATS: what one server publishes reaches the sockets of all.
 *
 * @module
 */

export type { Broker, BrokerConnection, BrokerEvents } from "../../pubsub/broker/broker.ts";
export { nats, type NatsSource } from "./nats.ts";
export type { NatsConnection } from "./nats_connection.ts";
export type { NatsOptions } from "./options.ts";
