// A WebSocket server over HTTP/2 on node:http2, whose frames are right.

import {
  createSecureServer,
  createServer,
  type Http2Server,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import type { Faults } from "../faults.ts";
import { type Fields, refusalOf, Tunnel } from "../http2_gateway.ts";

/** Answers one request. */
function answer(stream: ServerHttp2Stream, fields: Fields, faults: Faults): void {
  stream.on("error", () => {});
  const refusal = refusalOf(fields);
  if (refusal !== 0) {
    stream.respond({ ":status": refusal }, { endStream: true });
    return;
  }
  const tunnel = new Tunnel(fields, faults, {
    answer: (status, answered) =>
      stream.destroyed || stream.respond({ ":status": status, ...answered }),
    data: (octets) => stream.destroyed || stream.write(octets),
    end: () => stream.end(),
  });
  stream.on("data", (octets: Uint8Array) => tunnel.write(octets));
  stream.on("end", () => tunnel.end());
  stream.on("close", () => tunnel.drop());
}

/** Starts the server on 127.0.0.1; returns its address and how to stop it. */
export async function serveHttp2(
  { faults = {}, tls, enableConnectProtocol = true }: {
    readonly faults?: Faults;
    readonly tls?: SecureServerOptions;
    readonly enableConnectProtocol?: boolean;
  } = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const settings = { enableConnectProtocol };
  const server: Http2Server = tls === undefined
    ? createServer({ settings })
    : createSecureServer({ ...tls, settings });
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, fields) => answer(stream, fields as unknown as Fields, faults));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "ws" : "wss"}://127.0.0.1:${port}/chat`,
    stop: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy();
      return closed;
    },
  };
}
