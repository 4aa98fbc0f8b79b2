/** Publishes with isosocket: the same file on every runtime. @module */

import { serve, upgrade } from "../../../mod.ts";
import { serving } from "../serving.ts";
import { TEXT } from "./text.ts";

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  socket.subscribe("topic");
  socket.onmessage = (event) => {
    for (let i = Number(event.data); i > 0; i--) server.publish("topic", TEXT);
  };
  return response;
});
serving(server.port);
