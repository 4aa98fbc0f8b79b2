/** Finds out whether a port that fails with `ws:` is one for `wss:`. @module */

import type { Dial } from "../../core/dial.ts";
import type { ConnectFailure } from "../../core/failure.ts";
import type { OpenStream } from "../../portable/connect.ts";
import { passOn } from "./pass_on.ts";

/** ms: time limit for the server's part of TLS. */
const TIMEOUT = 1000;

/** Codes of a connection that a server has cut, or answered with what is no HTTP; `undefined`: no code. */
const CUT = /^(?:ECONNRESET|EPIPE|HPE_\w+|undefined)$/;

/**
 * Returns a function that dials as another one does. Where a server cuts a connection without TLS, or
 * answers with what is no HTTP, it is asked for TLS: most servers of `wss:` behave so.
 *
 * @param openStream Opens the stream to ask on.
 */
export function hintingAtTls(dial: Dial, openStream: OpenStream): Dial {
  return (request) => (events) => {
    const givenUp = new AbortController();
    const failed = (cause: unknown): void => {
      const { status, code } = (cause ?? {}) as Partial<ConnectFailure>;
      const isSuspect = request.url.startsWith("ws:") && status === undefined &&
        CUT.test(`${code}`);
      if (!isSuspect) return events.failed(cause);
      speaksTls(openStream, request.url, givenUp.signal).then((does) => {
        if (givenUp.signal.aborted) return;
        events.failed(
          does ? new Error("that port speaks TLS: its address begins with wss:") : cause,
        );
      }).catch((error) => events.failed(error));
    };
    let isOpen = false;
    const giveUp = dial(request)(passOn(events, {
      opened: (link, protocol, extensions) => {
        isOpen = true;
        events.opened(link, protocol, extensions);
      },
      failed: (cause) => isOpen ? events.failed(cause) : failed(cause),
    }));
    return () => {
      givenUp.abort();
      giveUp();
    };
  };
}

async function speaksTls(
  openStream: OpenStream,
  url: string,
  givenUp: AbortSignal,
): Promise<boolean> {
  const signal = AbortSignal.any([givenUp, AbortSignal.timeout(TIMEOUT)]);
  const request = { url: url.replace("ws:", "wss:"), tls: { rejectUnauthorized: false } };
  try {
    const stream = await openStream(request, signal);
    stream.on("error", () => {}); // a server may not like that nothing follows
    stream.destroy();
    return true;
  } catch {
    return false;
  }
}
