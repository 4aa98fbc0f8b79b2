/** Publishes with isosocket: the same file on every runtime. "tcp" chooses that engine. @module */

import process from "node:process";
import { serve, upgrade } from "../../../mod.ts";
import { serving } from "../serving.ts";
import { TEXT } from "./text.ts";

// Subscribers answer no Pings: they only count.
const options = {
  port: 0,
  hostname: "127.0.0.1",
  heartbeat: 0,
  idleTimeout: 0,
  engine: process.argv.includes("tcp") ? "tcp" : "native",
} as const;
const server = await serve(options, (request) => {
  const { socket, response } = upgrade(request);
  socket.subscribe("topic");
  socket.onmessage = (event) => {
    for (let i = Number(event.data); i > 0; i--) server.publish("topic", TEXT);
  };
  return response;
});
serving(server.port);
