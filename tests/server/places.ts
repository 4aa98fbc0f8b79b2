/** Addresses on which servers of the tests listen, and connections to them. @module */

import type { Engine, ListenOptions, ServeOptions, Server } from "@isosocket/isosocket";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { CERT, KEY } from "./certificate.ts";

/** Any free port of this machine. */
export const FREE: ListenOptions = { port: 0, hostname: "127.0.0.1" };

/** The same, with a certificate. */
export const SECURE: ListenOptions = { ...FREE, tls: { key: KEY, cert: CERT } };

let folder: string | undefined;
let count = 0;

/** Returns a path for a unix socket, without a file. {@linkcode removePaths} belongs to it. */
export function newPath(): string {
  folder ??= mkdtempSync(join(tmpdir(), "isosocket-"));
  return join(folder, `${++count}.sock`);
}

/** Removes what was made at new paths. Each file of tests that uses some calls it at its end. */
export function removePaths(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
}

/** Engines of this runtime: Node has no other. */
export const engines: readonly Engine[] = runtime.startsWith("node")
  ? ["native"]
  : ["native", "tcp"];

/** Returns the part of a test's title that names an engine. */
export function by(engine: Engine): string {
  return engine === "native" ? "" : `, by engine ${engine}`;
}

const PLACES: Readonly<Record<string, () => ListenOptions>> = {
  TCP: () => FREE,
  TLS: () => SECURE,
  "a unix socket": () => ({ unix: newPath() }),
};

/** Places where a server can listen, by name, with each engine. */
export const places: readonly (readonly [name: string, place: () => ServeOptions])[] = engines
  .flatMap((engine) =>
    Object.entries(PLACES).map(([name, place]) =>
      [`${name}${by(engine)}`, () => ({ ...place(), engine })] as const
    )
  );

/** Begins a TLS connection to a server of the tests. */
export function connectTls(
  where: { port: number } | { path: string },
  ALPNProtocols?: string[],
): tls.TLSSocket {
  const place = "port" in where ? { ...where, host: "127.0.0.1" } : where;
  const alpn = ALPNProtocols === undefined ? {} : { ALPNProtocols };
  return tls.connect({ ...place, servername: "localhost", ca: CERT, ...alpn });
}

/** Returns a function that connects to a server. */
export function to({ unix, port, url }: Server): () => Promise<TcpWire> {
  const where = unix === undefined ? { port, host: "127.0.0.1" } : { path: unix };
  if (!url.startsWith("https")) {
    return () => TcpWire.through(net.connect({ ...where, allowHalfOpen: true }));
  }
  return () => TcpWire.through(connectTls(where, ["http/1.1"]), "secureConnect");
}
