/**
 * Answers one request, from its head to the runtime's own upgrade.
 *
 * In this order, a handshake can be refused: by its target and `Host` (request_target.ts), for lack
 * of capacity (capacity.ts), by `upgrade()` (capacity again, then handshake.ts, then origin.ts),
 * and by the handler itself.
 *
 * @module
 */

import type { RequestInfo, RuntimeRequest, UpgradeContext } from "./handler.ts";
import { addHeaders } from "../handshake/added_headers.ts";
import { addressOf } from "../handshake/forwarded.ts";
import { asksForWebSocket } from "../handshake/handshake.ts";
import { clientLeft, type HandlerWait, waitForHandler, type Watch } from "./handler_wait.ts";
import { type Pending, register, settle } from "./pending.ts";
import { MARK } from "./placeholder.ts";
import { busy, closing } from "./refusals.ts";
import { resolveTarget } from "../handshake/request_target.ts";
import { checkResponse, copyOf, plain } from "./response.ts";
import { Socket } from "../core/socket.ts";
import { isUpgradeError, type UpgradeError } from "../handshake/upgrade_error.ts";

/**
 * Answers one request: calls the handler, then performs the runtime's own upgrade if the handler
 * has returned the response of `upgrade()`. Never rejects.
 *
 * @returns The response to send, or what the runtime's own upgrade has returned.
 */
export async function answer<T>(
  context: UpgradeContext,
  request: Request,
  runtime: RuntimeRequest<T>,
): Promise<Response | T> {
  const { handler } = context; // called without a `this`
  let { info } = runtime;
  let pending: Pending | undefined;
  try {
    const isHandshake = asksForWebSocket(request);
    info = {
      ...info,
      remoteAddress: addressOf(request.headers, context.proxies, info.remoteAddress),
    };
    const url = targetOf(request, info, (error) => {
      if (isHandshake) context.refused(error, request, info);
    });
    if (typeof url !== "string") return url;
    if (url !== request.url) Object.defineProperty(request, "url", { value: url });
    pending = begin(context, request, info, isHandshake);
    const returned = handler(request, info);
    const response = isHandshake && isPromise(returned)
      ? await waitForHandler(returned, handlerWait(pending, runtime.watch))
      : await returned;
    if (response === "disconnected") return plain(400, "Bad Request"); // it is not sent
    if (response === "timeout") {
      throw busy("the handler has not answered within upgradeTimeout", response);
    }
    if (response === "closing") throw closing();
    const checked = checkResponse(response, runtime.isBodyLocked, pending.upgrade !== undefined);
    settle(pending);
    if (pending.upgrade === undefined) return afterRefusal(pending, checked);
    return await open(pending, checked, runtime);
  } catch (error) {
    if (pending !== undefined) settle(pending);
    pending?.upgrade?.acceptance.events.failed(error);
    return afterError(
      context,
      error,
      runtime,
      (refusal) => context.refused(refusal, request, info),
    );
  }
}

function targetOf(
  { method, url, headers }: Request,
  { httpVersion }: RequestInfo,
  refused: Parameters<typeof resolveTarget>[1],
): string | Response {
  const host = headers.get("host");
  return resolveTarget({ method, target: url, host, scheme: "http", httpVersion }, refused);
}

/**
 * Registers a request, so that `upgrade()` finds it.
 *
 * @throws {UpgradeError} 503 for a handshake if the server is full or closing.
 */
function begin(
  context: UpgradeContext,
  request: Request,
  info: RequestInfo,
  isHandshake: boolean,
): Pending {
  const pending: Pending = {
    context,
    request,
    info,
    key: request.headers.get("sec-websocket-key"),
    place: isHandshake ? context.reserve(info) : undefined,
    isAnswered: false,
    abandoned: undefined,
    upgrade: undefined,
    refusal: undefined,
  };
  register(pending);
  return pending;
}

function isPromise(returned: unknown): returned is Promise<Response> {
  return typeof (returned as Promise<Response> | undefined)?.then === "function";
}

/** Parameters of waiting for the handler of a handshake. */
function handlerWait(pending: Pending, watch: Watch): HandlerWait {
  const { context } = pending;
  return {
    watch,
    startTimeout: context.limitUpgrade,
    abandoned(reason) {
      const hadLeft = pending.abandoned === "disconnected";
      pending.abandoned = reason;
      const error = reason === "timeout"
        ? new DOMException("The handler has not answered within upgradeTimeout", "TimeoutError")
        : clientLeft(); // when a server has closed, all of its sockets have ended before
      if (!hadLeft) pending.upgrade?.acceptance.events.failed(error);
      if (reason === "disconnected") pending.place?.abandon();
      else settle(pending);
    },
    settled() {
      settle(pending);
    },
    onError(error) {
      if (!isUpgradeError(error)) context.onError(error); // a refusal has nobody to go to
    },
  };
}

/** Performs the runtime's own upgrade, if the handler has returned the response of `upgrade()`. */
async function open<T>(
  pending: Pending,
  response: Response,
  { accept }: RuntimeRequest<T>,
): Promise<Response | T> {
  const { onError } = pending.context;
  const { key, socket, acceptance } = pending.upgrade!;
  const fail = (error: Error, instead: Response): Response => {
    acceptance.events.failed(error);
    return instead;
  };
  if (response.headers.get(MARK) !== key) {
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

/**
 * Returns the response to an error: an `UpgradeError`'s own; 500 for any other, which is reported.
 */
function afterError(
  context: UpgradeContext,
  error: unknown,
  { isBodyLocked }: RuntimeRequest<unknown>,
  refused: (error: UpgradeError) => void,
): Response {
  if (isUpgradeError(error)) {
    try {
      const response = checkResponse(error.response, isBodyLocked); // a subclass may override it
      refused(error);
      return response;
    } catch (failure) {
      error = failure;
    }
  }
  context.onError(error);
  return plain(500, "Internal Server Error");
}

/**
 * Returns the response of a handler that did not upgrade. If `upgrade()` has refused the handshake,
 * and a framework or the handler made a response of that error, the refusal is counted, and headers
 * that it requires are added.
 */
function afterRefusal(
  { context, request, info, refusal }: Pending,
  response: Response,
): Response {
  if (refusal === undefined || response.status < 400) return response; // that is no refusal
  context.refused(refusal, request, info);
  return response.status === refusal.status ? copyOf(response, refusal.response.headers) : response;
}
