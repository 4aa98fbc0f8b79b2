import { serve, upgrade } from "../../../mod.ts";
import { answer, kindOf, print } from "./printed.mjs";

const server = await serve({ port: 0, hostname: "127.0.0.1", onError() {} }, (request) => {
  const { socket, response } = upgrade(request);
  socket.onopen = () => print({ kind: kindOf(socket) });
  socket.onmessage = ({ data }) => answer(data, (text) => socket.send(text));
  socket.onclose = ({ code, reason }) => print({ code, reason });
  return response;
});
print({ port: server.port });
