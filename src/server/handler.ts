/**
 * Types of a request on its way: the handler that answers it, what its runtime provides, and what
 * its server provides. In reading order, pending.ts, upgrade.ts and answer.ts follow.
 *
 * @module
 */

import type { Compression } from "../handshake/compression.ts";
import type { ConnectionOptions } from "../core/connection_options.ts";
import type { UpgradeError } from "../handshake/upgrade_error.ts";
import type { StartTimeout, Watch } from "./handler_wait.ts";
import type { CheckedLimits, Limits } from "./limits.ts";
import type { LinkEvents } from "../core/link.ts";
import type { CheckedOrigins } from "../handshake/origin.ts";
import type { Place } from "./capacity.ts";
import type { RefusedRequest } from "./refusal.ts";
import type { ServerSocket } from "./server_socket.ts";
import type { SocketInit } from "../core/socket.ts";

/**
 * Properties of a request that a `Request` does not have.
 *
 * @example Behind a proxy
 * ```ts
 * import { serve } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * const options = { port: 0, hostname: "127.0.0.1", trustProxy: true };
 * await using server = await serve(options, (_request, { remoteAddress }) => {
 *   return new Response(remoteAddress);
 * });
 *
 * const headers = { "X-Forwarded-For": "made up by the client, 192.0.2.1" }; // the proxy adds one
 * assert.equal(await (await fetch(server.url, { headers })).text(), "192.0.2.1");
 * ```
 */
export interface RequestInfo {
  /**
   * IP address of the peer; `undefined` for a unix socket. Behind proxies that
   * {@linkcode SocketOptions.trustProxy} counts, the client's address as reported by them.
   */
  readonly remoteAddress: string | undefined;
  /** Version of HTTP, for instance `"1.1"`; `undefined` if the runtime does not expose it. */
  readonly httpVersion: string | undefined;
}

/** Answers one request. */
export type Handler = (request: Request, info: RequestInfo) => Response | Promise<Response>;

/**
 * Result of a handshake that is accepted. A header that one runtime alone has to send with the 101
 * is added to `headers` by that runtime's {@linkcode Accept}.
 */
export interface Acceptance {
  /** Receives the reports of the link. */
  readonly events: LinkEvents;
  /** Subprotocol chosen; `""` for none. */
  readonly protocol: string;
  /** Further headers of the 101 response. */
  readonly headers: Headers;
}

/**
 * Performs the runtime's own upgrade, the last step of a handshake. It may throw: then the socket
 * fails.
 *
 * @returns The value that the runtime's own handler has to return; `false` if the client
 * disconnected or sent data before the 101.
 */
export type Accept<T> = (acceptance: Acceptance) => T | false | Promise<T | false>;

/** Properties and functions that a runtime provides for one request. */
export interface RuntimeRequest<T> {
  /** Properties of the request, as the runtime reports them. */
  readonly info: RequestInfo;
  /** Performs the runtime's own upgrade. */
  readonly accept: Accept<T>;
  /** Watches for a client that disconnects while the handler of a handshake is at work. */
  readonly watch: Watch;
  /** Reports whether the body of a response has a reader, without a side effect on the response. */
  readonly isBodyLocked: (response: Response) => boolean;
}

/** Server as its requests see it: the handler, the options, and functions that create sockets. */
export interface UpgradeContext {
  /** The user's handler. */
  readonly handler: Handler;
  /** Options that its sockets share. */
  readonly options: ConnectionOptions;
  /** Default limits of its sockets. */
  readonly limits: CheckedLimits;
  /** Which messages are compressed, for peers that negotiate it; `undefined` for none. */
  readonly compression: Compression | undefined;
  /**
   * Milliseconds of silence after which a runtime that sends Pings by itself has to drop a peer; 0
   * for never.
   */
  readonly keepAlive: number;
  /** Origins that may connect. */
  readonly origins: CheckedOrigins;
  /** Number of trusted proxies in front of the server. */
  readonly proxies: number;
  /** Starts the timeout of a handler, `upgradeTimeout`; `undefined` for no limit. */
  readonly limitUpgrade: StartTimeout | undefined;
  /**
   * Returns the subprotocol of a handshake.
   *
   * @param protocol The one of the program, or `""`.
   * @param offered What the client offers.
   */
  chooseProtocol(protocol: string, offered: readonly string[]): string;
  /**
   * Reserves a place for a handshake, before its handler runs.
   *
   * @throws {UpgradeError} 503 if the server is full or closing.
   */
  reserve(info: RequestInfo): Place;
  /**
   * Checks that one more socket may be created.
   *
   * @param place The place that is reserved for it, if any.
   * @throws {UpgradeError} 503 if the server is full or closing.
   */
  checkCapacity(info: RequestInfo, place?: Place): void;
  /**
   * Creates a socket, CONNECTING, whose connection the runtime opens later.
   *
   * @param place The place that is reserved for it, if any: it becomes the socket's.
   * @param failure The error with which the connection has failed already, if it has. The socket
   * gets it in a later task, when listeners are attached.
   * @returns The socket, and the object that receives the reports of its link.
   * @throws {RangeError} If a limit is out of its range, or `maxPayload` is more than the server's.
   */
  createSocket(
    info: RequestInfo,
    init: SocketInit,
    limits: Limits,
    place?: Place,
    failure?: Error,
  ): { readonly socket: ServerSocket; readonly events: LinkEvents };
  /** Counts and reports a handshake that is refused. */
  refused(error: UpgradeError, request: RefusedRequest, info: RequestInfo): void;
  /** Called with what handlers throw. */
  readonly onError: (error: unknown) => void;
}
