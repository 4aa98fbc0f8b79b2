/** Connections that `node:http` has upgraded, over TCP, TLS and unix sockets. @module */

import type { Buffer } from "node:buffer";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import process from "node:process";
import tls from "node:tls";
import { CERT, KEY } from "../../server/certificate.ts";
import { newPath } from "../../server/places.ts";

/** Name of a way to connect. */
export type Transport = "TCP" | "TLS" | "a unix socket";

/** Ways to connect on this system. */
export const TRANSPORTS: readonly Transport[] = process.platform === "win32"
  ? ["TCP", "TLS"]
  : ["TCP", "TLS", "a unix socket"];

const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const RESPONSE = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

/** Both ends of a connection. */
export interface Ends {
  /** End of the server, as `node:http` hands it over, which is not read yet. */
  readonly server: net.Socket;
  /** What has come behind the request. */
  readonly head: Buffer;
  /** End of the client, behind the response. */
  readonly client: net.Socket;
}

/** Closes the connections that are open. */
const open: (() => Promise<void>)[] = [];

/** Closes all connections: each file of tests calls it after each test. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()));
}

/** Makes a runtime read by `data` events where it could share memory. */
export function hideSharing(stream: net.Socket): void {
  const { _handle: handle } = stream as { _handle?: object | null };
  if (handle != null) Object.defineProperty(handle, "useUserBuffer", { value: undefined });
}

/**
 * Connects.
 *
 * @param early What the client sends with its request.
 */
export async function connectUpgraded(transport: Transport, early = ""): Promise<Ends> {
  const isSecure = transport === "TLS";
  const server = isSecure ? https.createServer({ key: KEY, cert: CERT }) : http.createServer();
  const where = transport === "a unix socket"
    ? { path: newPath() }
    : { port: 0, host: "127.0.0.1" };
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const to = "path" in where
    ? where
    : { port: (server.address() as AddressInfo).port, host: "127.0.0.1" };
  const upgraded = new Promise<[net.Socket, Buffer]>((resolve) => {
    server.on("upgrade", (_request, stream, head) => resolve([stream as net.Socket, head]));
  });
  const client = isSecure
    ? tls.connect({ ...to, rejectUnauthorized: false })
    : net.connect({ ...to, allowHalfOpen: true });
  client.on("error", () => {}); // `close` follows
  client.write(REQUEST + early);
  const [stream, head] = await upgraded;
  stream.write(RESPONSE);
  await new Promise<void>((resolve) => {
    let got = "";
    const read = (chunk: Buffer): void => {
      got += chunk.toString("latin1");
      if (got.length < RESPONSE.length) return;
      client.off("data", read);
      client.pause();
      resolve();
    };
    client.on("data", read);
  });
  open.push(() => {
    client.destroy();
    stream.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { server: stream, head, client };
}

/** Waits until a condition holds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`It did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
