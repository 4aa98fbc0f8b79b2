/** The `websocket` option of `Bun.serve`. @module */

import type { BunSocket } from "./bun_socket.ts";
import type { BunLink } from "./link.ts";
import { ABNORMAL } from "../../core/close_code.ts";
import { FULL_WINDOW } from "../../handshake/deflate_parameters.ts";
import type { UpgradeContext } from "../../server/handler.ts";

/** The `websocket` option of `Bun.serve`: limits, and functions for the events of a connection. */
export interface BunWebSocketHandlers {
  /** Number of buffered bytes from which on Bun drops messages silently: 0 for no limit. */
  readonly backpressureLimit: 0;
  /** Maximum number of bytes of a message. */
  readonly maxPayloadLength: number;
  /** Whether compression is negotiated; an object for context takeover in both directions. */
  readonly perMessageDeflate: boolean | { compress: "dedicated"; decompress: "dedicated" };
  /** Bun's own idle timeout: 0 for none, since sockets have a heartbeat of their own. */
  readonly idleTimeout: 0;
  /** Whether Bun sends Pings by itself: no. */
  readonly sendPings: false;
  /** Whether a socket receives its own publications: no, which is how `except` is left out. */
  readonly publishToSelf: false;
  /** Called when the connection is established. */
  open(socket: BunSocket): void;
  /** Called for each message. */
  message(socket: BunSocket, data: unknown): void;
  /** Called when buffered bytes have left. */
  drain(socket: BunSocket): void;
  /** Called for each Ping frame; Bun answers it. */
  ping(socket: BunSocket): void;
  /** Called for each Pong frame. */
  pong(socket: BunSocket): void;
  /** Called when the connection has ended. */
  close(socket: BunSocket, code: number, reason: string): void;
}

/**
 * The `websocket` option of `Bun.serve`, for any limits: Bun refuses messages of more than 16 MiB
 * before they are whole, and the sockets' own `maxPayload` is applied to whole messages. Nothing is
 * compressed. {@linkcode wrap} returns the one for its own options.
 */
export const websocket: BunWebSocketHandlers = {
  backpressureLimit: 0,
  maxPayloadLength: 16 * 1024 * 1024,
  perMessageDeflate: false,
  idleTimeout: 0,
  sendPings: false,
  publishToSelf: false,

  open(socket) {
    const link = socket.data as BunLink;
    socket.binaryType = "arraybuffer";
    link.socket = socket;
    link.events.opened(link, link.protocol, "");
  },

  message(socket, data) {
    (socket.data as BunLink).events.received(data as string | ArrayBuffer);
  },

  drain(socket) {
    (socket.data as BunLink).drained();
  },

  ping: heard,
  pong: heard,

  close(socket, code, reason) {
    const { events } = socket.data as BunLink;
    if (code !== ABNORMAL) events.closed(code, reason);
    else events.failed(reason === "" ? undefined : new Error(reason));
  },
};

function heard({ data }: BunSocket): void {
  (data as BunLink).events.heard();
}

/**
 * Returns the `websocket` option for the limits and the compression of a server.
 *
 * @throws {DOMException} `NotSupportedError` for `windowBits`: Bun's names for windows have a number of
 * bits and of bytes that do not fit each other.
 */
export function handlersFor({ limits, compression }: UpgradeContext): BunWebSocketHandlers {
  if (compression !== undefined && compression.windowBits !== FULL_WINDOW) {
    throw new DOMException(
      `Cannot compress with windowBits ${compression.windowBits} on Bun's own server: ` +
        'it must be 15, or engine "tcp"',
      "NotSupportedError",
    );
  }
  return {
    ...websocket,
    maxPayloadLength: limits.maxPayload,
    perMessageDeflate: compression?.contextTakeover
      ? { compress: "dedicated", decompress: "dedicated" }
      : compression !== undefined,
  };
}
