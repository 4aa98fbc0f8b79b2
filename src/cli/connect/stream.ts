/** Opens the stream of a connection: to a server or a unix socket, perhaps through a proxy, with TLS. @module */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { OpenStream } from "../../portable/connect.ts";
import { systemReason } from "../shared/failure_reason.ts";
import type { Proxy } from "./proxy.ts";
import { askForTunnel } from "./tunnel.ts";

/** Where a stream leads. */
export interface Route {
  /** Path of a unix socket; `undefined` for TCP. */
  readonly unix: string | undefined;
  /** Returns the proxy for an address; `undefined` for none. */
  readonly proxyFor: (url: URL) => Proxy | undefined;
}

/** Returns the function that opens streams on a route. */
export function openStreamOn({ unix, proxyFor }: Route): OpenStream {
  return async ({ url, tls }, signal) => {
    const target = new URL(url);
    const isSecure = target.protocol === "wss:";
    const host = target.hostname.replace(/^\[|\]$/g, "");
    const port = target.port === "" ? (isSecure ? 443 : 80) : Number(target.port);
    const proxy = unix === undefined ? proxyFor(target) : undefined;
    const stream = unix !== undefined
      ? await connected(connectTcp({ path: unix }), "connect", signal)
      : proxy === undefined
      ? await connected(connectTcp({ host, port }), "connect", signal)
      : await throughProxy(proxy, host, port, signal);
    if (!isSecure) return stream;
    const names = isIP(host) === 0 ? { servername: host } : {};
    const own = tls as ConnectionOptions | undefined; // whose lists are not readonly
    const secure = connectTls({ ...names, host, ...own, socket: stream });
    return await connected(secure, "secureConnect", signal);
  };
}

/** Waits until a stream is connected. */
function connected<S extends Socket>(
  stream: S,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const end = (error: unknown): void => {
      release();
      stream.on("error", () => {}); // nobody else listens
      stream.destroy();
      reject(error);
    };
    const abort = (): void => end(signal.reason);
    const close = (): void => end(new Error("the connection was cut"));
    const succeed = (): void => {
      release();
      resolve(stream);
    };
    const release = (): void => {
      stream.off("error", end).off("close", close).off(event, succeed);
      signal.removeEventListener("abort", abort);
    };
    stream.on("error", end).on("close", close).on(event, succeed);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
}

/** Opens a tunnel to a host. */
async function throughProxy(
  proxy: Proxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  let stream: Socket | undefined;
  try {
    stream = await toProxy(proxy, signal);
    await askForTunnel(stream, proxy, host, port, signal);
    return stream;
  } catch (error) {
    stream?.destroy();
    signal.throwIfAborted();
    const why = stream === undefined
      ? `cannot be reached: ${systemReason(error)}`
      : (error as Error).message;
    throw new Error(`the proxy ${proxy.shown} ${why}`, { cause: error });
  }
}

async function toProxy({ kind, host, port }: Proxy, signal: AbortSignal): Promise<Socket> {
  const stream = await connected(connectTcp({ host, port }), "connect", signal);
  if (kind !== "https") return stream;
  const names = isIP(host) === 0 ? { servername: host } : {};
  return await connected(connectTls({ ...names, host, socket: stream }), "secureConnect", signal);
}
