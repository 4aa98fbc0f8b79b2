/** A server's end of a connection. @module */

import type { ConnectionOptions } from "../core/connection_options.ts";
import type { Guard } from "./guard.ts";
import type { StartConnection } from "../core/link.ts";
import type { Topics } from "../pubsub/topics.ts";
import { Socket, type SocketInit } from "../core/socket.ts";

/** What each socket of a server has of its own when it begins. */
export interface ServerSocketInit extends SocketInit {
  /** What the server holds the socket to. */
  readonly guard: Guard;
}

/** The guard of a socket that {@linkcode ServerSocket} made, for the server that it belongs to. */
export let guardOf: (socket: ServerSocket) => Guard;

/**
 * A socket of a server: what {@linkcode upgrade} gives. Beside a {@linkcode Socket}'s it has topics.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.subscribe("news");
 *   socket.onopen = () => server.publish("news", "somebody came");
 *   return response;
 * });
 * const socket = connect(server.url);
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assertEquals(data, "somebody came");
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
   * @param topics The topics of the server.
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
   * Subscribes to a topic: from now on, while it is OPEN, the socket gets what the server publishes
   * there. Twice is the same as once; for a socket that is CLOSING or CLOSED, nothing happens.
   *
   * @param topic Any string but the empty one. There are no wildcards.
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

  /** The topics that the socket has subscribed to; none as soon as it is CLOSING. */
  get topics(): ReadonlySet<string> {
    return this.#topics.of(this.#guard);
  }
}
