import { createServer } from "node:http";
import { Server } from "socket.io";
import { answer, kindOf, print } from "./printed.mjs";

const http = createServer();
new Server(http, { pingInterval: 300, pingTimeout: 300 }).on("connection", (socket) => {
  print({ kind: kindOf(socket) });
  socket.on("m", async (data) => await answer(data, (text) => socket.emit("m", text)));
  socket.on("disconnect", (reason) => print({ reason }));
});
http.listen(0, "127.0.0.1", () => print({ port: http.address().port }));
