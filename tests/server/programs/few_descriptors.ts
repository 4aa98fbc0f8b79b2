// A server that answers with the number of its open descriptors, and takes its time for some handshakes.

import { type Engine, serve, upgrade } from "@isosocket/isosocket";
import { readdirSync } from "node:fs";
import process from "node:process";
import { FREE, SECURE } from "../places.ts";

const [, , engine, scheme, unix] = process.argv;

const place = unix === undefined ? scheme === "https" ? SECURE : FREE : { unix };

const server = await serve({ ...place, engine: engine as Engine }, async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/descriptors") {
    const { length } = readdirSync("/proc/self/fd");
    return new Response(`${length}`, { headers: { connection: "close" } });
  }
  if (pathname === "/later") await new Promise((resolve) => setTimeout(resolve, 50));
  return upgrade(request).response;
});
console.log(`listens on ${server.port}`);
