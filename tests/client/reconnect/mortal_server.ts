/**
 * A server that may be killed at any time: what it has received and delivered is in files.
 *
 * It acknowledges each message of its client, and sends numbers of its own until they are
 * acknowledged. Arguments: the port, and a folder.
 *
 * @module
 */

import { serve, upgrade } from "@isosocket/isosocket";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const [port, folder, count] = process.argv.slice(2) as [string, string, string];
const taken = join(folder, "taken"); // what came, a line each
const acknowledged = join(folder, "acknowledged");

function lines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

let connection = 0;
const server = await serve({ port: Number(port), hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  const own = `${process.pid}.${++connection}`;
  let sent = 0;
  socket.onopen = () => {
    const done = new Set(lines(acknowledged));
    for (let number = 0; number < Number(count); number++) {
      if (!done.has(`${number}`)) socket.send(JSON.stringify({ number, send: `${own}.${sent++}` }));
    }
  };
  socket.onmessage = ({ data }) => {
    const { number, send, ack } = JSON.parse(data);
    if (ack !== undefined) appendFileSync(acknowledged, `${ack}\n`);
    else {
      appendFileSync(taken, `${own} ${number} ${send}\n`);
      socket.send(JSON.stringify({ ack: number }));
    }
  };
  return response;
});
console.log(server.port);
