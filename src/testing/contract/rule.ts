/** One promise of a socket as a function, and the harness that it is tried on. @module */

import type { Role } from "../../core/close_code.ts";
import type { SocketOptions } from "../../server/options.ts";
import type { Hub } from "../../server/hub.ts";
import type { Socket } from "../../core/socket.ts";
import type { UpgradeOptions } from "../../server/upgrade.ts";
import type { RawPeer } from "./raw_peer.ts";
import type { Frame } from "./frame.ts";

/** Settings of one connection between a socket under test and its peer. */
export interface ConnectSettings {
  /** Called with the socket in the same task in which `upgrade()` or `connect()` returned it. */
  attach?(socket: Socket): void;
  /** Frames that the peer sends in one packet with its part of the handshake. */
  early?: readonly Frame[];
  /** Subprotocols that the client offers. */
  offered?: readonly string[];
  /** Subprotocols that the server supports. */
  spoken?: readonly string[];
  /**
   * Subprotocol that the peer, as a server, puts in its answer; `null` for none.
   *
   * @default {null}
   */
  answered?: string | null;
  /** Further headers of a client's handshake. */
  headers?: Readonly<Record<string, string>>;
  /** User and password in a client's address, encoded as they appear there. */
  userinfo?: string;
  /** Signal that aborts a client. */
  signal?: AbortSignal;
  /**
   * Returns the head of the answer that the peer, as a server, sends.
   *
   * @param request Head of the client's request.
   * @param right Head of the correct answer, which is sent by default.
   */
  answer?(request: string, right: string): string;
  /** Type of the socket's binary messages. */
  binaryType?: BinaryType;
  /** Time limit of the socket's closing handshake, in milliseconds. */
  closeTimeout?: number;
  /** Maximum size of an incoming message, in bytes, if the socket is a client's. */
  maxPayload?: number;
  /** Options of `upgrade()`, if the socket is a server's. */
  upgrade?: UpgradeOptions;
  /** Options of the server, if the socket is a server's. */
  server?: SocketOptions;
}

/** A socket and its peer, connected. */
export interface Connected {
  /** The socket under test. */
  readonly socket: Socket;
  /** The socket's peer, which has completed the opening handshake. */
  readonly peer: RawPeer;
  /** All sockets of the same server, if the socket is a server's. */
  readonly hub?: Hub;
}

/** Source of the sockets under test: one adapter, and one end of its connections. */
export interface Harness {
  /** Name in titles and among the deviations, for instance `"deno server"`. */
  readonly name: string;
  /** End of the connection that is under test. */
  readonly role: Role;
  /** Whether the peer writes bytes: `false` in memory, which has no frames. */
  readonly wired: boolean;
  /** Connects a socket with a peer. */
  connect(settings?: ConnectSettings): Promise<Connected>;
  /** Makes a client whose handshake is not answered. Only where the role is `"client"`. */
  dial?(settings?: Pick<ConnectSettings, "signal">): Promise<Socket>;
}

/** Property that a harness must have for a rule to be tried on it. */
export type Need = "wire" | Role | "client without an answer";

/** One promise. */
export interface Rule {
  /** Tries the promise; rejects if it is broken. */
  readonly try: (harness: Harness) => Promise<void>;
  /** All that a harness needs for the rule to be tried on it: nothing by default. */
  readonly only?: Need | readonly Need[];
}

/** Result of trying a rule. */
export type Outcome = "kept" | "deviates" | "not tried";

/** Returns whether a rule can be tried on a harness. */
export function applies(rule: Rule, harness: Harness): boolean {
  return [rule.only ?? []].flat().every((need) => {
    if (need === "wire") return harness.wired;
    if (need === "client without an answer") return harness.dial !== undefined;
    return need === harness.role;
  });
}

/**
 * Tries a rule on a harness.
 *
 * @param reason Reason why the runtime cannot keep the rule. With a reason, the rule must be broken.
 * @param limit Time limit, in milliseconds; 20 000 by default.
 * @returns Resolves with `"kept"`; with `"deviates"` if the rule is broken for a reason; with
 * `"not tried"` if it does not apply to the harness.
 * @throws {Error} If the rule is broken, or if it has a reason and is kept.
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
