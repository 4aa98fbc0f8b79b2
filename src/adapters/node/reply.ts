/** Answers on connections of `node:http`, whether Node has handed them over or not. @module */

import { sendResponse } from "@remix-run/node-fetch-server";
import type * as Http from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import type { Duplex, Writable } from "node:stream";
import { builtinModule } from "../tcp/builtin_module.ts";

function ignore(): void {}

const { ServerResponse: Reply } = builtinModule<typeof Http>("node:http");

/** Returns an answer on a stream, the last one of its connection. */
export function replyOn(stream: Writable, incoming: IncomingMessage): ServerResponse {
  const { method, httpVersionMajor, httpVersionMinor, headers } = incoming;
  // Bun's ServerResponse, given the real request, writes to the socket and bypasses our stream.
  const copy = { method, httpVersionMajor, httpVersionMinor, headers } as IncomingMessage;
  const reply = new Reply(copy);
  Object.assign(reply, { req: incoming });
  reply.shouldKeepAlive = false;
  reply.assignSocket(stream as TcpSocket);
  return reply;
}

/**
 * Makes an answer emit `drain` when its connection does. Node does that only for connections that it
 * has not handed over, and without it a sender of more than one buffer waits for ever.
 */
export function drainWith(reply: ServerResponse, stream: Writable): void {
  const drained = (): void => {
    if (!reply.writableEnded) reply.emit("drain");
  };
  stream.on("drain", drained);
  reply.on("close", () => stream.off("drain", drained));
  const get = (): boolean => !reply.writableEnded && stream.writableNeedDrain;
  Object.defineProperty(reply, "writableNeedDrain", { configurable: true, get });
}

/**
 * Ends a connection when its last answer has left. It is cut if none of that answer leaves within the
 * timeout, though some is buffered or the client has ended its side. What the client sends meanwhile
 * is dropped.
 *
 * @param timeout Maximum time without progress, in milliseconds; 0 for no limit.
 */
export function endAfter(reply: ServerResponse, stream: Duplex, timeout: number): void {
  const tcp = stream as Partial<Pick<TcpSocket, "setTimeout">>; // others may lack it
  tcp.setTimeout?.(timeout, () => {
    const { writableLength, writableEnded, readableEnded } = stream;
    if (writableLength > 0 || writableEnded || readableEnded) stream.destroy();
  });
  reply.on("finish", () => stream.end(() => stream.destroy()));
  stream.resume();
}

/** Cancels the body of a response that is not sent. */
export function discard(response: Response): void {
  response.body?.cancel().catch(ignore); // a locked one has a reader already
}

/**
 * Sends an answer. If that fails, the connection is cut: only so does a client notice that an answer
 * is incomplete (RFC 9112, 8). Never rejects.
 *
 * @param onError Called with the error of the response; not if the client has left.
 */
export async function send(
  incoming: IncomingMessage,
  reply: ServerResponse,
  response: Response,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    await sendResponse(reply, response);
    if (incoming.method === "HEAD") discard(response);
  } catch (error) {
    discard(response);
    const socket = reply.socket ?? incoming.socket;
    // The body may be derived from the request's, which ends with the client.
    const left = reply.destroyed || socket.destroyed ||
      (incoming.destroyed && !incoming.complete);
    cut(reply);
    if (!left) onError(error);
  }
}

/** Cuts the connection of an answer, once those to earlier requests have been sent. */
export function cut(reply: ServerResponse): void {
  // An answer that has no connection yet cannot end it.
  if (!reply.socket) reply.assignSocket = (stream) => void stream.destroy();
  else reply.socket.destroy(); // Bun's answer would send the head of an empty 200 first
  reply.destroy();
}

/**
 * Reads the rest of an answered request and drops it, unless it has a reader. Otherwise the next
 * request of the connection would wait behind it for ever (RFC 9112, 9.3). Node does so only for
 * requests without listeners, and a `Request` listens from its beginning on.
 */
export function dropRest(incoming: IncomingMessage, request: Request): void {
  if (incoming.complete) return;
  const { body } = request;
  if (body === null || body.locked) return;
  body.cancel().catch(ignore);
  incoming.resume();
}
