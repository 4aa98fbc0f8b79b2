// A server whose handlers await nothing: each path is a program that forgets the end of its socket.

import { type Engine, serve, type Socket, upgrade } from "@isosocket/isosocket";
import process from "node:process";
import { Readable, Writable } from "node:stream";
import type {
  ReadableStream as NodeReadable,
  WritableStream as NodeWritable,
} from "node:stream/web";

const [, , engine] = process.argv;

const BIG = "x".repeat(100_000);

function milliseconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count));
}

/** A source that goes on for some time, with or without a reader. */
function feed(): ReadableStream<string> {
  let count = 0;
  return new ReadableStream({
    async pull(controller) {
      await milliseconds(1);
      if (++count === 20) controller.close();
      else controller.enqueue(BIG);
    },
  });
}

const PROGRAMS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  echo: (socket) => socket.readable.pipeTo(socket.writable),
  through: (socket) => socket.readable.pipeThrough(new TransformStream()).pipeTo(socket.writable),
  tee(socket) {
    const [one, two] = socket.readable.tee();
    void one.pipeTo(socket.writable);
    void two.pipeTo(new WritableStream());
  },
  feed: (socket) => feed().pipeTo(socket.writable),
  // Streams of Node emit an error that ends the process if nobody listens.
  node(socket) {
    Readable.fromWeb(socket.readable as NodeReadable)
      .pipe(Writable.fromWeb(socket.writable as NodeWritable, { decodeStrings: false }));
  },
  async loop(socket) {
    for await (const data of socket) socket.send(data);
  },
  async writes(socket) {
    const writer = socket.writable.getWriter();
    for (;;) await writer.write(BIG);
  },
  unawaited(socket) {
    const writer = socket.writable.getWriter();
    for (let i = 0; i < 40; i++) void writer.write(BIG);
    void writer.closed.then(() => void writer.write("late"));
  },
  async opened(socket) {
    await socket.opened;
    await socket.writable.getWriter().closed;
  },
  async reader(socket) {
    const reader = socket.readable.getReader();
    void reader.closed;
    while (!(await reader.read()).done);
  },
  cancelled: (socket) => socket.readable.cancel("not wanted"),
  async disposed(socket) {
    await milliseconds(5);
    await socket[Symbol.asyncDispose](); // as await using does, which Node 22 does not know
  },
  closes(socket) {
    void socket.writable.getWriter().write(BIG);
    setTimeout(() => socket.close(4000), 2);
  },
  terminates(socket) {
    void socket.readable.pipeTo(socket.writable);
    setTimeout(() => socket.terminate(), 2);
  },
  blobs(socket) {
    socket.onopen = () => {
      socket.send(new Blob([BIG]));
      socket.close(1008);
      socket.terminate();
    };
  },
};

const server = await serve({
  port: 0,
  hostname: "127.0.0.1",
  engine: engine as Engine,
  maxBuffered: 1024 * 1024,
  onError(error) {
    if (!(error as Error).message.includes("goes on writing")) console.error(error);
  },
}, (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/alive") return new Response("alive");
  const { socket, response } = upgrade(request);
  void PROGRAMS[pathname.slice(1)]!(socket);
  return response;
});
console.log(`${Object.keys(PROGRAMS).join(" ")} listen on ${server.port}`);
