/** Answers what arrives at a `node:http` server: handshakes, other requests, CONNECT. @module */

import { createRequest } from "@remix-run/node-fetch-server";
import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import { Acceptor } from "./accept.ts";
import { AppExchange, remember } from "./app_exchange.ts";
import { earlierAnswers, isAnswering } from "./earlier_answers.ts";
import { EarlyBytes } from "./early_bytes.ts";
import { takeHandshakes } from "./handshakes.ts";
import type { NodeServer } from "./http_server.ts";
import { discard, drainWith, dropRest, endAfter, replyOn, send } from "./reply.ts";
import { addressOf } from "../../handshake/forwarded.ts";
import type { Watch } from "../../server/handler_wait.ts";
import { resolveTarget } from "../../handshake/request_target.ts";
import { answer } from "../../server/answer.ts";
import type { Accept, Acceptance, UpgradeContext } from "../../server/handler.ts";
import { isBodyLocked } from "../locked_body.ts";

/**
 * Answers the handshakes of a server.
 *
 * @returns A function that removes its listeners.
 */
export function answerHandshakes(http: NodeServer, context: UpgradeContext): () => void {
  const acceptor = new Acceptor(context);
  return takeHandshakes(http, (incoming, stream, head) => {
    answerHandshake(context, acceptor, incoming, stream, head).catch((error) => {
      stream.destroy();
      context.onError(error);
    });
  });
}

function ignore(): undefined {}

/** Answers a request whose connection Node has handed over. */
async function answerHandshake(
  context: UpgradeContext,
  acceptor: Acceptor,
  incoming: IncomingMessage,
  stream: TcpSocket,
  head: Buffer,
): Promise<void> {
  stream.on("error", ignore); // a reset before a link listens would end the process
  const { onError, options: { openTimeout } } = context;
  const early = new EarlyBytes(stream, head);
  if (isAnswering(stream)) await earlierAnswers(stream);
  if (!stream.writable) return early.drop(); // an earlier answer was the last one
  const reply = replyOn(stream, incoming);
  const exchange = new AppExchange(incoming, stream, context);
  const accept = (acceptance: Acceptance): undefined | false => {
    reply.detachSocket(stream);
    return acceptor.accept(incoming, stream, early.take(), acceptance);
  };
  const response = await respond(context, incoming, reply, accept, early.watch, exchange);
  if (response === undefined) return void stream.off("error", ignore); // the link has its own
  early.drop();
  exchange.close();
  if (exchange.answered) return;
  if (!stream.writable) return discard(response); // the client has left
  if (reply.socket === null) reply.assignSocket(stream);
  drainWith(reply, stream);
  endAfter(reply, stream, openTimeout);
  await send(incoming, reply, response, onError);
}

/** Answers a request that Node can answer. */
export async function answerRequest(
  context: UpgradeContext,
  incoming: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  // Bun hands no connection over for a handshake behind a request that is not answered yet.
  const response = await respond(context, incoming, reply, () => false, ignore);
  await send(incoming, reply, response!, context.onError);
}

/** Refuses a request for a tunnel (RFC 9110, 9.3.6). */
export async function answerConnect(
  { onError, options: { openTimeout } }: UpgradeContext,
  incoming: IncomingMessage,
  stream: TcpSocket,
): Promise<void> {
  stream.on("error", ignore);
  if (isAnswering(stream)) await earlierAnswers(stream);
  if (!stream.writable) return;
  const reply = replyOn(stream, incoming);
  endAfter(reply, stream, openTimeout);
  await send(incoming, reply, new Response("Not Implemented\n", { status: 501 }), onError);
}

/**
 * Returns the `Host` header, several of them joined by commas; `null` if there is none. Of several,
 * Node's `headers` have the first. Deno's `headersDistinct` throws for a header named `constructor`.
 */
function hostOf({ rawHeaders }: IncomingMessage): string | null {
  const isHost = (_: string, at: number): boolean =>
    at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === "host";
  const hosts = rawHeaders.filter(isHost);
  return hosts.length === 0 ? null : hosts.join(", ");
}

/** Returns the headers of a handshake that a report of its refusal needs. */
function reportedHeaders({ headers }: IncomingMessage): Headers {
  const names = ["origin", "upgrade", "x-forwarded-for"] as const;
  return new Headers(names.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, String(value)] as [string, string]];
  }));
}

/** Returns the response to a request; `undefined` if it has become a socket. */
async function respond(
  context: UpgradeContext,
  incoming: IncomingMessage,
  reply: ServerResponse,
  accept: Accept<undefined>,
  watch: Watch,
  exchange?: AppExchange,
): Promise<Response | undefined> {
  const { method = "GET", url: target = "", httpVersion, socket } = incoming;
  const scheme = "encrypted" in socket && socket.encrypted ? "https" : "http";
  const head = { method, target, host: hostOf(incoming), scheme, httpVersion } as const;
  const info = { remoteAddress: socket.remoteAddress, httpVersion };
  const url = resolveTarget(head, (error) => {
    if (exchange === undefined) return;
    const headers = reportedHeaders(incoming);
    const remoteAddress = addressOf(headers, context.proxies, info.remoteAddress);
    context.refused(error, { method, url: target, headers }, { ...info, remoteAddress });
  });
  if (typeof url !== "string") return url;
  let request: Request;
  try {
    const { protocol, host, pathname, search } = new URL(url);
    if (!target.startsWith("/")) incoming.url = pathname + search; // apps expect this form only
    request = createRequest(incoming, reply, { protocol, host });
    if (exchange !== undefined) remember(request, exchange);
    else reply.on("finish", () => dropRest(incoming, request));
  } catch {
    return new Response("Bad Request\n", { status: 400 }); // a method that no Request has: TRACE
  }
  return await answer(context, request, { info, accept, watch, isBodyLocked });
}
