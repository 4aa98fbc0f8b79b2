/** The far end of a page's sockets: TCP that the page's own server does for it. @module */

import type { ByteStream } from "../../src/testing/contract/raw_peer.ts";
import type { ClientPort } from "../contract/client_harness.ts";

async function ask(path: string, body?: Uint8Array<ArrayBuffer>): Promise<Response> {
  const response = await fetch(path, { method: "POST", ...(body === undefined ? {} : { body }) });
  if (!response.ok) throw new Error(`Cannot ${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** One TCP connection, by its number. */
class RemoteWire implements ByteStream {
  readonly #path: string;

  constructor(id: number) {
    this.#path = `/wire/${id}`;
  }

  async #do(verb: string, body?: Uint8Array<ArrayBuffer>): Promise<void> {
    await (await ask(`${this.#path}/${verb}`, body)).arrayBuffer();
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#do("write", bytes);
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const response = await ask(`${this.#path}/read`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return response.status === 204 ? undefined : bytes;
  }

  end(): Promise<void> {
    return this.#do("end");
  }

  reset(): Promise<void> {
    return this.#do("reset");
  }

  pause(): Promise<void> {
    return this.#do("pause");
  }

  resume(): Promise<void> {
    return this.#do("resume");
  }
}

/** Listens for one connection. */
export async function listen(): Promise<ClientPort> {
  const { id, port } = await (await ask("/listen")).json();
  const accepted = ask(`/wire/${id}/accepted`).then(() => new RemoteWire(id));
  accepted.catch(() => {}); // nobody may come
  return { port, accepted, close: () => {} }; // it takes one connection only
}

/** Drops what rules have left: a browser has six requests for one server, and reads would wait. */
export async function dropAll(): Promise<void> {
  await ask("/drop");
}
