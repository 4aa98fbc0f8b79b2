// A client that echoes, on the runtime's own WebSocket. Drives itself by Autobahn's URLs.
import process from "node:process";

const [base, agent] = process.argv.slice(2);

function talk(path, onmessage) {
  return new Promise((resolve) => {
    const socket = new WebSocket(base + path);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => onmessage?.(data, socket);
    socket.onerror = () => {};
    socket.onclose = resolve;
  });
}

let count = 0;
await talk("/getCaseCount", (data) => count = Number(data));
for (let number = 1; number <= count; number++) {
  await talk(`/runCase?case=${number}&agent=${agent}`, (data, socket) => socket.send(data));
}
await talk(`/updateReports?agent=${agent}`);
