/** Byte streams of a page: TCP connections of the page's own server, controlled by HTTP. @module */

import type { ByteStream } from "../../src/testing/contract/raw_peer.ts";
import type { ClientPort } from "../contract/client_harness.ts";

async function post(path: string, body?: Uint8Array<ArrayBuffer>): Promise<Response> {
  const response = await fetch(path, { method: "POST", ...(body === undefined ? {} : { body }) });
  if (!response.ok) throw new Error(`Cannot ${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** One TCP connection of the server, by its number. */
class RemoteWire implements ByteStream {
  readonly #path: string;

  constructor(id: number) {
    this.#path = `/wire/${id}`;
  }

  async #command(command: string, body?: Uint8Array<ArrayBuffer>): Promise<void> {
    await (await post(`${this.#path}/${command}`, body)).arrayBuffer();
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#command("write", bytes);
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const response = await post(`${this.#path}/read`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return response.status === 204 ? undefined : bytes;
  }

  end(): Promise<void> {
    return this.#command("end");
  }

  reset(): Promise<void> {
    return this.#command("reset");
  }

  pause(): Promise<void> {
    return this.#command("pause");
  }

  resume(): Promise<void> {
    return this.#command("resume");
  }
}

/** Listens for one connection. */
export async function listen(): Promise<ClientPort> {
  const { id, port } = await (await post("/listen")).json();
  const accepted = post(`/wire/${id}/accepted`).then(() => new RemoteWire(id));
  accepted.catch(() => {}); // a rule may connect no client
  return { port, accepted, close: () => {} }; // it accepts only one connection
}

/**
 * Ends the connections that rules have left: a browser makes at most six requests to one server at a
 * time, and reads that wait would take them.
 */
export async function dropAll(): Promise<void> {
  await post("/drop");
}
