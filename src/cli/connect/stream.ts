/** Opens the stream of a connection: to a server or a unix socket, perhaps through a proxy, with TLS. @module */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { ClientTls } from "../../core/dial.ts";
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
      : await throughProxy(proxy, host, port, tls, signal);
    return isSecure ? await secured(stream, host, tls, signal) : stream;
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
  tls: ClientTls | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  let stream: Socket | undefined;
  try {
    stream = await toProxy(proxy, tls, signal);
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

/** Connects to a proxy, which is trusted as the server is. The certificate of `--cert` is not for it. */
async function toProxy(
  { kind, host, port }: Proxy,
  tls: ClientTls | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  const stream = await connected(connectTcp({ host, port }), "connect", signal);
  const { ca, rejectUnauthorized } = tls ?? {};
  const trust = {
    ...(ca !== undefined && { ca }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
  return kind === "https" ? await secured(stream, host, trust, signal) : stream;
}

/** Begins TLS on a stream. */
async function secured(
  stream: Socket,
  host: string,
  tls: ClientTls | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  const names = isIP(host) === 0 ? { servername: host } : {};
  const options = tls as ConnectionOptions | undefined; // whose lists are not readonly
  const secure = connectTls({ ...names, host, ...options, socket: stream });
  return await connected(secure, "secureConnect", signal);
}
