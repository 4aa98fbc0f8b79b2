/** The servers of `node:http` and `node:https`, as `serve()` starts and ends them. @module */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { versions } from "node:process";
import { type Listening, type Pem, unsupported, type Where } from "./listening.ts";

/**
 * Makes a server.
 *
 * @throws {DOMException} `NotSupportedError` for what this runtime cannot do.
 */
export function createHttp(where: Where, listener: RequestListener): Server {
  if (where.reusePort) checkReusePort();
  if (where.tls === undefined) return createServer(listener);
  checkPem(where.tls);
  return createTlsServer(where.tls, listener);
}

/** What runs under the name of `node:https` on Deno would listen with any, and show none. */
function checkPem({ cert, ...key }: Pem): void {
  const isItsOwn = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  if (!isItsOwn) throw new Error("the key is another certificate's");
}

/** Older Nodes, and what runs under the name of `node:http` on Bun, ignore the option. */
function checkReusePort(): void {
  const [major = 0, minor = 0] = versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 12) || (major === 23 && minor < 1)) {
    throw unsupported("reusePort", `Node has it from 22.12 on, and this is ${versions.node}`);
  }
  if (versions.bun !== undefined) {
    throw unsupported("reusePort", "Bun has it on its own server only");
  }
}

/** Starts to listen. */
export async function open(http: Server, where: Where): Promise<Listening> {
  const { unix, port, hostname, reusePort } = where;
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(unix === undefined ? { port, host: hostname, reusePort } : { path: unix }, () => {
      http.off("error", reject);
      resolve();
    });
  }).catch((error) => {
    throw error.code === "ENOTSUP" && reusePort
      ? unsupported("reusePort", "this system does not have it")
      : error;
  });
  return {
    port: unix === undefined ? (http.address() as AddressInfo).port : 0,
    stop() {
      const stopped = new Promise((resolve) => http.close(resolve));
      http.closeIdleConnections();
      return stopped;
    },
    drop: () => http.closeAllConnections(),
  };
}
