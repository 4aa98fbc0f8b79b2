/** Waits for a client, for `connect --listen`. @module */

import { serveFollowed } from "../../portable/serve.ts";
import type { Server } from "../../server/server.ts";
import type { ServerSocket } from "../../server/server_socket.ts";
import { upgrade } from "../../server/upgrade.ts";
import { checkOrigins } from "../../handshake/origin.ts";
import { UpgradeError } from "../../handshake/upgrade_error.ts";
import { FailedError, UsageError } from "../shared/command_line.ts";
import { systemReason } from "../shared/failure_reason.ts";
import type { Identity } from "../shared/private_key.ts";
import { quote } from "../shared/printable.ts";
import { Pinger } from "./pinger.ts";
import type { Screen } from "./screen.ts";
import type { Line } from "./session.ts";

/** Where a server listens. */
export type Where =
  | { readonly hostname: string; readonly port: number }
  | { readonly unix: string };

/** Options for {@linkcode waitForClient}. */
export interface ListenOptions {
  /** Where to listen. */
  readonly where: Where;
  /** Subprotocols that are agreed on; if empty, the first that the client offers. */
  readonly protocols: readonly string[];
  /** Further headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Origins of pages that may connect. */
  readonly origins: readonly string[];
  /** Certificate and key, for `wss:`. */
  readonly tls: Identity | undefined;
}

/** Maximum size of a message: 64 MiB, as that of a client. */
const MAX_PAYLOAD = 64 * 1024 * 1024;

/** ms: time limit for the client's answer to a Close frame. */
const CLOSE_TIMEOUT = 3000;

/**
 * Parses where to listen: a port, a host and a port, or the path of a unix socket, which has a slash.
 *
 * @throws {UsageError} If it is none of them.
 */
export function parseWhere(text: string, usage: string): Where {
  if (text.includes("/")) return { unix: text };
  const [, hostname = "127.0.0.1", digits] = /^(?:(\[[^\]]+\]|[^:]+):|:)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (port <= 65535) return { hostname, port };
  throw new UsageError(
    `Cannot listen on ${text}: it must be a port, a host and a port, or the path of a unix socket`,
    usage,
  );
}

/**
 * Checks the origins of the pages that may connect.
 *
 * @throws {UsageError} If one is none.
 */
export function parseOrigins(origins: readonly string[], usage: string): readonly string[] {
  try {
    checkOrigins(origins);
    return origins;
  } catch (error) {
    throw new UsageError((error as Error).message, usage);
  }
}

/**
 * Listens, and waits for a client. Others are refused from then on.
 *
 * @param signal Ends the wait.
 * @returns The connection of the client, which is open; `undefined` if none has come.
 * @throws {FailedError} If nobody can listen there.
 */
export async function waitForClient(
  { where, protocols, headers, origins, tls }: ListenOptions,
  screen: Screen,
  signal: AbortSignal,
): Promise<Line | undefined> {
  const pinger = new Pinger();
  let taken: ServerSocket | undefined;
  let from = "";
  let come: (socket: ServerSocket | undefined) => void = () => {};
  const client = new Promise<ServerSocket | undefined>((resolve) => come = resolve);
  const options = {
    ...where,
    ...(tls && { tls }),
    engine: "tcp",
    maxPayload: MAX_PAYLOAD,
    closeTimeout: CLOSE_TIMEOUT,
    ...(origins.length > 0 && { origins: [...origins] }),
    // The client may be one that is being written: it is not dropped for what it does not do yet.
    heartbeat: 0,
    idleTimeout: 0,
    onError: (error: unknown) => screen.complain(`${(error as Error)?.message ?? error}`),
    onRefuse: false, // the screen has refusals
  } as const;
  const handler = (
    request: Request,
    { remoteAddress }: { remoteAddress: string | undefined },
  ): Response => {
    if (taken !== undefined) return busy();
    const { pathname, search } = new URL(request.url);
    const offered = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
    const first = offered[0]?.trim() ?? "";
    const agreed = protocols.length > 0 || first === "" ? protocols : [first];
    try {
      const { socket, response } = upgrade(request, {
        protocols: agreed,
        headers,
        binaryType: "arraybuffer",
      });
      taken = socket;
      from = `${remoteAddress ?? "a client"}, which asked for ${
        quote(pathname + search).slice(1, -1)
      }`;
      socket.addEventListener("open", () => come(socket));
      socket.addEventListener("close", () => taken = undefined);
      return response;
    } catch (error) {
      if (error instanceof UpgradeError) {
        const who = remoteAddress ?? "a client";
        const origin = request.headers.get("origin");
        const hint = error.status === 403 && origin !== null
          ? `: --allow-origin ${quote(origin).slice(1, -1)} lets its page in`
          : `: ${error.message}`;
        screen.status(`Refused ${who} with ${error.status}${hint}`);
      }
      throw error;
    }
  };
  let server: Server;
  try {
    server = await serveFollowed(options, handler, (events) => pinger.follow(events));
  } catch (error) {
    const { message } = error as Error;
    const why = message.startsWith("Cannot ") ? message : `Cannot listen: ${systemReason(error)}`;
    throw new FailedError(why, { cause: error });
  }
  const at = server.unix ?? server.url.replace(/^http/, "ws");
  screen.success(`Listening on ${at}`);
  signal.addEventListener("abort", () => come(undefined));
  if (signal.aborted) come(undefined);
  const socket = await client;
  const release = async (): Promise<void> => void await server.close({ deadline: 0 });
  if (socket !== undefined) return { socket, pinger, peer: "client", address: () => from, release };
  await release();
  return undefined;
}

function busy(): Response {
  return new Response("It speaks with another client\n", {
    status: 503,
    headers: { "retry-after": "10" },
  });
}
