/**
 * Echo endpoint: sends each message back. The client can ask for more in the query of the URL.
 *
 * @module
 */

import { checkClose } from "../../core/close_code.ts";
import { isToken } from "../../handshake/header_grammar.ts";
import { UpgradeError } from "../../handshake/upgrade_error.ts";
import type { Socket } from "../../core/socket.ts";
import { upgrade, type Upgraded } from "../../server/upgrade.ts";
import type { TrafficObserver } from "./recording.ts";

/** Result of {@linkcode echo}. */
export interface EchoUpgrade extends Upgraded {
  /** The negotiated subprotocol; `""` if none. */
  readonly protocol: string;
}

/** Maximum time in a query, in milliseconds. */
const MAX_WAIT = 10_000;

/** Options in the query of a handshake. */
export interface EchoOptions {
  /** Delay of the handshake's answer, in milliseconds. */
  readonly wait: number;
  /** Status with which the handshake is refused; `undefined` to accept it. */
  readonly refuse: number | undefined;
  /** Close code and reason that the server sends, and its delay after `open`, in milliseconds. */
  readonly close:
    | { readonly after: number; readonly code: number | undefined; readonly reason: string }
    | undefined;
}

/**
 * Parses the query of a handshake.
 *
 * @throws {UpgradeError} 400, if a value is invalid.
 */
export function readEchoOptions(query: URLSearchParams): EchoOptions {
  const number = (name: string, least: number, most: number): number | undefined => {
    const text = query.get(name);
    if (text === null) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new UpgradeError(
      `Cannot echo with ${name}=${text}: it must be between ${least} and ${most}`,
      400,
    );
  };
  const after = number("after", 0, MAX_WAIT);
  const code = number("close", 0, 65535);
  const reason = query.get("reason") ?? undefined;
  const closes = after !== undefined || code !== undefined || reason !== undefined;
  return {
    wait: number("wait", 0, MAX_WAIT) ?? 0,
    refuse: number("refuse", 400, 599),
    close: closes ? { after: after ?? 0, ...checkCloseOptions(code, reason) } : undefined,
  };
}

function checkCloseOptions(code: number | undefined, reason: string | undefined): ReturnType<
  typeof checkClose
> {
  try {
    return checkClose("server", code, reason);
  } catch (error) {
    throw new UpgradeError((error as Error).message, 400);
  }
}

/**
 * Upgrades a request to a socket that echoes. The first offered subprotocol is chosen.
 *
 * @param follow Called with the socket before any of its events.
 * @throws {UpgradeError} If the handshake is invalid, or its query asks for a refusal.
 */
export async function echo(
  request: Request,
  follow?: (socket: Socket) => TrafficObserver,
): Promise<EchoUpgrade> {
  const { wait, refuse, close } = readEchoOptions(new URL(request.url).searchParams);
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  if (refuse !== undefined) throw new UpgradeError("Refused, as the query asks", refuse);
  const [protocol = ""] = (request.headers.get("sec-websocket-protocol") ?? "").split(",")
    .map((name) => name.trim()).filter(isToken);
  const protocols = protocol === "" ? [] : [protocol];
  const upgraded = upgrade(request, { protocols, binaryType: "arraybuffer", origins: "*" });
  const { socket } = upgraded;
  const observer = follow?.(socket);
  socket.addEventListener("message", ({ data }) => {
    observer?.received(data);
    observer?.sent(data); // before the client has it, who may look for it
    socket.send(data);
  });
  if (close !== undefined) {
    const { after, code, reason } = close;
    socket.addEventListener("open", () => {
      const timer = setTimeout(() => socket.close(code, reason), after);
      socket.addEventListener("close", () => clearTimeout(timer));
    });
  }
  return { ...upgraded, protocol };
}
