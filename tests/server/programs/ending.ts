// A server that ends when it is asked to, and then has nothing left to do.

import { connect, type Engine, serve, upgrade } from "@isosocket/isosocket";
import process from "node:process";
import { CERT, KEY } from "../certificate.ts";

const DEADLINE = 300;

const never = new Promise<never>(() => {});

const [, , engine, secure] = process.argv;

const where = {
  port: 0,
  hostname: "127.0.0.1",
  engine: engine as Engine,
  ...(secure === undefined ? {} : { tls: { key: KEY, cert: CERT } }),
};

const server = await serve(where, async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/end") {
    void end();
    return new Response("ending");
  }
  if (pathname === "/page") return new Response("a page");
  if (pathname === "/stream") return new Response(endless());
  if (pathname === "/never") return await never;
  if (pathname === "/later") await new Promise((resolve) => setTimeout(resolve, 100));
  const { socket, response } = upgrade(request);
  if (pathname === "/much") {
    socket.onopen = () => {
      for (let i = 0; i < 12; i++) socket.send(new Uint8Array(1024 * 1024));
    };
  }
  return response;
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.enqueue(new Uint8Array(10));
    },
  });
}

async function end(): Promise<void> {
  const { closed, terminated } = await server.close({ deadline: DEADLINE });
  console.log(`closed ${closed}, terminated ${terminated}`);
}

await new Promise((resolve, reject) => {
  const socket = connect(server.url);
  socket.onopen = resolve;
  socket.onerror = ({ error }) => reject(error);
});
console.log(`listens on ${server.port}`);
