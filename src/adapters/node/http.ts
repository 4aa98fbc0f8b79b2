/** The servers of `node:http` and `node:https`, as `serve()` starts and ends them. @module */

import type * as Crypto from "node:crypto";
import type * as Http from "node:http";
import type { RequestListener, Server, ServerOptions } from "node:http";
import type * as Https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { versions } from "node:process";
import { type Listening, type Pem, unsupported, type Where } from "../../server/listening.ts";
import { builtinModule } from "../tcp/builtin_module.ts";

/** ms: Node's own limit for a whole request. Handshakes have no body, but uploads take time. */
const REQUEST_TIMEOUT = 300_000;

/** ms: Node's default interval of its checks for connections that are late. */
const CHECK_INTERVAL = 30_000;

/**
 * Creates a server.
 *
 * @param headTimeout Time limit in milliseconds for a client's TLS handshake, and for the head of a
 * request; 0 for none.
 * @throws {DOMException} `NotSupportedError` for what this runtime cannot do.
 */
export function createHttp(where: Where, headTimeout: number, listener: RequestListener): Server {
  if (where.reusePort) checkReusePort();
  const options: ServerOptions = {
    headersTimeout: headTimeout,
    requestTimeout: headTimeout === 0 ? 0 : Math.max(headTimeout, REQUEST_TIMEOUT),
    // A limit is exceeded by a tenth at most.
    connectionsCheckingInterval: headTimeout === 0
      ? CHECK_INTERVAL
      : Math.min(Math.max(headTimeout / 10, 100), CHECK_INTERVAL),
  };
  if (where.tls === undefined) {
    return builtinModule<typeof Http>("node:http").createServer(options, listener);
  }
  checkPem(where.tls);
  const { createServer } = builtinModule<typeof Https>("node:https");
  return createServer({ ...options, ...where.tls, handshakeTimeout: headTimeout }, listener);
}

/** Checks a certificate: `node:https` of Deno would listen with any, and then present none. */
function checkPem({ cert, ...key }: Pem): void {
  const { createPrivateKey, X509Certificate } = builtinModule<typeof Crypto>("node:crypto");
  const isItsOwn = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  if (!isItsOwn) throw new Error("the key is another certificate's");
}

/** Checks that the option has an effect: older Nodes, and `node:http` of Bun, ignore it. */
function checkReusePort(): void {
  const [major = 0, minor = 0] = versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 12) || (major === 23 && minor < 1)) {
    throw unsupported("reusePort", `Node has it from 22.12 on, and this is ${versions.node}`);
  }
  if (versions.bun !== undefined) {
    throw unsupported("reusePort", "Bun has it on its own server only");
  }
}

/** Starts to listen, and resolves when the server does. */
export async function open(http: Server, where: Where): Promise<Listening> {
  const connections = new Set<Socket>();
  function forget(this: Socket): void {
    connections.delete(this);
  }
  http.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.on("close", forget);
  });
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
    // Node's own closeAllConnections() skips those that are handed over or have begun no request.
    drop() {
      for (const socket of connections) socket.destroy();
    },
  };
}
