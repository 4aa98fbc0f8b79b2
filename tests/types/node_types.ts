// The entry point of Node accepts and returns Node's own types.

import { connect } from "@isosocket/isosocket";
import { attach, type NodeServer, upgrade } from "@isosocket/isosocket/node";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";

declare const servers: [Server, TlsServer];
servers satisfies NodeServer[];

attach(createServer(), (request) => upgrade(request).response);
attach(createTlsServer({}), (request) => upgrade(request).response);
// @ts-expect-error -- a port is no server
attach(8080, (request) => upgrade(request).response);
// @ts-expect-error -- a request listener is no handler of sockets
attach((_request: Request) => {}, (request) => upgrade(request).response);

export const socket: WebSocket = connect("ws://127.0.0.1/", { WebSocket });
