// Serves with the given options, and prints `served`, or the name of the error.

import { serve, type ServeOptions } from "@isosocket/isosocket";
import process from "node:process";

const options: ServeOptions = JSON.parse(process.argv[2]!);
try {
  const handler = (): Response => new Response("a page");
  const server = await serve({ port: 0, hostname: "127.0.0.1", ...options }, handler);
  await server.close();
  console.log("served");
} catch (error) {
  console.log((error as Error).name);
}
