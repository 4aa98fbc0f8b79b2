import { WebSocketServer } from "ws";
import { answer, kindOf, print } from "./printed.mjs";

// Bun has a module of its own in place of this package.
if (!import.meta.resolve("ws").startsWith("file:")) {
  print({ unsupported: "Bun's own module stands in for it" });
} else {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("listening", () => print({ port: server.address().port }));
  server.on("connection", (socket) => {
    print({ kind: kindOf(socket) });
    socket.on("error", () => {});
    socket.on("message", async (data) => await answer(String(data), (text) => socket.send(text)));
    socket.on("close", (code, reason) => print({ code, reason: String(reason) }));
  });
}
