/**
 * From a request to a socket.
 *
 * `upgrade()` checks the handshake and gives a {@linkcode Socket} that is CONNECTING, with a
 * response that stands for the answer. The runtime's own upgrade comes last, when the handler has
 * returned that response: so whatever a handler does in between (waits, throws, returns another
 * response, loses its client) has one clear outcome, and none of them ends the server.
 *
 * @module
 */

import type { Accept, RequestInfo, UpgradeContext } from "./handler.ts";
import { addressOf, siteOf, urlOf } from "../handshake/forwarded.ts";
import {
  addHeaders,
  asksForWebSocket,
  checkHandshake,
  checkHeaders,
  chooseProtocol,
  isToken,
  isUpgradeError,
} from "../handshake/handshake.ts";
import type { Limits } from "./limits.ts";
import type { LinkEvents } from "../core/link.ts";
import { checkOrigin, checkOrigins, type Origins } from "../handshake/origin.ts";
import { type Patience, waitFor, type Watch } from "./patience.ts";
import { enter, isRequest, leave, type Pending, pendingOf } from "./pending.ts";
import { resolveTarget } from "../handshake/request_target.ts";
import { checkResponse, copyOf, plain } from "./response.ts";
import { busy, closing } from "./capacity.ts";
import type { ServerSocket } from "./server_socket.ts";
import { Socket } from "../core/socket.ts";

export type { Accept, Acceptance, Handler, RequestInfo, UpgradeContext } from "./handler.ts";

/** What `upgrade()` can be told. The limits of the server hold where nothing is said. */
export interface UpgradeOptions extends Limits {
  /**
   * The subprotocols that this server speaks, the best first. The first one that the client offers
   * is chosen; none, if it offers none of them.
   *
   * @default {[]}
   */
  protocols?: readonly string[];
  /**
   * Further headers of the answer, for instance `Set-Cookie`, several times if need be. Those of the
   * handshake and of the connection cannot be set, and values must be ASCII.
   *
   * @default {{}}
   */
  headers?: HeadersInit;
  /**
   * Which pages may connect, instead of what the server's {@linkcode SocketOptions.origins} says.
   *
   * @default {SocketOptions.origins}
   */
  origins?: Origins;
  /**
   * What `message` events carry for binary.
   *
   * @default {"blob"}
   */
  binaryType?: BinaryType;
}

/** What {@linkcode upgrade} gives. */
export interface Upgraded {
  /** The socket, CONNECTING. Listeners that are attached at once miss nothing. */
  readonly socket: ServerSocket;
  /** What the handler must return. Headers that are added to it, or to a copy, are sent too. */
  readonly response: Response;
}

/** By this header a copy of the placeholder is known. It carries the handshake's own key. */
const MARK = "isosocket-upgrade";

/** Whether an answer has the headers of the placeholder. */
export function isPlaceholder(headers: Headers): boolean {
  return headers.has(MARK);
}

/**
 * Turns a request into a socket.
 *
 * @param request The request that the handler was given, or a copy of it.
 * @param options Subprotocols, headers and the like.
 * @returns The socket, and the response that the handler must return.
 * @throws {UpgradeError} If the request is no WebSocket handshake, or not allowed: 403 for a page of
 * another origin, 503 where there is no room. `serve()` answers with its response, so a handler need
 * not catch it.
 * @throws {RangeError} If a limit is out of its range, or `maxPayload` is more than the server's.
 * @throws {TypeError} If the options make no sense, if the request does not come from `serve()` or
 * another door of this package, or if it was upgraded or answered before.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
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
 * assertEquals(data, "you said hello");
 * assertEquals(socket.protocol, "chat.v1");
 * await server.close();
 * ```
 */
