// A server that tells how many descriptors it has open, and takes its time for some handshakes.

import { type Engine, serve, upgrade } from "@isosocket/isosocket";
import { readdirSync } from "node:fs";
import process from "node:process";

const [, , engine] = process.argv;

const where = { port: 0, hostname: "127.0.0.1", engine: engine as Engine };

const server = await serve(where, async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/descriptors") {
    const { length } = readdirSync("/proc/self/fd");
    return new Response(`${length}`, { headers: { connection: "close" } });
  }
  if (pathname === "/later") await new Promise((resolve) => setTimeout(resolve, 50));
  return upgrade(request).response;
});
console.log(`listens on ${server.port}`);
