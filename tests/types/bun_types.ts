// The entry point of Bun accepts and returns Bun's own types.

import { connect } from "@isosocket/isosocket";
import { type BunServer, type BunSocket, upgrade, websocket, wrap } from "@isosocket/isosocket/bun";

const fetch = wrap((request) => upgrade(request).response, { compression: true });
const server = Bun.serve({ port: 0, fetch, websocket });
Bun.serve({ unix: "app.sock", fetch, websocket: fetch.websocket });
server.stop() satisfies Promise<void>;
server satisfies BunServer;

declare const own: Bun.ServerWebSocket<unknown>;
own satisfies BunSocket;
websocket satisfies Bun.WebSocketHandler<unknown>;

export const socket: WebSocket = connect("ws://127.0.0.1/", { WebSocket });
