/** The broker of a process of a cluster. @module */

import nodeCluster, { type Worker } from "node:cluster";
import type {
  Broker,
  BrokerConnection,
  BrokerEvents,
  HistoryPosition,
  HistoryRange,
} from "../../pubsub/broker/broker.ts";
import { type Answer, isFrame, MARK, type Request } from "./frames.ts";
import { switchboard } from "./relay.ts";
import type { Member } from "./switchboard.ts";

/** Options for {@linkcode cluster}. */
export interface ClusterOptions {
  /**
   * Beginning of all channels: applications of one cluster that are to share nothing need different
   * ones.
   *
   * @default {""}
   */
  prefix?: string;
}

let connections = 0;

/** Answer to a request of ours. */
type AnswerTo = Extract<Answer, { call: "answer" }>;

/**
 * Makes a broker of `node:cluster`: what is published goes to the other workers by way of the primary
 * process, which has to call {@linkcode relay}. In the primary process, it is for a server there.
 *
 * @throws {TypeError} If the prefix is not a string.
 *
 * @example
 * ```ts ignore
 * import { serve } from "@isosocket/isosocket";
 * import { cluster } from "@isosocket/isosocket/cluster";
 *
 * const server = await serve({ port: 8080, broker: cluster() }, handler);
 * ```
 */
export function cluster(options: ClusterOptions = {}): Broker {
  const { prefix = "" } = options;
  if (typeof prefix !== "string") {
    throw new TypeError(`Cannot use prefix ${prefix}: it must be a string`);
  }
  return {
    connect: (events) => {
      const { worker } = nodeCluster;
      return worker === undefined || nodeCluster.isPrimary
        ? connectHere(prefix, events)
        : connectFrom(worker, prefix, events);
    },
  };
}

/** Connects in the primary process. */
function connectHere(prefix: string, events: BrokerEvents): BrokerConnection {
  const member: Member = {
    channels: new Set(),
    deliver(channel, message, place) {
      // Later, as from any other process: publish() returns first.
      queueMicrotask(() => {
        if (!member.channels.has(channel)) return;
        events.message(channel.slice(prefix.length), message, place);
      });
    },
  };
  return {
    get binary() {
      return nodeCluster.settings.serialization === "advanced"; // JSON, to workers, has no bytes
    },
    maxMessage: Infinity,
    subscribe: async (channel) => await switchboard.subscribe(member, prefix + channel),
    unsubscribe: (channel) => switchboard.unsubscribe(member, prefix + channel),
    publish: (channel, message) => switchboard.publish(prefix + channel, message),
    append: async (channel, message, entry) =>
      await switchboard.append(prefix + channel, message, entry),
    read: async (channel, limits) => await switchboard.read(prefix + channel, limits),
    close: () => switchboard.remove(member),
  };
}

/** Connects from a worker. */
function connectFrom(worker: Worker, prefix: string, events: BrokerEvents): BrokerConnection {
  const id = ++connections;
  let binary = false;
  let open!: () => void; // set synchronously, by the next line
  const opened = new Promise<void>((resolve) => open = resolve);
  /** Subscriptions that are not confirmed, in their order. */
  const waiting: [channel: string, confirm: () => void][] = [];
  /** Requests without an answer, by their numbers. */
  const asked = new Map<number, (answer: AnswerTo) => void>();
  let requests = 0;
  const hear = (answer: unknown): void => {
    if (!isFrame<Answer>(answer) || answer.id !== id) return;
    if (answer.call === "message") {
      events.message(answer.channel.slice(prefix.length), answer.message, answer.place);
    } else if (answer.call === "answer") {
      asked.get(answer.request)?.(answer);
    } else if (answer.call === "opened") {
      binary = answer.bytes instanceof Uint8Array; // otherwise JSON has made something else of it
      open();
    } else {
      const at = waiting.findIndex(([channel]) => channel === answer.channel);
      if (at >= 0) waiting.splice(at, 1)[0]![1]();
    }
  };
  const ended = (): void => events.closed(new Error("The primary process has ended"));
  const ask = (request: Request): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!worker.isConnected()) return reject(new Error("The primary process has ended"));
      worker.send(request, (error) => error ? reject(error) : resolve());
    });
  const request = <T>(make: (request: number) => Request): Promise<T> =>
    new Promise((resolve, reject) => {
      const number = ++requests;
      asked.set(number, ({ value, error }) => {
        asked.delete(number);
        if (value === undefined) reject(new Error(error));
        else resolve(value as T);
      });
      ask(make(number)).catch(reject);
    });
  worker.on("message", hear);
  worker.on("disconnect", ended);
  ask({ type: MARK, call: "open", id }).catch(ended);
  return {
    get binary() {
      return binary;
    },
    maxMessage: Infinity,
    subscribe: async (channel) => {
      await opened;
      const confirmed = new Promise<void>((resolve) => waiting.push([prefix + channel, resolve]));
      await ask({ type: MARK, call: "subscribe", id, channel: prefix + channel });
      await confirmed;
    },
    unsubscribe: async (channel) => {
      await opened;
      await ask({ type: MARK, call: "unsubscribe", id, channel: prefix + channel });
    },
    publish: (channel, message) =>
      ask({ type: MARK, call: "publish", id, channel: prefix + channel, message }),
    append: (channel, message, entry) =>
      request<HistoryPosition>((number) => ({
        type: MARK,
        call: "append",
        id,
        request: number,
        channel: prefix + channel,
        message,
        entry,
      })),
    read: (channel, limits) =>
      request<HistoryRange>((number) => ({
        type: MARK,
        call: "read",
        id,
        request: number,
        channel: prefix + channel,
        limits,
      })),
    close: async () => {
      worker.off("message", hear);
      worker.off("disconnect", ended);
      if (worker.isConnected()) await ask({ type: MARK, call: "close", id });
    },
  };
}
