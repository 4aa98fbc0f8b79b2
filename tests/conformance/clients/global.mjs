// A client that echoes, on the runtime's own WebSocket. Drives itself by Autobahn's URLs.
import process from "node:process";

const [base, agent] = process.argv.slice(2);

function talk(path, onmessage) {
  return new Promise((resolve) => {
    const socket = new WebSocket(base + path);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => onmessage?.(data, socket);
    socket.onerror = () => {};
    // Node's own now and then stays CLOSING for ever where data comes behind a Close frame.
    let ticks = 0;
    const watch = setInterval(() => {
      if (socket.readyState === WebSocket.CLOSING && ++ticks === 10) socket.onclose();
    }, 200);
    socket.onclose = () => {
      clearInterval(watch);
      resolve();
    };
  });
}

let count = 0;
await talk("/getCaseCount", (data) => count = Number(data));
for (let number = 1; number <= count; number++) {
  await talk(`/runCase?case=${number}&agent=${agent}`, (data, socket) => socket.send(data));
}
await talk(`/updateReports?agent=${agent}`);
