/** Answers to earlier requests on a connection that Node has handed over. @module */

import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { drainWith } from "./reply.ts";

/** A connection with the fields that Node keeps on it. */
interface Connection extends Duplex {
  /** The answer that is being sent on it, as `assignSocket()` sets it. */
  readonly _httpMessage?: ServerResponse | null;
  /** Whether Node reads no more requests from it until earlier answers have left. */
  _paused?: boolean;
}

/** Returns whether an earlier request on a connection is still being answered. */
export function isAnswering(stream: Connection): boolean {
  return Boolean(stream._httpMessage);
}

/**
 * Resolves when all earlier requests on a connection are answered: answers come in the order of the
 * requests (RFC 9112, 9.3.2).
 */
export function earlierAnswers(stream: Connection): Promise<void> {
  stream._paused = false; // otherwise Node would pause it again and again
  return new Promise((resolve) => {
    const follow = (): void => {
      const reply = stream._httpMessage;
      if (!reply || stream.destroyed) return resolve();
      drainWith(reply, stream); // Node no longer does
      reply.once("finish", follow); // after Node's own listener, which starts the next answer
      reply.once("close", () => {
        if (stream.destroyed) resolve();
      });
    };
    follow();
  });
}
