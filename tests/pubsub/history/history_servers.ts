/** Servers of one process whose topics keep a history. @module */

import {
  connect,
  reconnect,
  type ReconnectingSocket,
  type ReconnectOptions,
  serve,
  type ServeOptions,
  type Server,
  type ServerSocket,
  type Socket,
  upgrade,
} from "@isosocket/isosocket";
import { history, type HistoryOptions, type TopicHistory } from "@isosocket/isosocket/history";
import {
  recover,
  type RecoveredTopic,
  type Recovery,
  type RecoveryPositions,
} from "@isosocket/isosocket/recover";
import { HELLO, MARK, RECOVER_PROTOCOL } from "../../../src/protocol/recovery.ts";
import { runtime } from "../../runtime.ts";

/** Engines of this runtime's servers. */
export const ENGINES: readonly ("native" | "tcp")[] = runtime.startsWith("node")
  ? ["tcp"]
  : ["native", "tcp"];

/** A server, and its topics. */
export interface HistoryServer extends AsyncDisposable {
  /** The server. */
  readonly server: Server;
  /** Its topics. */
  readonly topics: TopicHistory;
  /** Sockets that it has accepted. */
  readonly sockets: readonly ServerSocket[];
}

/** Starts a server whose handler subscribes each socket to the topics in the path of its address. */
export async function start(
  options: ServeOptions = {},
  kept: HistoryOptions = { size: 1000, ttl: 3_600_000 },
): Promise<HistoryServer> {
  const topics = history({ "room:": kept });
  const sockets: ServerSocket[] = [];
  const where = { port: 0, hostname: "127.0.0.1" };
  const server = await serve({ ...where, ...options, history: topics }, (request) => {
    const { socket, response } = upgrade(request, { protocols: ["chat"] });
    sockets.push(socket);
    for (const name of new URL(request.url).pathname.slice(1).split(",")) {
      if (name !== "") socket.subscribe(decodeURIComponent(name));
    }
    return response;
  });
  return {
    server,
    topics,
    sockets,
    [Symbol.asyncDispose]: async () => void await server.close({ deadline: 0 }),
  };
}

/** A client that recovers. */
export interface Client {
  /** Its socket. */
  readonly socket: ReconnectingSocket;
  /** What it has received. */
  readonly messages: unknown[];
  /** What it was told, and what it received, in this order. */
  readonly log: unknown[];
  /** What it was told. */
  readonly states: RecoveredTopic[];
  /** Its recovery. */
  readonly recovery: Recovery;
}

/** Makes a client that recovers. */
export function client(
  url: () => string,
  options: ReconnectOptions = {},
  since: RecoveryPositions = {},
): Client {
  const messages: unknown[] = [];
  const states: RecoveredTopic[] = [];
  const log: unknown[] = [];
  const onRecover = (state: RecoveredTopic): void => {
    states.push(state);
    log.push(state);
  };
  const recovery = recover({ since, onRecover });
  const socket = reconnect(url, {
    binaryType: "arraybuffer",
    backoff: { base: 5 },
    ...options,
    recover: recovery,
  });
  socket.onmessage = ({ data }) => {
    messages.push(data);
    log.push(data);
  };
  return { socket, messages, states, log, recovery };
}

/** Makes a client that sees what is on the wire, and says how far it has come. */
export async function rawClient(
  url: string,
  since: readonly unknown[] | string,
): Promise<{ socket: Socket; heard: unknown[] }> {
  const socket = connect(url, { protocols: [RECOVER_PROTOCOL], binaryType: "arraybuffer" });
  const heard: unknown[] = [];
  socket.onmessage = ({ data }) => void heard.push(data);
  await socket.opened;
  socket.send(typeof since === "string" ? since : MARK + HELLO + JSON.stringify(since));
  return { socket, heard };
}
