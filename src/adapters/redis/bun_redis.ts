/** Connections by Bun's own client. @module */

import type { BrokerConnection, BrokerEvents } from "../../pubsub/broker/broker.ts";
import { channelTurns } from "./channel_turns.ts";
import { historiesOf, placedOf } from "./history.ts";
import { type CheckedRedisOptions, MAX_MESSAGE } from "./options.ts";

/** Part of Bun's `RedisClient` that is used. */
export interface BunRedisClient {
  /** Makes another client, which connects if this one has. */
  duplicate(): Promise<BunRedisClient>;
  /** Connects. */
  connect(): Promise<unknown>;
  /** Ends the connection. */
  close(): void;
  /** Sends a command. It tells this client from others, too. */
  send(command: string, args: string[]): Promise<unknown>;
  /** Subscribes to a channel. */
  subscribe(
    channel: string,
    listener: (message: string, channel: string) => void,
  ): Promise<unknown>;
  /** Ends the subscription of a channel. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Publishes a message. */
  publish(channel: string, message: string): Promise<unknown>;
  /** Called when the client has connected, each time. */
  // deno-lint-ignore no-explicit-any
  onconnect: any;
  /** Called when the connection is closed for good. */
  // deno-lint-ignore no-explicit-any
  onclose: any;
}

/**
 * Connects by two clients like the given one. It carries only text.
 *
 * A client that connects again by itself has no subscriptions then, and does not say so: for us, its
 * connection has ended.
 */
export function connectBunRedis(
  client: BunRedisClient,
  { prefix }: CheckedRedisOptions,
  events: BrokerEvents,
): BrokerConnection {
  let isClosed = false;
  const ended = (error?: unknown): void => {
    if (!isClosed) events.closed(error ?? new Error("The connection with Redis was lost"));
  };
  const all: BunRedisClient[] = [];
  const open = async (): Promise<BunRedisClient> => {
    const own = await client.duplicate();
    if (isClosed) {
      own.close();
      throw new Error("Cannot connect: it was closed meanwhile");
    }
    all.push(own);
    await own.connect();
    own.onconnect = () => ended();
    own.onclose = ended;
    return own;
  };
  const ready = Promise.all([open(), open()]);
  ready.catch(ended);
  const inTurn = channelTurns(ready);
  return {
    binary: false,
    maxMessage: MAX_MESSAGE,
    subscribe: (channel) =>
      inTurn(channel, async () => {
        const [, subscriber] = await ready;
        await subscriber.subscribe(
          prefix + channel,
          (message) => events.message(channel, ...placedOf(channel, message)),
        );
      }),
    unsubscribe: (channel) =>
      inTurn(channel, async () => {
        const [, subscriber] = await ready;
        await subscriber.unsubscribe(prefix + channel);
      }),
    ...historiesOf(prefix, true, async ([name, ...args]) => {
      const [publisher] = await ready;
      return await publisher.send(name as string, args as string[]);
    }),
    publish: async (channel, message) => {
      const [publisher] = await ready;
      await publisher.publish(prefix + channel, message as string);
    },
    close: () => {
      isClosed = true;
      for (const own of all) own.close();
    },
  };
}
