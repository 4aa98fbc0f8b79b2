/** Harness of servers: sockets of `serve()` and `upgrade()` on the present runtime. @module */

import { type Engine, serve, type Server, type Socket, upgrade } from "@isosocket/isosocket";
import type { Connected, ConnectSettings, Harness } from "../../src/testing/contract/mod.ts";
import { readHead, request, WirePeer } from "../../src/testing/contract/raw_peer.ts";
import { encode, join } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";

/** A harness whose servers must be closed at the end. */
export interface ServerHarness extends Harness, AsyncDisposable {}

/** Makes a harness of servers: one server for each set of options, which sockets share. */
export function serverHarness(runtime: string, engine: Engine = "native"): ServerHarness {
  const servers = new Map<string, Server>();
  const handshakes = new Map<
    string,
    { settings: ConnectSettings; made: (socket: Socket) => void }
  >();
  let count = 0;

  const serverFor = async (
    { closeTimeout = 10_000, server: own = {} }: ConnectSettings,
  ): Promise<Server> => {
    const options = { closeTimeout, engine, onError() {}, ...own, port: 0, hostname: "127.0.0.1" };
    const key = JSON.stringify(options);
    const present = servers.get(key);
    if (present !== undefined) return present;
    const server = await serve(options, (request) => {
      const { settings, made } = handshakes.get(new URL(request.url).pathname)!;
      const { binaryType, spoken } = settings;
      const { socket, response } = upgrade(request, {
        ...(binaryType === undefined ? {} : { binaryType }),
        ...(spoken === undefined ? {} : { protocols: spoken }),
        ...settings.upgrade,
      });
      settings.attach?.(socket);
      made(socket);
      return response;
    });
    servers.set(key, server);
    return server;
  };

  const connect = async (settings: ConnectSettings = {}): Promise<Connected> => {
    const hub = await serverFor(settings);
    const path = `/${++count}`;
    let made!: (socket: Socket) => void;
    const socket = new Promise<Socket>((resolve) => made = resolve);
    handshakes.set(path, { settings, made });
    const wire = await TcpWire.connect(hub.port);
    // Without a space after the comma: HTTP requires none.
    const headers = settings.offered === undefined
      ? {}
      : { "Sec-WebSocket-Protocol": settings.offered.join(",") };
    const early = (settings.early ?? []).map((frame) => encode(frame, true));
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