export function upgrade(request: Request, options: UpgradeOptions = {}): Upgraded {
  const pending = pendingOf(request);
  if (pending === undefined) {
    if (isRequest(request)) checkHandshake(request, undefined); // a copy of one that is none
    if (Object(request) === request && "rawHeaders" in request) {
      throw new TypeError(
        'Cannot upgrade this request: it is one of node:http, which needs upgrade() of "isosocket/node"',
      );
    }
    throw new TypeError(
      "Cannot upgrade this request: it must come from serve(), wrap() or attach(), and not be answered",
    );
  }
  if (pending.upgrade !== undefined) {
    throw new TypeError("Cannot upgrade this request: it is upgraded already");
  }
  if (pending.gaveUp === "closing") throw closing();
  const hasLeft = pending.gaveUp === "left";
  if (pending.answered && !hasLeft) { // through() ends the answer itself when its client leaves
    const when = pending.gaveUp === undefined ? "" : ", with 503 after upgradeTimeout";
    throw new TypeError(`Cannot upgrade this request: it is answered already${when}`);
  }
  const { context: answering, info } = pending;
  let agreed: Agreement;
  try {
    if (!hasLeft) answering.checkCapacity(info, pending.place);
    agreed = agree(pending, options);
  } catch (error) {
    if (isUpgradeError(error)) pending.refusal = error;
    throw error;
  }
  let events!: LinkEvents;
  const place = hasLeft ? undefined : pending.place;
  const socket = answering.admit(info, agreed, options, (of) => {
    events = of;
    if (hasLeft) of.failed(clientLeft());
    return ignore;
  }, place);
  const { key, protocol, headers } = agreed;
  pending.key = key;
  pending.upgrade = { socket, acceptance: { events, protocol, headers } };
  return { socket, response: new Response(null, { status: 204, headers: { [MARK]: key } }) };
}

function ignore(): void {}

/** What both sides agree on, and what the socket begins with. */
interface Agreement {
  readonly url: string;
  readonly binaryType: BinaryType | undefined;
  readonly key: string;
  readonly protocol: string;
  readonly headers: Headers;
}

/**
 * Checks the options, the handshake and its origin.
 *
 * @throws {UpgradeError} If the request is no WebSocket handshake, or of an origin that may not.
 * @throws {TypeError} If the options make no sense.
 */
function agree({ context: answering, request, info }: Pending, options: UpgradeOptions): Agreement {
  const { protocols = [], binaryType } = options;
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
  const origins = options.origins === undefined ? answering.origins : checkOrigins(options.origins);
  const { key, offered } = checkHandshake(request, info.httpVersion);
  const site = siteOf(request, answering.proxies);
  checkOrigin(origins, request, site);
  return {
    url: urlOf(request, site, answering.proxies),
    binaryType,
    key,
    protocol: chooseProtocol(protocols, offered),
    headers,
  };
}

/**
 * Answers one request: runs the handler, and the runtime's own upgrade if that is what it wants.
 * Never throws.
 *
 * @param told What the runtime tells of the request.
 * @param accept The runtime's own upgrade. It may throw: then the socket fails.
 * @param watch Watches for a client that leaves while the handler is at work on its handshake.
 */
export async function answer<T>(
  answering: UpgradeContext,
  request: Request,
  told: RequestInfo,
  accept: Accept<T>,
  watch: Watch,
): Promise<Response | T> {
  const { handler, proxies } = answering;
  const { method, url: target, headers } = request;
  const key = headers.get("sec-websocket-key");
  let pending: Pending | undefined;
  try {
    const head = { method, target, host: headers.get("host"), scheme: "http", ...told } as const;
    const isHandshake = asksForWebSocket(request);
    const url = resolveTarget(head, (error) => {
      if (isHandshake) answering.refused(error);
    });
    if (typeof url !== "string") return url;
    if (url !== target) Object.defineProperty(request, "url", { value: url });
    const remoteAddress = addressOf(request.headers, proxies, told.remoteAddress);
    const info = { ...told, remoteAddress };
    pending = {
      context: answering,
      request,
      info,
      answered: false,
      place: isHandshake ? answering.reserve(info) : undefined,
      gaveUp: undefined,
      key: "",
      upgrade: undefined,
      refusal: undefined,
    };
    enter(key, pending);
    const given = handler(request, info);
    const answered = isHandshake && isPromise(given)
      ? await waitFor(given, patienceWith(key, pending, watch))
      : await given;
    if (answered === "left") return plain(400, "Bad Request"); // for nobody
    if (answered === "timeout") {
      throw busy("the handler has not answered within upgradeTimeout", answered);
    }
    if (answered === "closing") throw closing();
    const response = checkResponse(answered);
    leave(key, pending);
    if (pending.upgrade === undefined) return afterRefusal(pending, response);
    return await open(pending, response, accept);
  } catch (error) {
    if (pending !== undefined) leave(key, pending);
    pending?.upgrade?.acceptance.events.failed(error);
    return afterError(answering, error);
  }
}

