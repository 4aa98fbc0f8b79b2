/** Where servers of the tests listen, and how raw clients get there. @module */

import type { Engine, ListenOptions, ServeOptions, Server } from "@isosocket/isosocket";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { CERT, KEY } from "./certificate.ts";

/** A port of this machine that is free. */
export const FREE: ListenOptions = { port: 0, hostname: "127.0.0.1" };

/** The same, with a certificate. */
export const SECURE: ListenOptions = { ...FREE, tls: { key: KEY, cert: CERT } };

let folder: string | undefined;
let count = 0;

/** A path for a unix socket, where there is no file. {@linkcode removePaths} belongs to it. */
export function newPath(): string {
  folder ??= mkdtempSync(join(tmpdir(), "isosocket-"));
  return join(folder, `${++count}.sock`);
}

/** Removes all that was made at new paths: at the end of each file of tests that has some. */
export function removePaths(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
}

/** What can carry sockets here: Node has no other engine. */
export const engines: readonly Engine[] = runtime.startsWith("node")
  ? ["native"]
  : ["native", "ws"];

/** How the title of a test names an engine. */
export function by(engine: Engine): string {
  return engine === "native" ? "" : `, by engine ${engine}`;
}

const PLACES: Readonly<Record<string, () => ListenOptions>> = {
  TCP: () => FREE,
  TLS: () => SECURE,
  "a unix socket": () => ({ unix: newPath() }),
};

/** Where a server can listen, by name, with each engine. */
export const places: readonly (readonly [name: string, place: () => ServeOptions])[] = engines
  .flatMap((engine) =>
    Object.entries(PLACES).map(([name, place]) =>
      [`${name}${by(engine)}`, () => ({ ...place(), engine })] as const
    )
  );

/** Begins a connection over TLS. */
export function connectTls(
  where: { port: number } | { path: string },
  ALPNProtocols?: string[],
): tls.TLSSocket {
  const place = "port" in where ? { ...where, host: "127.0.0.1" } : where;
  const alpn = ALPNProtocols === undefined ? {} : { ALPNProtocols };
  return tls.connect({ ...place, servername: "localhost", ca: CERT, ...alpn });
}

/** How raw clients get to a server. */
export function to({ unix, port, url }: Server): () => Promise<TcpWire> {
  const where = unix === undefined ? { port, host: "127.0.0.1" } : { path: unix };
  if (!url.startsWith("https")) {
    return () => TcpWire.through(net.connect({ ...where, allowHalfOpen: true }));
  }
  return () => TcpWire.through(connectTls(where, ["http/1.1"]), "secureConnect");
}
