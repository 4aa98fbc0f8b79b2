/** What a client asks of whatever carries its connections. @module */

import type { StartConnection } from "./link.ts";

/**
 * How a client checks its server in TLS, and proves who it is. All of it is PEM, as in the files that
 * certificates come in.
 */
export interface ClientTls {
  /**
   * The authorities to trust, in place of those that the runtime trusts.
   *
   * @default {the runtime's}
   */
  ca?: string | readonly string[];
  /**
   * The client's certificate, for a server that asks for one, and what leads to its authority.
   *
   * @default {undefined}
   */
  cert?: string;
  /**
   * The private key of {@linkcode ClientTls.cert}.
   *
   * @default {undefined}
   */
  key?: string;
  /**
   * The name that the server is to prove, where it is not the address's.
   *
   * @default {the address's}
   */
  servername?: string;
  /**
   * Whether a server is refused that proves nothing. `false` is for tests: whoever sits between can
   * then read and change all.
   *
   * @default {true}
   */
  rejectUnauthorized?: boolean;
}

const TEXTS = ["ca", "cert", "key", "servername"];

/**
 * Checks what a client was told of TLS.
 *
 * @returns What was told; `undefined` if it is nothing.
 * @throws {TypeError} For an option that there is not, or that is none of what it can be.
 */
export function checkTls(tls: ClientTls): ClientTls | undefined {
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

/** Implementation that carries connections: the runtime's own, or the `ws` package. */
export type Engine = "native" | "ws";

/** One connection that a client asks for. All of it is checked. */
export interface DialRequest {
  /** The address, with the scheme `ws:` or `wss:`. */
  readonly url: string;
  /** The subprotocols to offer. */
  readonly protocols: string[];
  /** Further headers of the handshake. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How TLS is to be done, where it is not as usual. */
  readonly tls?: ClientTls | undefined;
  /** How long the server may take to answer a Close frame, in milliseconds; 0 for no limit. */
  readonly closeTimeout: number;
  /** Maximum size of a message that comes, in bytes: the core holds to it what comes whole. */
  readonly maxPayload: number;
}

/**
 * Begins a connection over whatever this runtime has.
 *
 * @throws {DOMException} `NotSupportedError` for what it cannot do.
 */
export type Dial = (call: DialRequest) => StartConnection;
