/** Servers that answer handshakes byte by byte, and handshakes with them. @module */

import { createHash } from "node:crypto";
import net, { type AddressInfo } from "node:net";
import { after } from "node:test";
import tls from "node:tls";
import type { ConnectFailure } from "../../../src/core/failure.ts";
import { type HandshakeRequest, shakeHands } from "../../../src/adapters/tcp/client_handshake.ts";
import type { Terms } from "../../../src/adapters/tcp/server_answer.ts";

const sockets: Set<net.Socket> = new Set();
const servers: Set<net.Server> = new Set();

/** Ends all servers and connections of a test file when its tests have run. */
export function endAfter(): void {
  after(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });
}

/** Answers one request, whose key the server has hashed. */
export type Answer = (socket: net.Socket, accept: string, head: string) => unknown;

/** A server on a port of its own. */
export interface HandshakeServer {
  /** Its port. */
  readonly port: number;
  /** Heads of the requests so far. */
  readonly heads: string[];
  /** Number of connections so far. */
  readonly connections: () => number;
  /** Promise of the end of the first connection, after which the client's end was seen. */
  readonly ended: Promise<void>;
}

/** Returns the right value of `Sec-WebSocket-Accept` for a request; `""` without a key. */
export function acceptOf(head: string): string {
  const key = /^sec-websocket-key: *(.*)\r$/im.exec(head)?.[1] ?? "";
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** Returns a 101 that is right, but for other and further lines. */
export function right(accept: string, ...more: readonly string[]): string {
  const lines = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
  return ["HTTP/1.1 101 Switching Protocols", ...lines, ...more, "", ""].join("\r\n");
}

/** Starts a server. */
export async function answering(
  answer: Answer,
  secure?: tls.TlsOptions,
  hostname = "127.0.0.1",
): Promise<HandshakeServer> {
  const heads: string[] = [];
  let connections = 0;
  let end!: () => void;
  const ended = new Promise<void>((resolve) => end = resolve);
  const onConnection = (socket: net.Socket): void => {
    sockets.add(socket);
    connections++;
    let head = "";
    let isComplete = false;
    socket.on("error", () => {});
    socket.on("close", end);
    socket.on("data", (bytes) => {
      if (isComplete) return;
      head += bytes.toString();
      if (!head.includes("\r\n\r\n")) return;
      isComplete = true;
      heads.push(head);
      void answer(socket, acceptOf(head), head);
    });
  };
  const server = secure === undefined
    ? net.createServer(onConnection)
    : tls.createServer(secure, onConnection);
  server.on("tlsClientError", () => {}); // the client reports it
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve));
  const { port } = server.address() as AddressInfo;
  return { port, heads, connections: () => connections, ended };
}

/** Outcome of a handshake. */
export interface Outcome {
  readonly stream?: net.Socket;
  readonly head?: string;
  readonly terms?: Terms;
  readonly error?: ConnectFailure;
}

/** Shakes hands, and returns the outcome. A connection is destroyed at the end of the file. */
export function shaken(url: string, more: Partial<HandshakeRequest> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    shakeHands({ url, protocols: [], extensions: undefined, ...more }, {
      accepted(stream, head, terms) {
        sockets.add(stream);
        stream.on("error", () => {});
        resolve({ stream, head: new TextDecoder().decode(head), terms });
      },
      failed: (error) => resolve({ error: error as ConnectFailure }),
    });
  });
}
