/** The harness of servers: sockets of `serve()` and `upgrade()`, on the runtime that this is. @module */

import { type Engine, serve, type Server, type Socket, upgrade } from "@isosocket/isosocket";
import type { Connected, ConnectSettings, Harness } from "../../src/testing/contract/mod.ts";
import { readHead, request, WirePeer } from "../../src/testing/contract/raw_peer.ts";
import { encode, join } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";

/** A harness whose servers must be closed. */
export interface ServerHarness extends Harness, AsyncDisposable {}

/** Makes a harness of servers. */
export function serverHarness(runtime: string, engine: Engine = "native"): ServerHarness {
  const servers = new Map<string, Server>();
  const meetings = new Map<string, { how: ConnectSettings; made: (socket: Socket) => void }>();
  let count = 0;

  const serverFor = async (
    { closeTimeout = 10_000, server: own = {} }: ConnectSettings,
  ): Promise<Server> => {
    const options = { closeTimeout, engine, onError() {}, ...own, port: 0, hostname: "127.0.0.1" };
    const key = JSON.stringify(options);
    const present = servers.get(key);
    if (present !== undefined) return present;
    const server = await serve(options, (request) => {
      const { how, made } = meetings.get(new URL(request.url).pathname)!;
      const { binaryType, spoken } = how;
      const { socket, response } = upgrade(request, {
        ...(binaryType === undefined ? {} : { binaryType }),
        ...(spoken === undefined ? {} : { protocols: spoken }),
        ...how.upgrade,
      });
      how.attach?.(socket);
      made(socket);
      return response;
    });
    servers.set(key, server);
    return server;
  };

  const connect = async (how: ConnectSettings = {}): Promise<Connected> => {
    const hub = await serverFor(how);
    const path = `/${++count}`;
    let made!: (socket: Socket) => void;
    const socket = new Promise<Socket>((resolve) => made = resolve);
    meetings.set(path, { how, made });
    const wire = await TcpWire.connect(hub.port);
    // Without a space behind the comma, which HTTP does not ask for.
    const headers = how.offered === undefined
      ? {}
      : { "Sec-WebSocket-Protocol": how.offered.join(",") };
    const early = (how.early ?? []).map((frame) => encode(frame, true));
    await wire.write(join([request(path, headers), ...early]));
    const answer = await readHead(wire);
    if (!answer?.head.startsWith("HTTP/1.1 101")) {
      throw new Error(`Cannot connect: the server answered ${answer?.head ?? "nothing"}`);
    }
    return { socket: await socket, peer: new WirePeer(wire, true, answer.rest), hub };
  };

  return {
    name: engine === "native" ? `${runtime} server` : `${runtime} ${engine} server`,
    role: "server",
    wired: true,
    connect,
    async [Symbol.asyncDispose]() {
      for (const server of servers.values()) await server.close({ deadline: 0 });
    },
  };
}
