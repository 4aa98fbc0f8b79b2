/** Requests of a client for connections, whatever carries them. @module */

import { kindOf } from "./checks.ts";
import type { Clock } from "./clock.ts";
import type { StartConnection } from "./link.ts";

/**
 * Options for TLS: how a client checks its server, and proves its own identity. Certificates and keys
 * are PEM, as in the files that they come in.
 */
export interface ClientTls {
  /**
   * Authorities to trust, in place of those that the runtime trusts.
   *
   * @default {the runtime's}
   */
  ca?: string | readonly string[];
  /**
   * Certificate of the client, for a server that requests one, and the chain to its authority.
   *
   * @default {undefined}
   */
  cert?: string;
  /**
   * Private key of {@linkcode ClientTls.cert}.
   *
   * @default {undefined}
   */
  key?: string;
  /**
   * Name that the server's certificate must have, where it is not the address's.
   *
   * @default {the address's}
   */
  servername?: string;
  /**
   * Whether a server without a valid certificate is refused. `false` is for tests: anyone between
   * client and server can then read and change everything.
   *
   * @default {true}
   */
  rejectUnauthorized?: boolean;
}

const TEXTS = ["ca", "cert", "key", "servername"];

/**
 * Checks the options of a client for TLS.
 *
 * @returns The options that are given; `undefined` if none is.
 * @throws {TypeError} For an unknown option, or a value of the wrong type.
 */
export function checkTls(tls: ClientTls): ClientTls | undefined {
  if (Object(tls) !== tls) {
    throw new TypeError(`Cannot use tls: it must be an object, and is ${kindOf(tls)}`);
  }
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const all: unknown[] = name === "ca" ? [value].flat() : [value];
    const fits = TEXTS.includes(name)
      ? all.every((it) => typeof it === "string")
      : name === "rejectUnauthorized" && typeof value === "boolean";
    if (!fits) {
      throw new TypeError(
        `Cannot connect with this tls.${name}: there are ${TEXTS.join(", ")}, each a string, and ` +
          "rejectUnauthorized, a boolean",
      );
    }
  }
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** Implementation that carries connections: the runtime's own, or this package's, over TCP. */
export type Engine = "native" | "tcp";

/** Request for one connection of a client. Its members have been checked. */
export interface DialRequest {
  /** Address, with the scheme `ws:` or `wss:`. */
  readonly url: string;
  /** Subprotocols to offer. */
  readonly protocols: string[];
  /** Further headers of the handshake. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Options for TLS that differ from the defaults. */
  readonly tls?: ClientTls | undefined;
  /** Maximum time for the server to answer a Close frame, in milliseconds; 0 for no limit. */
  readonly closeTimeout: number;
  /** Maximum size of a received message, in bytes. The core checks messages that arrive whole. */
  readonly maxPayload: number;
  /** Source of time; the system's if `undefined`. */
  readonly clock?: Clock | undefined;
}

/**
 * Begins a connection by the means of this runtime.
 *
 * @throws {DOMException} `NotSupportedError` for options that it does not support.
 */
export type Dial = (call: DialRequest) => StartConnection;
