/** Serves the page, and is its hands: TCP connections that the page orders by HTTP. @module */

import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listen, type Port, TcpWire } from "../raw_peer/tcp_wire.ts";

/** A server for one page. */
export interface RawPeerServer extends AsyncDisposable {
  /** Where the page is. */
  readonly url: string;
}

/** What a page may order, besides `read` and `write`. */
const VERBS = ["end", "reset", "pause", "resume"] as const;

/** Ports by number, and what came to them. */
class Hands {
  readonly #ports: Map<number, { port: Port; accepted: Promise<TcpWire | undefined> }> = new Map();
  #count = 0;
  #giveUp: () => void = () => {};
  #given: Promise<undefined> = Promise.resolve(undefined);

  constructor() {
    this.drop();
  }

  async listen(): Promise<{ id: number; port: number }> {
    const port = await listen();
    const accepted = Promise.race([port.accepted, this.#given]);
    accepted.then(() => port.close());
    const id = ++this.#count;
    this.#ports.set(id, { port, accepted });
    return { id, port: port.port };
  }

  /** What came to a port; `undefined` if nobody did before all was dropped. */
  accepted(id: number): Promise<TcpWire | undefined> | undefined {
    return this.#ports.get(id)?.accepted;
  }

  /** Ends all, so that every order that waits is answered. */
  drop(): void {
    this.#giveUp();
    TcpWire.dropAll();
    this.#ports.clear();
    this.#given = new Promise((resolve) => this.#giveUp = () => resolve(undefined));
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Carries an order out; what is returned is the answer's body, `undefined` for none. */
async function obey(
  hands: Hands,
  path: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array | string | undefined> {
  if (path === "/listen") return JSON.stringify(await hands.listen());
  if (path === "/drop") return void hands.drop();
  const [, id, verb] = /^\/wire\/(\d+)\/(\w+)$/.exec(path) ?? [];
  const wire = await hands.accepted(Number(id));
  if (wire === undefined) throw new Error(`Cannot ${path}: nobody came`);
  if (verb === "accepted") return undefined;
  if (verb === "read") return await wire.read();
  if (verb === "write") return void await wire.write(body);
  const known = VERBS.find((known) => known === verb);
  if (known === undefined) throw new Error(`Cannot ${path}: there is no such order`);
  await wire[known]();
}

/** Starts the server of a page whose script is `script`. */
export async function rawPeerServer(script: string): Promise<RawPeerServer> {
  const hands = new Hands();
  const page = {
    "/": ["text/html", '<!doctype html><meta charset="utf-8"><script src="page.js"></script>'],
    "/page.js": ["text/javascript", script],
  } as const;

  const answer = async (incoming: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const path = incoming.url ?? "/";
    if (incoming.method === "GET") {
      const [type, text] = page[path as keyof typeof page] ?? ["text/plain", undefined];
      reply.writeHead(text === undefined ? 404 : 200, { "content-type": `${type}; charset=utf-8` });
      return void reply.end(text);
    }
    try {
      const body = await obey(hands, path, await bodyOf(incoming));
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
      hands.drop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
