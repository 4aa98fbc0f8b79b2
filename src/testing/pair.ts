/** Two sockets joined in memory. @module */

import { NO_STATUS } from "../close_code.ts";
import { Host, type SocketOptions } from "../host.ts";
import type { Hub } from "../hub.ts";
import type { Begin, Bytes, Link, LinkEvents } from "../link.ts";
import type { ServerSocket } from "../server_socket.ts";
import { Socket } from "../socket.ts";
import { queueTask } from "../task.ts";
import type { RequestInfo } from "../upgrade.ts";

/**
 * What the two sockets of a {@linkcode pair} are like: those of {@linkcode SocketOptions} are the
 * server's, but for `closeTimeout`, which is both's.
 */
export interface PairOptions extends SocketOptions {
  /**
   * The subprotocol agreed on.
   *
   * @default {""}
   */
  protocol?: string;
  /**
   * What `message` events carry for binary, at both ends.
   *
   * @default {"blob"}
   */
  binaryType?: BinaryType;
}

/** Two sockets that are connected with each other. */
export interface Pair {
  /** The client's end. */
  readonly client: Socket;
  /** The server's end. */
  readonly server: ServerSocket;
  /** The server that it belongs to: `hub.publish()` reaches it. */
  readonly hub: Hub;
}

const URL = "ws://memory.invalid/";

/** One end's way to the other: every report comes in a task of its own, as from a network. */
class MemoryLink implements Link {
  readonly bufferedAmount = 0;
  readonly #own: LinkEvents;
  readonly #peer: LinkEvents;

  constructor(own: LinkEvents, peer: LinkEvents) {
    this.#own = own;
    this.#peer = peer;
  }

  send(data: string | Bytes): void {
    const message = typeof data === "string"
      ? data.toWellFormed()
      : new Uint8Array(data).slice().buffer;
    queueTask(() => this.#peer.received(message));
  }

  ping(): void {
    queueTask(() => this.#own.heard());
  }

  close(code: number = NO_STATUS, reason: string = ""): void {
    queueTask(() => {
      this.#peer.closed(code, reason.toWellFormed());
      queueTask(() => this.#own.closed(code, reason)); // 5.5.1: the peer repeats the code
    });
  }

  terminate(): void {
    queueTask(() => this.#peer.failed());
  }
}

/**
 * Makes two sockets that are joined in memory: no network, no port, no server. They keep the very
 * promises of sockets on a network, and open in a later task.
 *
 * @param options What they are like.
 * @returns Both ends, CONNECTING.
 *
 * @example
 * ```ts
 * import { pair } from "@isosocket/isosocket/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { client, server } = pair({ protocol: "chat.v2" });
 * server.onopen = () => server.close(4001, "not today");
 * const { code } = await new Promise<CloseEvent>((resolve) => client.onclose = resolve);
 * assertEquals(code, 4001);
 * ```
 */
export function pair(options: PairOptions = {}): Pair {
  const { protocol = "", binaryType, closeTimeout = 10_000 } = options;
  const ends: LinkEvents[] = [];
  const begin: Begin = (events) => {
    ends.push(events);
    return () => queueTask(() => ends.find((end) => end !== events)!.failed());
  };
  const client = new Socket(
    { url: URL, binaryType, offered: protocol === "" ? [] : [protocol] },
    { role: "client", openTimeout: 0, closeTimeout },
    begin,
  );
  const host = new Host(noHandler, options);
  const server = host.admit(NOBODY, { url: URL, binaryType }, {}, begin);
  const [own, peer] = ends as [LinkEvents, LinkEvents];
  queueTask(() => {
    peer.opened(new MemoryLink(peer, own), protocol, "");
    own.opened(new MemoryLink(own, peer), protocol, "");
  });
  return { client, server, hub: host.hub() };
}

const NOBODY: RequestInfo = { remoteAddress: undefined, httpVersion: undefined };

function noHandler(): never {
  throw new Error("Cannot answer: there are no requests in memory");
}
