/** Bun's own topics, as the core uses them. @module */

import type { BunServer } from "./bun_server.ts";
import type { BunSocket } from "./bun_socket.ts";
import { reaches } from "../../handshake/compression.ts";
import type { Broadcast, Bytes, Link } from "../../core/link.ts";

/**
 * Maximum number of messages, each shorter than `HELD_LENGTH` bytes, that Bun holds for one socket
 * until a tick is over.
 */
const HELD_MESSAGES = 32;
const HELD_LENGTH = 16 * 1024;

/** A link that can be left out. */
interface Publisher extends Link {
  readonly socket: BunSocket;
}

/** The topics of one of Bun's servers. */
export class BunTopics implements Broadcast {
  static readonly #all: WeakMap<BunServer, BunTopics> = new WeakMap();
  readonly hidden = HELD_MESSAGES * HELD_LENGTH;
  /** Number of bytes from which on a message is compressed, for peers that can read it. */
  readonly threshold: number;
  readonly #server: BunServer;

  private constructor(server: BunServer, threshold: number) {
    this.#server = server;
    this.threshold = threshold;
  }

  /** Returns the topics of a server: the same ones for each of its sockets. */
  static of(server: BunServer, threshold: number): BunTopics {
    let topics = BunTopics.#all.get(server);
    if (topics === undefined) BunTopics.#all.set(server, topics = new BunTopics(server, threshold));
    return topics;
  }

  publish(topic: string, data: string | Bytes, except: Publisher | undefined): boolean {
    const from = except?.socket ?? this.#server;
    return from.publish(topic, data, reaches(data, this.threshold)) < 0; // some are backlogged
  }
}
