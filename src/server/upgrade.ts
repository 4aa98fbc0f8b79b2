/**
 * From a request to a socket: `upgrade()`, and what it checks.
 *
 * `upgrade()` checks the handshake and returns a {@linkcode Socket} that is CONNECTING, with a
 * response that stands for the 101. The runtime's own upgrade comes last (see answer.ts), when the
 * handler has returned that response. So whatever a handler does in between has one defined
 * outcome, and none of them ends the server: it may wait, throw, return another response, or lose
 * its client.
 *
 * @module
 */

import { closing } from "./refusals.ts";
import { siteOf, urlOf } from "../handshake/forwarded.ts";
import { checkHandshake, chooseProtocol } from "../handshake/handshake.ts";
import { clientLeft } from "./handler_wait.ts";
import { isToken } from "../handshake/header_grammar.ts";
import { LIMIT_OPTIONS, type Limits } from "./limits.ts";
import { SOCKET_OPTIONS } from "./options.ts";
import { checkOrigin, checkOrigins, type Origins } from "../handshake/origin.ts";
import { findPending, isRequest, type Pending } from "./pending.ts";
import { placeholderFor } from "./placeholder.ts";
import { kindOf } from "../core/checks.ts";
import { checkNames, type OptionNames } from "../core/option_names.ts";
import { checkHeaders } from "../handshake/added_headers.ts";
import type { ServerSocket } from "./server_socket.ts";
import type { SocketInit } from "../core/socket.ts";
import { isUpgradeError } from "../handshake/upgrade_error.ts";

/** Options for {@linkcode upgrade}. Limits that are left out are the server's. */
export interface UpgradeOptions extends Limits {
  /**
   * Subprotocols that this server supports, in order of preference. The first one that the client
   * offers is chosen; none, if it offers none of them.
   *
   * @default {[]}
   */
  protocols?: readonly string[];
  /**
   * Further headers of the 101 response, for instance `Set-Cookie`, which may occur several times.
   * Headers of the handshake and of the connection cannot be set, and values must be ASCII.
   *
   * @default {{}}
   */
  headers?: HeadersInit;
  /**
   * Origins of the pages that may connect, instead of the server's
   * {@linkcode SocketOptions.origins}.
   *
   * @default {SocketOptions.origins}
   */
  origins?: Origins;
  /**
   * Type of the `data` of `message` events for binary messages.
   *
   * @default {"blob"}
   */
  binaryType?: BinaryType;
}

const OPTIONS: OptionNames<UpgradeOptions> = {
  ...Object.fromEntries(
    Object.keys(SOCKET_OPTIONS).map((name) => [name, "it is an option of the server"] as const),
  ),
  ...LIMIT_OPTIONS,
  protocols: 0,
  headers: 0,
  binaryType: 0,
  origins: 0,
};

/** Result of {@linkcode upgrade}. */
export interface Upgraded {
  /** The socket, CONNECTING. Listeners that are attached synchronously miss no event. */
  readonly socket: ServerSocket;
  /**
   * Response that the handler must return: this one, or a copy. Headers that are added to it are
   * sent with the 101.
   */
  readonly response: Response;
}

/**
 * Upgrades a request to a socket.
 *
 * @param request The request that the handler was called with, or a copy of it.
 * @param options Subprotocols, headers, limits, and the like.
 * @returns The socket, and the response that the handler must return.
 * @throws {UpgradeError} If the request is not a WebSocket handshake, or is not allowed: 403 for a
 * page of another origin, 503 if the server is full or closing. `serve()` answers with the error's
 * response, so a handler need not catch it.
 * @throws {RangeError} If a limit is out of its range, or `maxPayload` is more than the server's.
 * @throws {TypeError} If an option is invalid, if the request does not come from `serve()` or
 * another entry point of this package, or if it has been upgraded or answered before.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * const server = await serve({ port: 0 }, (request) => {
 *   const { socket, response } = upgrade(request, { protocols: ["chat.v2", "chat.v1"] });
 *   socket.onmessage = (event) => socket.send(`you said ${event.data}`);
 *   return response;
 * });
 *
 * const socket = connect(server.url, { protocols: ["chat.v1"] });
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assert.equal(data, "you said hello");
 * assert.equal(socket.protocol, "chat.v1");
 * await server.close();
 * ```
 */
