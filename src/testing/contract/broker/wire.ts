/** A connection with a broker that rules use by themselves, to see and to send what servers do not. @module */

import type { BrokerConnection } from "../../../pubsub/broker/broker.ts";
import { type BrokerEngine, until } from "./broker_rule.ts";

/** A connection, and the messages that have come. */
export interface BrokerWire {
  /** What has come, as text. */
  readonly heard: readonly string[];
  /** Subscribes to a channel. */
  listen(channel: string): Promise<void>;
  /** Publishes text on a channel. */
  send(channel: string, text: string): Promise<void>;
  /** Ends the connection. */
  close(): Promise<void>;
}

/** Connects. */
export function wireOf(engine: BrokerEngine, prefix: string): BrokerWire {
  const heard: string[] = [];
  let isSubscribed = false;
  const connection: BrokerConnection = engine.broker(prefix).connect({
    message: (_, message) =>
      void heard.push(typeof message === "string" ? message : new TextDecoder().decode(message)),
    closed() {},
  });
  return {
    heard,
    async listen(channel) {
      await connection.subscribe(channel);
      isSubscribed = true;
    },
    async send(channel, text) {
      if (!isSubscribed) await this.listen("rules"); // confirms that it is connected
      await connection.publish(
        channel,
        connection.binary ? new TextEncoder().encode(text) : text,
      );
    },
    async close() {
      await connection.close();
    },
  };
}

/** Waits for a message that is no probe, and returns its header. */
export async function headerOf({ heard }: BrokerWire, body: string): Promise<string> {
  const find = (): string | undefined => heard.find((it) => it.endsWith(`\n${body}`));
  await until(() => find() !== undefined, `"${body}"`);
  return find()!.slice(0, -body.length - 1);
}
