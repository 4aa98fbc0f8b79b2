// What the Node door takes for Node's own is Node's own.

import { attach, upgrade } from "@isosocket/isosocket/node";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

attach(createServer(), (request) => upgrade(request).response);
attach(createTlsServer({}), (request) => upgrade(request).response);
// @ts-expect-error -- a port is no server
attach(8080, (request) => upgrade(request).response);
