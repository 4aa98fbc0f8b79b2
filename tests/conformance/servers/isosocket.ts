// An isosocket server that echoes, on whichever runtime this is. Prints its port.
import { serve, upgrade } from "@isosocket/isosocket";

const maxPayload = 16 * 1024 * 1024; // what the longest cases send

const server = await serve({ hostname: "127.0.0.1", port: 0, maxPayload }, (request) => {
  const { socket, response } = upgrade(request);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
console.log(new URL(server.url).port);
