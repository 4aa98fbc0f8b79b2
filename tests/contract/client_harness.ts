/** Harness of clients: sockets of `connect()`, whose peer listens on a port. @module */

import type { ConnectOptions, Socket } from "@isosocket/isosocket";
import type { Connected, ConnectSettings, Harness } from "../../src/testing/contract/mod.ts";
import {
  acceptFor,
  type ByteStream,
  headerOf,
  readHead,
  WirePeer,
} from "../../src/testing/contract/raw_peer.ts";
import { encode, join, utf8 } from "../../src/testing/contract/frame.ts";

/** Port that accepts one connection. */
export interface ClientPort {
  /** Port number. */
  readonly port: number;
  /** Promise of the connection. */
  readonly accepted: Promise<ByteStream>;
  /** Stops listening. */
  close(): void;
}

/**
 * Makes a harness of clients.
 *
 * @param dialClient Connects: `connect()`, with an engine or a certificate as the harness needs.
 * @param listen Opens the port of one peer.
 */
export function clientHarness(
  name: string,
  dialClient: (url: string, options?: ConnectOptions) => Socket,
  listen: () => Promise<ClientPort>,
  scheme: "ws" | "wss" = "ws",
): Harness {
  const connect = async (settings: ConnectSettings = {}): Promise<Connected> => {
    const port = await listen();
    const { offered = [], headers = {}, signal, binaryType, closeTimeout, maxPayload } = settings;
    const user = settings.userinfo === undefined ? "" : `${settings.userinfo}@`;
    const socket = dialClient(`${scheme}://${user}127.0.0.1:${port.port}/`, {
      protocols: offered,
      headers,
      ...(signal === undefined ? {} : { signal }),
      ...(binaryType === undefined ? {} : { binaryType }),
      ...(closeTimeout === undefined ? {} : { closeTimeout }),
      ...(maxPayload === undefined ? {} : { maxPayload }),
    });
    settings.attach?.(socket);
    const wire = await port.accepted;
    port.close();
    const request = await readHead(wire);
    if (request === undefined) throw new Error("Cannot connect: the client sent no request");
    const key = headerOf(request.head, "sec-websocket-key") ?? "";
    const answered = settings.answered ?? null;
    const lines = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${await acceptFor(key)}`,
      ...(answered === null ? [] : [`Sec-WebSocket-Protocol: ${answered}`]),
    ];
    const right = lines.join("\r\n");
    const answer = settings.answer?.(request.head, right) ?? right;
    const early = (settings.early ?? []).map((frame) => encode(frame, false));
    await wire.write(join([utf8(`${answer}\r\n\r\n`), ...early]));
    return { socket, peer: new WirePeer(wire, false, request.rest) };
  };

  const dial = async (settings: Pick<ConnectSettings, "signal"> = {}): Promise<Socket> => {
    const port = await listen();
    port.accepted.then((wire) => setTimeout(() => void wire.reset(), 500));
    return dialClient(`${scheme}://127.0.0.1:${port.port}/`, settings);
  };

  return { name, role: "client", wired: true, connect, dial };
}
