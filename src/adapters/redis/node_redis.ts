// deno-lint-ignore-file no-explicit-any -- whatever the client's own types are has to fit
/** Connections by the package `redis`. @module */

import { Buffer } from "node:buffer";
import type { BrokerConnection, BrokerEvents } from "../../pubsub/broker/broker.ts";
import { channelTurns } from "./channel_turns.ts";
import { historiesOf, placedOf } from "./history.ts";
import { type CheckedRedisOptions, MAX_MESSAGE } from "./options.ts";

/** Part of a client of the package `redis` that is used. */
export interface NodeRedisClient {
  /** Options of the client. */
  readonly options: unknown;
  /** Makes another client. */
  duplicate(overrides?: any): NodeRedisClient;
  /** Connects. */
  connect(): Promise<unknown>;
  /** Ends the connection at once. */
  destroy(): unknown;
  /** Tells this client from others. */
  readonly pSubscribe: unknown;
  /** Subscribes to a channel, to bytes if the last argument is `true`. */
  subscribe(
    channel: string,
    listener: (message: any) => unknown,
    bufferMode: any,
  ): Promise<unknown>;
  /** Ends all subscriptions of a channel. */
  unsubscribe(channel: string, listener: undefined, bufferMode: any): Promise<unknown>;
  /** Publishes a message. */
  publish(channel: string, message: string | Uint8Array): Promise<unknown>;
  /** Sends a command. */
  sendCommand(args: any, options?: any): Promise<unknown>;
  /** Adds a listener. */
  on(event: any, listener: (...args: any[]) => void): unknown;
  /** Removes a listener. */
  off(event: any, listener: (...args: any[]) => void): unknown;
}

/** Has strings of replies as bytes: 36 is the `$` with which they begin (RESP_TYPES.BLOB_STRING). */
const AS_BYTES = { 36: Buffer };

/** Connects by two clients like the given one: a client that has subscribed cannot publish. */
export function connectNodeRedis(
  client: NodeRedisClient,
  { prefix, base64 }: CheckedRedisOptions,
  events: BrokerEvents,
): BrokerConnection {
  let isClosed = false;
  const ended = (error?: unknown): void => {
    if (!isClosed) events.closed(error ?? new Error("The connection with Redis was lost"));
  };
  client.on("error", ignore); // without a listener, a client that loses Redis ends the process
  const { socket } = client.options as { socket?: object };
  const open = (): NodeRedisClient => {
    // Each is used for one connection, and keeps nothing for a later one.
    const own = client.duplicate({
      socket: { ...socket, reconnectStrategy: false },
      disableOfflineQueue: true,
    });
    own.on("error", ended);
    own.on("end", ended);
    return own;
  };
  const [publisher, subscriber] = [open(), open()];
  const ready = Promise.all([publisher.connect(), subscriber.connect()]);
  ready.catch(ended);
  const inTurn = channelTurns(ready);
  /** Destroys a client, which throws if it has no connection any more. */
  const destroy = (own: NodeRedisClient): void => {
    try {
      own.destroy();
    } catch {
      // It has ended.
    }
  };
  return {
    binary: !base64,
    maxMessage: MAX_MESSAGE,
    subscribe: (channel) =>
      inTurn(channel, () =>
        subscriber.subscribe(
          prefix + channel,
          (message: string | Buffer) => events.message(channel, ...placedOf(channel, message)),
          !base64,
        )),
    unsubscribe: (channel) =>
      inTurn(channel, () => subscriber.unsubscribe(prefix + channel, undefined, !base64)),
    ...historiesOf(
      prefix,
      base64,
      (command) => publisher.sendCommand(command.map(asBuffer), { typeMapping: AS_BYTES }),
    ),
    publish: (channel, message) => publisher.publish(prefix + channel, asBuffer(message)),
    close: () => {
      isClosed = true;
      client.off("error", ignore);
      destroy(publisher);
      destroy(subscriber);
    },
  };
}

function asBuffer(message: string | Uint8Array): string | Buffer {
  if (typeof message === "string") return message;
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

function ignore(): void {}
