/** The shapes of answering a request: the handler, what it is told, and what its server brings. @module */

import type { Compression } from "../handshake/compression.ts";
import type { ConnectionOptions } from "../core/connection_options.ts";
import type { UpgradeError } from "../handshake/handshake.ts";
import type { CheckedLimits, Limits } from "./limits.ts";
import type { LinkEvents, StartConnection } from "../core/link.ts";
import type { CheckedOrigins } from "../handshake/origin.ts";
import type { Limit } from "./patience.ts";
import type { Place } from "./capacity.ts";
import type { ServerSocket } from "./server_socket.ts";
import type { SocketInit } from "../core/socket.ts";

/**
 * What a handler learns of a request beside the request itself.
 *
 * @example Behind a proxy
 * ```ts
 * import { serve } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * const options = { port: 0, hostname: "127.0.0.1", trustProxy: true };
 * await using server = await serve(options, (_request, { remoteAddress }) => {
 *   return new Response(remoteAddress);
 * });
 *
 * const headers = { "X-Forwarded-For": "made up by the client, 192.0.2.1" }; // the proxy adds one
 * assertEquals(await (await fetch(server.url, { headers })).text(), "192.0.2.1");
 * ```
 */
export interface RequestInfo {
  /**
   * The address of the peer, as the runtime tells it; `undefined` for a unix socket. Behind proxies
   * that {@linkcode SocketOptions.trustProxy} counts, the client's, as they tell it.
   */
  readonly remoteAddress: string | undefined;
  /** The version of HTTP, for instance `"1.1"`; `undefined` where the runtime does not tell it. */
  readonly httpVersion: string | undefined;
}

/** Answers one request. */
export type Handler = (request: Request, info: RequestInfo) => Response | Promise<Response>;

/** What the runtime needs to know for its own upgrade. */
export interface Acceptance {
  /** Where the link reports. */
  readonly events: LinkEvents;
  /** The subprotocol chosen; `""` for none. */
  readonly protocol: string;
  /** Further headers of the answer. */
  readonly headers: Headers;
}

/**
 * The runtime's own upgrade: the last thing that happens to a request.
 *
 * @returns What the runtime wants returned; `false` if the client is no longer there, or not in
 * step.
 */
export type Accept<T> = (acceptance: Acceptance) => T | false | Promise<T | false>;

/** What answers requests: a handler, and a place for its sockets. */
export interface UpgradeContext {
  /** The user's. */
  readonly handler: Handler;
  /** What its sockets have in common. */
  readonly options: ConnectionOptions;
  /** What they are held to. */
  readonly limits: CheckedLimits;
  /** Which messages are compressed, for peers that can read them; `undefined` for none. */
  readonly compression: Compression | undefined;
  /**
   * ms of silence after which the runtime is to take a peer for dead, if it does so by Pings of its
   * own; 0 for never.
   */
  readonly keepAlive: number;
  /** Which pages may connect. */
  readonly origins: CheckedOrigins;
  /** How many proxies in front of it are to be believed. */
  readonly proxies: number;
  /**
   * Takes a place for a handshake, before its handler runs.
   *
   * @throws {UpgradeError} 503 if there is none.
   */
  reserve(info: RequestInfo): Place;
  /** Calls back after `upgradeTimeout`; `undefined` for no limit. */
  readonly limitUpgrade: Limit | undefined;
  /**
   * Checks that there may be one more socket.
   *
   * @param place What was reserved for it, if anything was.
   * @throws {UpgradeError} 503 if there may not.
   */
  checkCapacity(info: RequestInfo, place?: Place): void;
  /** Makes a socket. It takes over the place that was reserved for it. */
  admit(
    info: RequestInfo,
    init: SocketInit,
    limits: Limits,
    begin: StartConnection,
    place?: Place,
  ): ServerSocket;
  /** Told of handshakes that are refused. */
  refused(error: UpgradeError): void;
  /** Told of what handlers throw. */
  readonly onError: (error: unknown) => void;
}
