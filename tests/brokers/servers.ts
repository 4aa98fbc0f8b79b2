/** Servers in memory, whose brokers are real. @module */

import { scriptedServer } from "@isosocket/isosocket/testing";
import type { Hub, SocketOptions } from "@isosocket/isosocket";
import { reconnect } from "@isosocket/isosocket";
import { recover, type RecoveredTopic } from "@isosocket/isosocket/recover";
import type {
  BrokerServer,
  BrokerSubscriber,
  RecoveringSubscriber,
} from "../../src/testing/contract/broker/mod.ts";

/** Servers that end together. */
export class Servers {
  readonly #hubs: Hub[] = [];

  /** Makes a server. */
  readonly serve = (options: SocketOptions): BrokerServer => {
    const server = serveInMemory(options);
    this.#hubs.push(server.hub);
    return server;
  };

  /** Closes all servers: a rule that fails leaves them behind. */
  async close(): Promise<void> {
    await Promise.all(this.#hubs.map((hub) => hub.close({ deadline: 0 })));
  }
}

function serveInMemory(options: SocketOptions): BrokerServer {
  const server = scriptedServer(undefined, options);
  const subscriber = async (...topics: string[]): Promise<BrokerSubscriber> => {
    const client = server.connect("ws://memory.invalid/", { binaryType: "arraybuffer" });
    const messages: unknown[] = [];
    client.onmessage = ({ data }) => void messages.push(data);
    const { socket } = await server.accept();
    for (const topic of topics) socket.subscribe(topic);
    return { socket, messages };
  };
  const recovering: BrokerServer["recovering"] = async (since, ...topics) => {
    const messages: unknown[] = [];
    const states: RecoveredTopic[] = [];
    const recovery = recover({ since, onRecover: (state) => void states.push(state) });
    const client = reconnect("ws://memory.invalid/", {
      WebSocket: server.WebSocket,
      binaryType: "arraybuffer",
      recover: recovery,
      until: () => true, // it comes back as another one
    });
    client.onmessage = ({ data }) => void messages.push(data);
    const { socket } = await server.accept();
    for (const topic of topics) socket.subscribe(topic);
    return {
      messages,
      states,
      positions: () => recovery.positions,
      leave: () => client.close(),
    } satisfies RecoveringSubscriber;
  };
  return { hub: server.hub, subscriber, recovering };
}
