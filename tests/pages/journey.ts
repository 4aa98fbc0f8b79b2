// The journeys of docs/architecture.md: a handshake, a message and its answer, a close.

import { connect, serve, upgrade } from "../../mod.ts";

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
const socket = connect(server.url);
socket.onopen = () => socket.send("hello");
socket.onmessage = () => socket.close(1000);
await socket.closed;
await server.close();
