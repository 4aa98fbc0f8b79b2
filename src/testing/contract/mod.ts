/**
 * The contract: what a {@linkcode Socket} promises, as functions that any adapter can be tried by.
 *
 * A rule gets a {@linkcode Harness}: a way to make sockets that have a far end which can do what no
 * WebSocket API would. The same rule tries a server's socket and a client's, over TCP or in memory.
 *
 * To try an adapter: implement `Harness`, and call {@linkcode hold} for each of {@linkcode rules}. A
 * rule that the runtime cannot keep is a deviation: it has a reason, and must be broken.
 *
 * @module
 */

import type { Role } from "../../core/close_code.ts";
import type { SocketOptions } from "../../server/options.ts";
import type { Hub } from "../../server/hub.ts";
import type { Socket } from "../../core/socket.ts";
import type { UpgradeOptions } from "../../server/upgrade.ts";
import type { RawPeer } from "./raw_peer.ts";
import type { Frame } from "./frame.ts";
import { close } from "./rules/close.ts";
import { closeCodes } from "./rules/close_codes.ts";
import { connect } from "./rules/connect.ts";
import { data } from "./rules/data.ts";
import { events } from "./rules/events.ts";
import { limits } from "./rules/limits.ts";
import { send } from "./rules/send.ts";
import { serverStreams } from "./rules/server_streams.ts";
import { states } from "./rules/states.ts";
import { streams } from "./rules/streams.ts";
import { topics } from "./rules/topics.ts";
import { topicsInOrder } from "./rules/topics_in_order.ts";
import { topicsUnderLoad } from "./rules/topics_under_load.ts";

export {
  acceptFor,
  headerOf,
  type Heard,
  type RawPeer,
  readHead,
  request,
  type Wire,
  WirePeer,
} from "./raw_peer.ts";
export { encode, type Frame } from "./frame.ts";
export type { SocketEventMap, SocketListener } from "../../core/socket.ts";
export type { Hub, Role, Socket, SocketOptions, UpgradeOptions };

/** How a socket and its far end are to connect. */
export interface ConnectSettings {
  /** Called with the socket in the very task in which `upgrade()` or `connect()` made it. */
  attach?(near: Socket): void;
  /** What the far end sends in one packet with the handshake. */
  early?: readonly Frame[];
  /** The subprotocols that the client offers. */
  offered?: readonly string[];
  /** The subprotocols that the server speaks. */
  spoken?: readonly string[];
  /**
   * What the far end, being a server, says of the subprotocol: the right thing by default.
   */
  answered?: string | null;
  /** Further headers of a client's handshake. */
  headers?: Readonly<Record<string, string>>;
  /** The user and the password in a client's address, as they stand there. */
  userinfo?: string;
  /** What ends a client. */
  signal?: AbortSignal;
  /**
   * What the far end, being a server, answers, given the head of the request and the right answer's:
   * the right one by default.
   */
  answer?(request: string, right: string): string;
  /** What the socket's binary messages are to be. */
  binaryType?: BinaryType;
  /** The time limits of the socket, in milliseconds. */
  closeTimeout?: number;
  /** Maximum size of a message that comes, in bytes, where the socket is a client's. */
  maxPayload?: number;
  /** Options of `upgrade()`, where the socket is a server's. */
  upgrade?: UpgradeOptions;
  /** Options of the server, where the socket is a server's. */
  server?: SocketOptions;
}

/** A socket and its far end. */
export interface Connected {
  /** The socket under test. */
  readonly socket: Socket;
  /** Its peer, which has completed the opening handshake. */
  readonly peer: RawPeer;
  /** All sockets of its server, where it is a server's. */
  readonly hub?: Hub;
}

/** Where sockets under test come from. */
export interface Harness {
  /** For instance `"deno server"`. */
  readonly name: string;
  /** The end of the connection that is under test. */
  readonly role: Role;
  /** Whether the far end has bytes under it: not in memory. */
  readonly wired: boolean;
  /** Makes a socket, and its far end. */
  connect(how?: ConnectSettings): Promise<Connected>;
  /** Makes a client that nobody answers: only where the role is `"client"`. */
  dial?(how?: Pick<ConnectSettings, "signal">): Promise<Socket>;
}

/** What a harness must be, or have, for a rule to be tried there. */
export type Need = "wire" | Role | "client without an answer";

/** One promise. It rejects if it is broken. */
export interface Rule {
  /** Tries it. */
  readonly try: (harness: Harness) => Promise<void>;
  /** Why it is not tried everywhere: all that it needs. */
  readonly only?: Need | readonly Need[];
}

/** All promises, by what they say. */
export const rules: Readonly<Record<string, Rule>> = {
  ...states,
  ...connect,
  ...events,
  ...close,
  ...closeCodes,
  ...data,
  ...send,
  ...limits,
  ...streams,
  ...serverStreams,
  ...topics,
  ...topicsInOrder,
  ...topicsUnderLoad,
};

/** How a rule fared. */
export type Outcome = "kept" | "deviates" | "not tried";

/** Tells if a rule can be tried on a harness. */
export function applies(rule: Rule, harness: Harness): boolean {
  return [rule.only ?? []].flat().every((need) => {
    if (need === "wire") return harness.wired;
    if (need === "client without an answer") return harness.dial !== undefined;
    return need === harness.role;
  });
}

/**
 * Tries a rule.
 *
 * @param reason Why the runtime cannot keep it: then it must be broken.
 * @param limit How long it may take, in milliseconds.
 * @throws {Error} If it is broken, or is kept where it should not be.
 */
export async function hold(
  rule: Rule,
  harness: Harness,
  reason?: string,
  limit = 20_000,
): Promise<Outcome> {
  if (!applies(rule, harness)) return "not tried";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Cannot go on: nothing happened in ${limit} ms`)),
      limit,
    );
  });
  try {
    await Promise.race([rule.try(harness), late]);
  } catch (error) {
    if (reason === undefined) throw error;
    return "deviates";
  } finally {
    clearTimeout(timer);
  }
  if (reason !== undefined) {
    throw new Error(`Cannot call it a deviation: the rule is kept, so delete "${reason}"`);
  }
  return "kept";
}