export function upgrade(request: Request, options: UpgradeOptions = {}): Upgraded {
  const pending = pendingOf(request);
  const { context, info } = pending;
  const hasLeft = pending.abandoned === "disconnected";
  let agreement: Agreement;
  try {
    if (!hasLeft) context.checkCapacity(info, pending.place);
    agreement = agree(pending, options);
  } catch (error) {
    if (isUpgradeError(error)) pending.refusal = error;
    throw error;
  }
  const { key, protocol, headers } = agreement;
  const { socket, events } = hasLeft
    ? context.createSocket(info, agreement, options, undefined, clientLeft())
    : context.createSocket(info, agreement, options, pending.place);
  pending.upgrade = { key, socket, acceptance: { events, protocol, headers } };
  return { socket, response: placeholderFor(key) };
}

/**
 * Finds the entry of a request that can be upgraded.
 *
 * @throws {UpgradeError} If the request is not a WebSocket handshake, or the server is closing.
 * @throws {TypeError} If the request is not one of this package, or is upgraded or answered
 * already.
 */
function pendingOf(request: Request): Pending {
  const pending = findPending(request);
  if (pending === undefined) {
    if (isRequest(request)) checkHandshake(request, undefined); // a copy of one that is none
    throw new TypeError(`Cannot upgrade this request: ${whyUnknown(request)}`);
  }
  if (pending.upgrade !== undefined) {
    throw new TypeError("Cannot upgrade this request: it is upgraded already");
  }
  const { abandoned } = pending;
  if (abandoned === "closing") throw closing();
  // A request whose client has disconnected can be upgraded: through() ends its response by itself.
  if (pending.isAnswered && abandoned !== "disconnected") {
    const when = abandoned === undefined ? "" : ", with 503 after upgradeTimeout";
    throw new TypeError(`Cannot upgrade this request: it is answered already${when}`);
  }
  return pending;
}

/** Properties under which frameworks have the request that theirs stands for. */
const WRAPPED = ["raw", "req", "request", "source", "incoming"];

/** Returns why an object is no request that can be upgraded. */
function whyUnknown(request: unknown): string {
  if (isRequest(request as Request)) {
    return "it must come from serve(), wrap() or attach(), and not be answered";
  }
  if (Object(request) !== request) return `it must be a Request, and is ${kindOf(request)}`;
  const object = request as Readonly<Record<string, unknown>>;
  if (isNodes(object)) {
    return 'it is one of node:http, which needs upgrade() of "@isosocket/isosocket/node"';
  }
  const name = WRAPPED.find((it) => isRequest(object[it] as Request) || isNodes(object[it]));
  if (name === undefined) return "it must be a Request, and is an object of another kind";
  const how = isNodes(object[name]) ? ', and upgrade() that of "@isosocket/isosocket/node"' : "";
  return `it is one of a framework, whose property "${name}" must be given${how}`;
}

/** Reports whether this is a request of `node:http`. */
function isNodes(request: unknown): boolean {
  return Object(request) === request && "rawHeaders" in (request as object);
}

/** Terms that client and server agree on, with the initial state of the socket. */
interface Agreement extends SocketInit {
  readonly key: string;
  readonly protocol: string;
  readonly headers: Headers;
}

/**
 * Checks the options, the handshake and its origin, in this order.
 *
 * @throws {UpgradeError} If the request is not a WebSocket handshake, or its origin is not allowed.
 * @throws {TypeError} If an option is invalid.
 */
function agree({ context, request, info }: Pending, options: UpgradeOptions): Agreement {
  checkNames("upgrade", options, OPTIONS);
  const { protocols = [], binaryType } = options;
  if (!Array.isArray(protocols)) {
    const shown = typeof protocols === "string" ? ` "${protocols}"` : "";
    const what = shown === "" ? `, and are ${kindOf(protocols)}` : "";
    throw new TypeError(`Cannot upgrade with protocols${shown}: they must be a list${what}`);
  }
  for (const name of protocols) {
    if (!isToken(name)) {
      throw new TypeError(`Cannot upgrade with protocol "${name}": it must be a token`);
    }
  }
  if (binaryType !== undefined && binaryType !== "blob" && binaryType !== "arraybuffer") {
    throw new TypeError(
      `Cannot upgrade with binaryType "${binaryType}": it must be "blob" or "arraybuffer"`,
    );
  }
  const headers = checkHeaders(options.headers);
  const origins = options.origins === undefined ? context.origins : checkOrigins(options.origins);
  const { key, offered } = checkHandshake(request, info.httpVersion);
  const site = siteOf(request, context.proxies);
  checkOrigin(origins, request, site);
  return {
    url: urlOf(request, site, context.proxies),
    binaryType,
    key,
    protocol: context.chooseProtocol(chooseProtocol(protocols, offered), offered),
    headers,
  };
}
