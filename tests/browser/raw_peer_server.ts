/** Server of a page, with TCP connections that the page controls by HTTP. @module */

import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listen, type Port, TcpWire } from "../raw_peer/tcp_wire.ts";
import type { PageFiles } from "./bundled.ts";

/** A server of one page. */
export interface RawPeerServer extends AsyncDisposable {
  /** Address of the page. */
  readonly url: string;
}

/** Commands to a connection, besides `accepted`, `read` and `write`. */
const COMMANDS = ["end", "reset", "pause", "resume"] as const;

/** TCP ports by number, and the connection that each has accepted. */
class Ports {
  readonly #ports: Map<number, { port: Port; accepted: Promise<TcpWire | undefined> }> = new Map();
  #count = 0;
  #dropAll: () => void = () => {};
  #dropped: Promise<undefined> = Promise.resolve(undefined);

  constructor() {
    this.drop();
  }

  async listen(): Promise<{ id: number; port: number }> {
    const port = await listen();
    const accepted = Promise.race([port.accepted, this.#dropped]);
    accepted.then(() => port.close());
    const id = ++this.#count;
    this.#ports.set(id, { port, accepted });
    return { id, port: port.port };
  }

  /** Resolves with the connection of a port; with `undefined` if all was dropped before one came. */
  accepted(id: number): Promise<TcpWire | undefined> | undefined {
    return this.#ports.get(id)?.accepted;
  }

  /** Ends all connections, so that every pending command is answered. */
  drop(): void {
    this.#dropAll();
    TcpWire.dropAll();
    this.#ports.clear();
    this.#dropped = new Promise((resolve) => this.#dropAll = () => resolve(undefined));
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Executes a command. Resolves with the body of the answer; with `undefined` for none. */
async function execute(
  ports: Ports,
  path: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array | string | undefined> {
  if (path === "/listen") return JSON.stringify(await ports.listen());
  if (path === "/drop") return void ports.drop();
  const [, id, command] = /^\/wire\/(\d+)\/(\w+)$/.exec(path) ?? [];
  const wire = await ports.accepted(Number(id));
  if (wire === undefined) throw new Error(`Cannot ${path}: no connection came`);
  if (command === "accepted") return undefined;
  if (command === "read") return await wire.read();
  if (command === "write") return void await wire.write(body);
  const known = COMMANDS.find((known) => known === command);
  if (known === undefined) throw new Error(`Cannot ${path}: there is no such command`);
  await wire[known]();
}

/** Starts the server of a page. */
export async function rawPeerServer(files: PageFiles): Promise<RawPeerServer> {
  const ports = new Ports();
  const answer = async (incoming: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const path = incoming.url ?? "/";
    if (incoming.method === "GET") {
      const [type, text] = files[path] ?? ["text/plain", undefined];
      reply.writeHead(text === undefined ? 404 : 200, { "content-type": type }).end(text);
      return;
    }
    try {
      const body = await execute(ports, path, await bodyOf(incoming));
      reply.writeHead(body === undefined ? 204 : 200).end(body);
    } catch (error) {
      reply.writeHead(409, { "content-type": "text/plain" }).end((error as Error).message);
    }
  };

  const server = createServer((incoming, reply) => void answer(incoming, reply));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      ports.drop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