/** Has the runtime open the socket of a request, if its handler has returned what stands for it. */
async function open<T>(
  pending: Pending,
  response: Response,
  accept: Accept<T>,
): Promise<Response | T> {
  const { onError } = pending.context;
  const { socket, acceptance } = pending.upgrade!;
  const fail = (error: Error, instead: Response): Response => {
    acceptance.events.failed(error);
    return instead;
  };
  if (response.headers.get(MARK) !== pending.key) {
    const error = new TypeError(
      "Cannot open: the handler returned another response than upgrade()'s",
    );
    onError(error);
    return fail(error, response);
  }
  pending.upgrade = undefined; // Deno keeps the request, and so this, as long as the socket
  if (socket.readyState === Socket.CLOSED) return plain(503, "Service Unavailable");
  try {
    addHeaders(acceptance.headers, response.headers, MARK);
    const accepted = await accept(acceptance);
    if (accepted !== false) return accepted;
    return fail(clientLeft(), plain(400, "Bad Request"));
  } catch (error) {
    onError(error);
    return fail(error as Error, plain(500, "Internal Server Error"));
  }
}

function isPromise(given: unknown): given is Promise<Response> {
  return typeof (given as Promise<Response> | undefined)?.then === "function";
}

function clientLeft(): Error {
  return new Error("The client left, or sent messages, before it was answered");
}

/** How long the handler of a handshake is waited for. */
function patienceWith(key: string | null, pending: Pending, watch: Watch): Patience {
  const { context: answering } = pending;
  return {
    watch,
    limit: answering.limitUpgrade,
    gaveUp(why) {
      const hadLeft = pending.gaveUp === "left";
      pending.gaveUp = why;
      const error = why === "timeout"
        ? new DOMException("The handler has not answered within upgradeTimeout", "TimeoutError")
        : clientLeft(); // of a server that closes, all sockets have ended before
      if (!hadLeft) pending.upgrade?.acceptance.events.failed(error);
      if (why === "left") pending.place?.desert();
      else leave(key, pending);
    },
    done() {
      leave(key, pending);
    },
    onError(error) {
      if (!isUpgradeError(error)) answering.onError(error); // nobody is left to be refused
    },
  };
}

/** Makes an answer of what was thrown: an error of the program is 500, and `onError` is told. */
function afterError(answering: UpgradeContext, error: unknown): Response {
  if (isUpgradeError(error)) {
    try {
      const response = checkResponse(error.response); // a class made of it may have its own
      answering.refused(error);
      return response;
    } catch (failure) {
      error = failure;
    }
  }
  answering.onError(error);
  return plain(500, "Internal Server Error");
}

/** What a framework, or a handler, has made of a refusal: it is told of, and says all that it must. */
function afterRefusal({ context: answering, refusal }: Pending, response: Response): Response {
  if (refusal === undefined || response.status < 400) return response; // that is no refusal
  answering.refused(refusal);
  return response.status === refusal.status ? copyOf(response, refusal.response.headers) : response;
}
