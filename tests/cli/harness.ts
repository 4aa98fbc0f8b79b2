// A server in this process that the command connects to: the path selects its behaviour.

import { serve, type Server, type ServerSocket, upgrade } from "@isosocket/isosocket";

/** Actions on an open socket, by path. */
const behaviours: Record<string, (socket: ServerSocket) => void> = {
  "/bye": (socket) => socket.close(4001, "bye"),
  "/done": (socket) => socket.close(1000),
  "/empty": (socket) => socket.close(),
  "/die": (socket) => socket.terminate(),
  "/greet": (socket) => {
    for (const text of ["one", "two", "three"]) socket.send(text);
  },
  "/binary": (socket) => socket.send(Uint8Array.of(0x00, 0xff, 0x41)),
  "/controls": (socket) => socket.send("\x1b[2J\u202eabc\n\tdef"),
  // It drops the connection at the first message.
  "/fragile": (socket) => socket.addEventListener("message", () => socket.terminate()),
  "/silent": () => {},
};

/** A refusal with all that a terminal must not execute, and too much of it. */
function rude(): Response {
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i} \x1b[2J\u202e`);
  return new Response(`\r\n\n\n${"x".repeat(400)}\n\n\n${lines.join("\r\n")}`, {
    status: 401,
    headers: { "www-authenticate": 'Basic realm="a\tb"', "retry-after": "60", "x-other": "no" },
  });
}

/** The server, and what it has observed. */
export interface CliHarness {
  readonly server: Server;
  /** Returns the address of a path. */
  at(path: string): string;
  /** The headers of the latest handshake. */
  headers: Headers;
  /** Number of connections, by path. */
  readonly visits: Record<string, number>;
  /** Close codes of the connections that have ended. */
  readonly codes: number[];
  /** Resolves when a path has received so many messages, from now on. */
  received(path: string, messages: number): Promise<void>;
}

/** Starts the server, with the engine `tcp`, which can drop a connection on every runtime. */
export async function startHarness(): Promise<CliHarness> {
  const visits: Record<string, number> = {};
  const codes: number[] = [];
  const waiting: { path: string; left: number; resolve: () => void }[] = [];
  const options = { port: 0, hostname: "127.0.0.1", engine: "tcp", maxPayload: 2 ** 24 } as const;
  const server = await serve(options, (request) => {
    const { pathname } = new URL(request.url);
    const visit = visits[pathname] = (visits[pathname] ?? 0) + 1;
    harness.headers = new Headers(request.headers);
    if (pathname === "/refuse") return new Response("No", { status: 403 });
    if (pathname === "/rude") return rude();
    if (pathname === "/redirect") {
      const location = new URL(request.url).searchParams.get("to")!;
      return new Response("It has moved", { status: 307, headers: { location } });
    }
    const { socket, response } = upgrade(request, {
      protocols: ["chat.v2", "chat.v1"],
      binaryType: "arraybuffer",
      origins: "*",
    });
    socket.onopen = () => {
      // The first two connections to it are lost.
      if (pathname === "/lossy" && visit < 3) socket.terminate();
      else if (pathname === "/lossy") socket.send("at last");
      behaviours[pathname]?.(socket);
    };
    if (!Object.hasOwn(behaviours, pathname)) {
      socket.addEventListener("message", ({ data }) => {
        socket.send(pathname === "/wrong" ? `not ${data}` : data);
      });
    }
    socket.onmessage = () => {
      for (const it of waiting) if (it.path === pathname && --it.left === 0) it.resolve();
    };
    socket.onclose = ({ code }) => codes.push(code);
    return response;
  });
  const base = server.url.replace(/^http/, "ws").replace(/\/$/, "");
  const harness: CliHarness = {
    server,
    at: (path) => base + path,
    headers: new Headers(),
    visits,
    codes,
    received: (path, left) => new Promise((resolve) => waiting.push({ path, left, resolve })),
  };
  return harness;
}
