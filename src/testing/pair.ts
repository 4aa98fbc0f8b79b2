/** Two sockets joined in memory. @module */

import { NO_STATUS } from "../close_code.ts";
import type { ConnectionOptions } from "../connection.ts";
import type { Bytes, Link, LinkEvents } from "../link.ts";
import { Socket } from "../socket.ts";
import { queueTask } from "../task.ts";

/** What the two sockets of a {@linkcode pair} are like. */
export interface PairOptions {
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
  /**
   * How long the closing handshake may take, in milliseconds.
   *
   * @default {10000}
   */
  closeTimeout?: number;
  /**
   * Told what listeners of the server's socket throw.
   *
   * @default {console.error}
   */
  onError?: (error: unknown, socket: Socket) => void;
}

/** Two sockets that are connected with each other. */
export interface Pair {
  /** The client's end. */
  readonly client: Socket;
  /** The server's end. */
  readonly server: Socket;
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
  const { protocol = "", binaryType, closeTimeout = 10_000, onError } = options;
  const common = { openTimeout: 0, closeTimeout };
  const ends: LinkEvents[] = [];
  const make = (own: ConnectionOptions, offered?: readonly string[]): Socket => {
    const init = { url: URL, binaryType, ...(offered === undefined ? {} : { offered }) };
    return new Socket(init, own, (events) => {
      ends.push(events);
      return () => queueTask(() => ends.find((end) => end !== events)!.failed());
    });
  };
  const report = onError ?? ((error: unknown) => console.error(error));
  const client = make({ role: "client", ...common }, protocol === "" ? [] : [protocol]);
  const server = make({
    role: "server",
    ...common,
    onError: (error, socket) => report(error, socket as Socket),
  });
  const [own, peer] = ends as [LinkEvents, LinkEvents];
  queueTask(() => {
    peer.opened(new MemoryLink(peer, own), protocol, "");
    own.opened(new MemoryLink(own, peer), protocol, "");
  });
  return { client, server };
}
