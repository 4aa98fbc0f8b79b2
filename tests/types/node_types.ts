// What the Node door takes for Node's own is Node's own.

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
// @ts-expect-error -- a listener of requests is none
attach((_request: Request) => {}, (request) => upgrade(request).response);

export const socket: WebSocket = connect("ws://127.0.0.1/", { WebSocket });
