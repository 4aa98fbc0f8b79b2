/** Checks a server's answer to the opening handshake (RFC 6455, 4.1). @module */

import { isToken } from "../../handshake/header_grammar.ts";
import { quote } from "../../handshake/upgrade_error.ts";

/** Head of an answer, as `node:http` has read it. */
export interface AnswerHead {
  /** Status, for instance 101. */
  readonly statusCode?: number | undefined;
  /** Version of HTTP, for instance `"1.1"`. */
  readonly httpVersion: string;
  /** Names and values of the headers in turn, in the order in which they came. */
  readonly rawHeaders: readonly string[];
}

/** Terms of a connection, by a server's answer. */
export interface Terms {
  /** Subprotocol that the server chose; `""` for none. The core checks that it was offered. */
  readonly protocol: string;
  /** The `Sec-WebSocket-Extensions` headers, joined; `undefined` if there is none. */
  readonly extensions: string | undefined;
}

/** Returns the values of a header, one for each time that it came, without white space around them. */
function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.toLowerCase() === name) values.push(rawHeaders[at + 1]!.trim());
  }
  return values;
}

/**
 * Checks that an answer opens the connection. The extensions are returned as they came: the caller knows
 * what it has offered.
 *
 * @param accept The right value of `Sec-WebSocket-Accept`.
 * @throws {Error} If the answer breaks a rule: the message says which.
 */
export function checkAnswer(
  { statusCode, httpVersion, rawHeaders }: AnswerHead,
  accept: string,
): Terms {
  const refuse = (what: string): never => {
    throw new Error(`The server's answer cannot be accepted: ${what}`);
  };
  if (statusCode !== 101) refuse(`its status is ${statusCode}, and it must be 101`);
  if (httpVersion !== "1.1") refuse(`its version of HTTP is ${httpVersion}, and it must be 1.1`);
  const upgrade = valuesOf(rawHeaders, "upgrade").join();
  if (upgrade.toLowerCase() !== "websocket") {
    refuse(`its Upgrade header is ${quote(upgrade)}, and it must be "websocket"`);
  }
  const connection = valuesOf(rawHeaders, "connection").join();
  if (!connection.split(",").some((option) => option.trim().toLowerCase() === "upgrade")) {
    refuse(`its Connection header is ${quote(connection)}, and it must have "Upgrade"`);
  }
  const [proof = "", ...more] = valuesOf(rawHeaders, "sec-websocket-accept");
  if (proof !== accept || more.length > 0) { // 11.3.3
    refuse(
      `its Sec-WebSocket-Accept is ${quote([proof, ...more].join())}, where the key asks for ` +
        `"${accept}"`,
    );
  }
  const protocols = valuesOf(rawHeaders, "sec-websocket-protocol");
  if (protocols.length > 1 || !protocols.every(isToken)) { // 11.3.4
    refuse(`its Sec-WebSocket-Protocol is ${quote(protocols.join())}, and it must be one token`);
  }
  const extensions = valuesOf(rawHeaders, "sec-websocket-extensions");
  return {
    protocol: protocols[0] ?? "",
    extensions: extensions.length === 0 ? undefined : extensions.join(), // 11.3.2: a list
  };
}
