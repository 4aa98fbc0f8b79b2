// A server that shares its port with others, and answers with the number of its process.

import { type Engine, serve } from "@isosocket/isosocket";
import process from "node:process";

const [, , port, engine] = process.argv;
const options = {
  port: Number(port),
  hostname: "127.0.0.1",
  reusePort: true,
  ...(engine === undefined ? {} : { engine: engine as Engine }),
};
const server = await serve(options, () => new Response(`process ${process.pid}`));
console.log(`listens on ${server.port}`);
