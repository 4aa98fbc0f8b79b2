/**
 * The echo endpoint: what comes, goes back as it came. What else it should do, its client says in
 * the query of the URL.
 *
 * @module
 */

import { checkClose } from "../../core/close_code.ts";
import { isToken } from "../../handshake/header_grammar.ts";
import { UpgradeError } from "../../handshake/upgrade_error.ts";
import type { Socket } from "../../core/socket.ts";
import { upgrade, type Upgraded } from "../../server/upgrade.ts";
import type { TrafficObserver } from "./recording.ts";

/** What {@linkcode echo} gives. */
export interface Echo extends Upgraded {
  /** The subprotocol agreed on; `""` for none. */
  readonly protocol: string;
}

/** The longest time that a query may ask for, in milliseconds. */
const MAX_WAIT = 10_000;

/** What a client asks for beside the echo. */
export interface Wish {
  /** Milliseconds before the handshake is answered. */
  readonly wait: number;
  /** The status that the handshake is refused with. */
  readonly refuse: number | undefined;
  /** How the server closes by itself, and how many milliseconds after `open`. */
  readonly close:
    | { readonly after: number; readonly code: number | undefined; readonly reason: string }
    | undefined;
}

/**
 * Reads what a client asks for.
 *
 * @throws {UpgradeError} If that cannot be done: 400.
 */
export function readWish(query: URLSearchParams): Wish {
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
    close: closes ? { after: after ?? 0, ...checked(code, reason) } : undefined,
  };
}

function checked(code: number | undefined, reason: string | undefined): ReturnType<
  typeof checkClose
> {
  try {
    return checkClose("server", code, reason);
  } catch (error) {
    throw new UpgradeError((error as Error).message, 400);
  }
}

/**
 * Turns a request into a socket that echoes. The first subprotocol offered is agreed on.
 *
 * @param follow Told of the socket before anything happens to it.
 * @throws {UpgradeError} If the request is no handshake, or the client asked to be refused.
 */
export async function echo(
  request: Request,
  follow?: (socket: Socket) => TrafficObserver,
): Promise<Echo> {
  const { wait, refuse, close } = readWish(new URL(request.url).searchParams);
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  if (refuse !== undefined) throw new UpgradeError("Refused, as the query asks", refuse);
  const [protocol = ""] = (request.headers.get("sec-websocket-protocol") ?? "").split(",")
    .map((name) => name.trim()).filter(isToken);
  const protocols = protocol === "" ? [] : [protocol];
  const upgraded = upgrade(request, { protocols, binaryType: "arraybuffer", origins: "*" });
  const { socket } = upgraded;
  const witness = follow?.(socket);
  socket.addEventListener("message", ({ data }) => {
    witness?.received(data);
    socket.send(data);
    witness?.sent(data);
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
