// A client that echoes, on `ws`. Drives itself by Autobahn's URLs.
import process from "node:process";
import { WebSocket } from "ws";

const [base, agent, ...flags] = process.argv.slice(2);

function talk(path, onmessage) {
  return new Promise((resolve) => {
    const socket = new WebSocket(base + path, { perMessageDeflate: flags.includes("deflate") });
    socket.on("message", (data, isBinary) => onmessage?.(data, isBinary, socket));
    socket.on("error", () => {});
    socket.on("close", resolve);
  });
}

let count = 0;
await talk("/getCaseCount", (data) => count = Number(data));
for (let number = 1; number <= count; number++) {
  await talk(`/runCase?case=${number}&agent=${agent}`, (data, isBinary, socket) => {
    socket.send(data, { binary: isBinary });
  });
}
await talk(`/updateReports?agent=${agent}`);
