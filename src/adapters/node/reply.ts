/** Answers on connections of `node:http`: those that Node sends, and those that it has handed over. @module */

import { sendResponse } from "@remix-run/node-fetch-server";
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import type { Duplex, Writable } from "node:stream";

function ignore(): void {}

/** Returns an answer that is the last one of its connection. */
export function replyOn(stream: Writable, incoming: IncomingMessage): ServerResponse {
  const { method, httpVersionMajor, httpVersionMinor, headers } = incoming;
  const likeness = { method, httpVersionMajor, httpVersionMinor, headers } as IncomingMessage;
  const reply = new ServerResponse(likeness); // given its own request, Bun's passes by the stream
  Object.assign(reply, { req: incoming });
  reply.shouldKeepAlive = false;
  reply.assignSocket(stream as TcpSocket);
  return reply;
}

/**
 * Makes an answer emit `drain` when its connection does. Node does that only for connections that it
 * has not handed over, and without it whoever sends more than a buffer waits for ever.
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
 * Ends a connection when its last answer has left, or when nothing of that answer has left for a
 * while, though some waits or the client has ended its side. What it sends meanwhile is dropped.
 *
 * @param timeout How long the client may take none of it, in milliseconds; 0 for no limit.
 */
export function endAfter(reply: ServerResponse, stream: Duplex, timeout: number): void {
  const tcp = stream as Partial<Pick<TcpSocket, "setTimeout">>; // others may hand over less
  tcp.setTimeout?.(timeout, () => {
    const { writableLength, writableEnded, readableEnded } = stream;
    if (writableLength > 0 || writableEnded || readableEnded) stream.destroy();
  });
  reply.on("finish", () => stream.end(() => stream.destroy()));
  stream.resume();
}

/** Tells the source of a body that nobody is sent it. */
export function discard(response: Response): void {
  response.body?.cancel().catch(ignore); // a locked one is somebody's already
}

/**
 * Sends an answer. Where that fails, the connection is cut: there is no other way to tell a client
 * that an answer has no end (RFC 9112, 8). Never rejects.
 *
 * @param onError Called with what is wrong with the response; not if the client has left.
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
    // A body may be made of the request's, which ends with the client.
    const left = reply.destroyed || socket.destroyed ||
      (incoming.destroyed && !incoming.complete);
    cut(reply);
    if (!left) onError(error);
  }
}

/** Cuts the connection of an answer, once those to earlier requests have been sent. */
export function cut(reply: ServerResponse): void {
  // Without its connection yet, an answer cannot end it.
  if (!reply.socket) reply.assignSocket = (stream) => void stream.destroy();
  reply.destroy();
}

/**
 * Reads the rest of a request that is answered, and drops it, unless somebody reads it. Otherwise
 * the next request of the connection would wait behind it for ever (RFC 9112, 9.3). Node does that
 * only where nobody listens, and a `Request` does from its beginning on.
 */
export function dropRest(incoming: IncomingMessage, request: Request): void {
  if (incoming.complete) return;
  const { body } = request;
  if (body === null || body.locked) return;
  body.cancel().catch(ignore);
  incoming.resume();
}
