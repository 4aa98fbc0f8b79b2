/** Reads what a server says when it refuses a handshake, within bounds. @module */

import type { IncomingMessage } from "node:http";
import type { Clock } from "../../core/clock.ts";
import type { ConnectFailure } from "../../core/failure.ts";
import { parseRetryAfter } from "../../handshake/retry_after.ts";

/** Maximum number of bytes of a body that are read. */
const MAX_BODY = 4096;

/** ms: maximum time for the body to arrive. */
const BODY_TIMEOUT = 1000;

/** Returns the headers that the runtime's `Headers` takes, which are all but malformed ones. */
function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    try {
      headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
    } catch {
      // No failure of the connection may hide that the server refused it.
    }
  }
  return headers;
}

/** Returns the beginning of a body as text: a character that is cut at its end is left out. */
function textOf(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  let text = "";
  let room = MAX_BODY;
  for (const piece of pieces) {
    text += decoder.decode(piece.subarray(0, room), { stream: true });
    room -= Math.min(room, piece.length);
  }
  return text;
}

/**
 * Reads a refusal: its head, and at most 4 KiB and a second of its body.
 *
 * @param told Called once, with the failure. The rest of the body is not read: the connection has to be
 * closed.
 * @returns A function that ends the reading; `told` is not called then.
 */
export function readRefusal(
  response: IncomingMessage,
  clock: Clock,
  told: (failure: ConnectFailure) => void,
): () => void {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    cancel();
  };
  const finish = (): void => {
    if (isOver) return;
    stop();
    const { statusCode: status, statusMessage: statusText, rawHeaders } = response;
    const headers = headersOf(rawHeaders);
    const retryAfter = parseRetryAfter(headers.get("retry-after"), clock.now());
    const failure = new Error(`Unexpected server response: ${status}`);
    told(Object.assign(failure, {
      ...(retryAfter !== undefined && { retryAfter }),
      ...(status !== undefined && { status }),
      statusText: statusText ?? "",
      headers,
      body: textOf(pieces),
    }));
  };
  const cancel = clock.after(BODY_TIMEOUT, finish);
  response.on("data", (piece: Uint8Array) => {
    if (isOver) return;
    pieces.push(piece);
    length += piece.length;
    if (length >= MAX_BODY) finish();
  });
  for (const event of ["end", "error", "close"]) response.on(event, finish);
  return stop;
}
