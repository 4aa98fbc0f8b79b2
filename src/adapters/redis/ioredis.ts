// deno-lint-ignore-file no-explicit-any -- whatever the client's own types are has to fit
/** Connections by ioredis, or by iovalkey, its copy. @module */

import { Buffer } from "node:buffer";
import type { BrokerConnection, BrokerEvents } from "../../pubsub/broker/broker.ts";
import { historiesOf, placedOf } from "./history.ts";
import { type CheckedRedisOptions, MAX_MESSAGE } from "./options.ts";

/** Part of an ioredis or iovalkey client that is used. */
export interface IoredisClient {
  /** Makes another client. */
  duplicate(options: object): IoredisClient;
  /** Connects. */
  connect(): Promise<unknown>;
  /** Ends the connection at once. */
  disconnect(reconnect?: boolean): void;
  /** Sends a command, whose reply has bytes. It tells this client from others, too. */
  callBuffer(command: string, ...args: any[]): Promise<unknown>;
  /** Subscribes to channels. */
  subscribe(channel: string): Promise<unknown>;
  /** Ends subscriptions. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Publishes a message. */
  publish(channel: string, message: string | Uint8Array): Promise<unknown>;
  /** Adds a listener. */
  on(event: any, listener: (...args: any[]) => void): unknown;
  /** Removes a listener. */
  off(event: any, listener: (...args: any[]) => void): unknown;
}

/**
 * Options of our own clients: each is used for one connection. The defaults keep commands for a later
 * connection, and send those again that had no answer, so that others get them twice.
 */
const ONE_CONNECTION = {
  lazyConnect: true,
  retryStrategy: null,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  enableAutoPipelining: false,
  keyPrefix: "",
};

/** Connects by two clients like the given one: a client that has subscribed cannot publish. */
export function connectIoredis(
  client: IoredisClient,
  { prefix, base64 }: CheckedRedisOptions,
  events: BrokerEvents,
): BrokerConnection {
  let isClosed = false;
  let reason: unknown;
  const note = (error: unknown): void => void (reason ??= error);
  const ended = (): void => {
    if (!isClosed) events.closed(reason ?? new Error("The connection with Redis was lost"));
  };
  client.on("error", ignore); // without a listener, a client that loses Redis ends the process
  const open = (): IoredisClient => {
    const own = client.duplicate(ONE_CONNECTION);
    own.on("error", note);
    own.on("end", ended);
    return own;
  };
  const [publisher, subscriber] = [open(), open()];
  subscriber.on("messageBuffer", (channel: Buffer, message: Buffer) => {
    const name = channel.toString().slice(prefix.length);
    events.message(name, ...placedOf(name, base64 ? message.toString() : message));
  });
  const ready = Promise.all([publisher.connect(), subscriber.connect()]);
  ready.catch((error) => {
    note(error);
    ended();
  });
  return {
    binary: !base64,
    maxMessage: MAX_MESSAGE,
    subscribe: async (channel) => {
      await ready;
      await subscriber.subscribe(prefix + channel);
    },
    unsubscribe: async (channel) => {
      await ready;
      await subscriber.unsubscribe(prefix + channel);
    },
    ...historiesOf(
      prefix,
      base64,
      ([name, ...args]) => publisher.callBuffer(name as string, ...args.map(asBuffer)),
    ),
    publish: (channel, message) => publisher.publish(prefix + channel, asBuffer(message)),
    close: () => {
      isClosed = true;
      client.off("error", ignore);
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** ioredis would send other bytes as text: their numbers, with commas. */
function asBuffer(message: string | Uint8Array): string | Buffer {
  if (typeof message === "string") return message;
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

function ignore(): void {}
