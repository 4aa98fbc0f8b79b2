/** Connects to a server for `connect`: on which way, and what is followed there. @module */

import process from "node:process";
import { redact, redactText } from "../../core/credentials.ts";
import type { Dial } from "../../core/dial.ts";
import { connect as dial, dialerBy } from "../../portable/connect.ts";
import { reconnect } from "../../portable/reconnect.ts";
import { UsageError } from "../shared/command_line.ts";
import type { ConnectTarget } from "../shared/target.ts";
import { Pinger } from "./pinger.ts";
import { type Environment, environmentProxy, parseProxy, type Proxy } from "./proxy.ts";
import { followingRedirects } from "./redirects.ts";
import type { Screen } from "./screen.ts";
import type { Line } from "./session.ts";
import { openStreamOn, type Route } from "./stream.ts";
import { hintingAtTls } from "./tls_hint.ts";

/** ms: time limit for the server's answer to a Close frame. */
const CLOSE_TIMEOUT = 3000;

/** Options for a {@linkcode call}. */
export interface CallOptions {
  /** Whether to connect again when the connection is lost. */
  readonly reconnect: boolean;
  /** Whether redirects are followed. */
  readonly location: boolean;
  /** The way there; `undefined` for the runtime's own. */
  readonly route: Route | undefined;
}

/** Options of the command line that choose the way. */
export interface RouteOptions {
  /** Address of a proxy. */
  readonly proxy?: string | undefined;
  /** Whether no proxy is used, whatever the environment says. */
  readonly "no-proxy"?: true | undefined;
}

const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * Chooses the way to a server.
 *
 * @param unix Path of a unix socket, if there is one.
 * @returns The way; `undefined` for the runtime's own.
 * @throws {UsageError} If the options contradict each other, or a proxy has no valid address.
 */
export function chooseRoute(
  { url }: ConnectTarget,
  unix: string | undefined,
  { proxy: text, "no-proxy": none }: RouteOptions,
  usage: string,
  environment: Environment = process.env,
): Route | undefined {
  if (text !== undefined && (none || unix !== undefined)) {
    const other = none ? "--no-proxy" : "a unix socket";
    throw new UsageError(`Cannot use --proxy with ${other}: they contradict each other`, usage);
  }
  try {
    const proxy = text === undefined ? undefined : parseProxy(text, "--proxy");
    const proxyFor = (address: URL): Proxy | undefined =>
      proxy ?? (none ? undefined : environmentProxy(address, environment));
    if (unix === undefined) proxyFor(new URL(url)); // so that a mistake is one of the arguments
    const isOwn = [unix, text, none, ...VARIABLES.map((name) => environment[name])].some(Boolean);
    return isOwn ? { unix, proxyFor } : undefined;
  } catch (error) {
    throw new UsageError((error as Error).message, usage);
  }
}

/** Begins to connect. */
export function call(target: ConnectTarget, options: CallOptions, screen: Screen): Line {
  const { url, protocols, headers, tls } = target;
  const { route } = options;
  const direct: Route = { unix: undefined, proxyFor: () => undefined };
  const openStream = openStreamOn(route ?? direct);
  const { dial: byTcp } = dialerBy({ engine: "tcp", ...(tls && { tls }) }, route && openStream);
  let current = url;
  const onRedirect = (status: number, next: string): void => {
    current = next;
    screen.status(`Redirected to ${redact(next)} (${status})`);
  };
  const hinting = hintingAtTls(byTcp, openStream);
  const following = options.location ? followingRedirects(hinting, onRedirect) : hinting;
  const dialled: Dial = (request) => {
    current = request.url;
    return following(request);
  };
  const pinger = new Pinger();
  const connectOptions = {
    protocols,
    headers,
    WebSocket: pinger.classFor(dialled),
    binaryType: "arraybuffer",
    closeTimeout: CLOSE_TIMEOUT,
  } as const;
  return {
    socket: options.reconnect ? reconnect(url, connectOptions) : dial(url, connectOptions),
    pinger,
    peer: "server",
    address: () => redact(current) + through(route, current),
    release: async () => {},
  };
}

/** Returns how the way goes, for people. */
function through(route: Route | undefined, url: string): string {
  if (route?.unix !== undefined) return ` at ${route.unix}`;
  const proxy = route?.proxyFor(new URL(url));
  return proxy === undefined ? "" : ` through ${proxy.shown}`;
}

/**
 * Splits the address of a unix socket, `ws+unix:/run/app.sock:/path`, as the package `ws` takes it.
 *
 * @param option Value of `--unix-socket`, as curl has it.
 * @returns The address to ask for, and the path of the socket, if there is one.
 * @throws {UsageError} If it names no socket.
 */
export function splitUnix(
  address: string | undefined,
  option: string | undefined,
  usage: string,
): { readonly address: string | undefined; readonly unix: string | undefined } {
  const [, scheme, unix, path = "/"] =
    /^(wss?)\+unix:(?:\/\/(?=\/))?([^:]+)(?::(\/[^]*))?$/.exec(address ?? "") ?? [];
  if (address !== undefined && scheme === undefined && /^wss?\+unix:/.test(address)) {
    const why = "it names no unix socket, as in ws+unix:/run/app.sock:/path";
    throw new UsageError(`Cannot connect to "${redactText(address)}": ${why}`, usage);
  }
  if (scheme === undefined) return { address, unix: option };
  return { address: `${scheme}://localhost${path}`, unix };
}
