// An isosocket client that echoes. Drives itself by Autobahn's URLs. "tcp" chooses that engine.
import process from "node:process";
import { connect, type Socket } from "@isosocket/isosocket";

const [base, agent] = process.argv.slice(-2);
const engine = process.argv[2] === "tcp" ? "tcp" : "native";

function talk(path: string, onmessage?: (data: string, socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(base + path, { engine });
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => onmessage?.(data, socket);
    socket.onclose = () => resolve();
  });
}

let count = 0;
await talk("/getCaseCount", (data) => count = Number(data));
for (let number = 1; number <= count; number++) {
  await talk(`/runCase?case=${number}&agent=${agent}`, (data, socket) => socket.send(data));
}
await talk(`/updateReports?agent=${agent}`);
