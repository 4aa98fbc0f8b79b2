/**
 * A check of a proxy: a requirement, and what shows whether the proxy keeps it.
 *
 * @module
 */

import { ExpectationFailed } from "../player/context.ts";
import { keyFor, writeRequest, writeResponse } from "../wire/handshake.ts";
import type { Headers, ResponseSpec } from "../wire/handshake.ts";
import { type Head, readHead, statusOf } from "../wire/head.ts";
import { dial, type DialOptions } from "../wire/transport.ts";
import type { WireLog } from "../player/wire_log.ts";
import { type Backend, logHead, type Tunnel, TunnelEnd } from "./tunnel.ts";

/** The proxy, and what stands behind it. */
export interface Passage {
  /** Address of the proxy. */
  readonly url: URL;

  /** How it is dialled. */
  readonly dialing: DialOptions;

  /** The server behind it. */
  readonly backend: Backend;

  /** Headers to add to every request. */
  readonly headers: Headers;

  /** Milliseconds of silence after which an expectation fails. */
  readonly timeout: number;

  /** Milliseconds for which an idle connection is watched. */
  readonly idle: number;
}

/** What a check is told, and what it tells. */
export interface CheckContext extends Passage {
  /** The wire log of the check. */
  readonly log: WireLog;

  /** Adds a note on what is different, though legal. */
  warn(note: string): void;

  /** Adds what was measured, or seen. */
  fact(text: string): void;

  /** Registers an end to be torn down behind the check. */
  drop(end: TunnelEnd): void;
}

/** A check. */
export interface Check {
  /** Id, `section/behaviour`. */
  readonly id: string;

  /** Section that contains the requirement. */
  readonly section: string;

  /** Level of the requirement. */
  readonly level: "must" | "should";

  /** The requirement, in our own words. */
  readonly requirement: string;

  /** Shows whether it is kept. Throws {@linkcode ExpectationFailed} if not. */
  run(context: CheckContext): Promise<void>;
}

/** A handshake that has gone through, as it was on each side. */
export interface Handshake {
  readonly sent: Head;
  readonly request: Head;
  readonly answered: Head;
  readonly response: Head;
}

/** Reads a head that the judge has written. */
function headIn(octets: Uint8Array): Head {
  return readHead(octets) as Head;
}

/**
 * Opens a connection through the proxy.
 *
 * @param headers Changes to the client's request.
 * @param spec The server's answer. Default: a correct 101.
 * @param extensions Extensions in the answer. Default: none.
 */
export async function openTunnel(
  context: CheckContext,
  headers: Headers = {},
  spec: ResponseSpec = {},
  extensions = "",
): Promise<Tunnel & Handshake> {
  const { url, dialing, backend, log, timeout } = context;
  backend.forget();
  const client = new TunnelEnd(await dial(url, dialing));
  context.drop(client);
  const request = writeRequest({ headers }, {
    host: url.host,
    target: (url.pathname || "/") + url.search,
    key: keyFor("through"),
    offer: "",
    headers: context.headers,
  });
  logHead(log, "judge", headIn(request));
  await client.write(request);
  const arrived = await backend.accept(timeout);
  if (arrived === undefined) {
    const head = await client.head(1);
    const got = typeof head === "object" ? `${head.line} from the proxy` : head ?? "nothing";
    throw new ExpectationFailed("the request behind the proxy", got, {
      timedOut: head === undefined && client.ended === undefined,
    });
  }
  const server = arrived.end;
  context.drop(server);
  logHead(log, "peer", arrived.head);
  const answer = writeResponse(spec, arrived.head, extensions);
  logHead(log, "judge", headIn(answer));
  const isWhole = spec.early === undefined;
  await server.write(answer);
  const head = await client.head(timeout);
  if (typeof head !== "object") {
    throw new ExpectationFailed("the answer before the proxy", head ?? "nothing", {
      timedOut: head === undefined && client.ended === undefined,
    });
  }
  logHead(log, "peer", head);
  if (isWhole && (spec.status ?? 101) === 101 && statusOf(head) !== 101) {
    throw new ExpectationFailed("the 101 of the server", head.line);
  }
  return {
    client,
    server,
    sent: headIn(request),
    request: arrived.head,
    answered: headIn(answer),
    response: head,
  };
}
