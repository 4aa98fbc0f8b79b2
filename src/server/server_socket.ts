/** Sockets of a server. @module */

import type { ConnectionOptions } from "../core/connection_options.ts";
import type { Guard } from "./guard.ts";
import type { StartConnection } from "../core/link.ts";
import type { Topics } from "../pubsub/topics.ts";
import { Socket, type SocketInit } from "../core/socket.ts";

/** Options that each socket of a server has of its own. */
export interface ServerSocketInit extends SocketInit {
  /** Guard of the socket. */
  readonly guard: Guard;
}

/** Returns the guard of a socket. For its server. */
export let guardOf: (socket: ServerSocket) => Guard;

/**
 * A socket of a server, made by {@linkcode upgrade}: a {@linkcode Socket} that has topics.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.subscribe("news");
 *   socket.onopen = () => server.publish("news", "somebody came");
 *   return response;
 * });
 * const socket = connect(server.url);
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assert.equal(data, "somebody came");
 * ```
 */
export class ServerSocket extends Socket {
  static {
    guardOf = (socket) => {
      if (Object(socket) === socket && #guard in socket) return socket.#guard;
      throw new TypeError("Cannot take this for a socket: it must be one that upgrade() gave");
    };
  }

  readonly #guard: Guard;
  readonly #topics: Topics;

  /**
   * Makes a socket of a server. {@linkcode upgrade} calls it.
   *
   * @param topics Topics of the server.
   */
  constructor(
    init: ServerSocketInit,
    options: ConnectionOptions,
    begin: StartConnection,
    topics: Topics,
  ) {
    super(init, options, begin);
    this.#guard = init.guard;
    this.#topics = topics;
  }

  /**
   * Subscribes to a topic: from now on, while it is OPEN, the socket receives what the server
   * publishes there. Does nothing if it has subscribed already, or is CLOSING or CLOSED.
   *
   * @param topic Any string that is not empty. There are no wildcards.
   * @throws {TypeError} If the topic is no string, or empty.
   */
  subscribe(topic: string): void {
    this.#topics.subscribe(this.#guard, topic);
  }

  /**
   * Ends a subscription, if there is one.
   *
   * @throws {TypeError} If the topic is no string, or empty.
   */
  unsubscribe(topic: string): void {
    this.#topics.unsubscribe(this.#guard, topic);
  }

  /** Topics that the socket has subscribed to; none as soon as it is CLOSING. */
  get topics(): ReadonlySet<string> {
    return this.#topics.of(this.#guard);
  }
}
