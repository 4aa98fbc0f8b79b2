/** The socket classes of the `ws` package, as links use them. @module */

import type { Buffer } from "node:buffer";
import type { Socket as TcpSocket } from "node:net";
import { Sender, WebSocket } from "ws";
import type { Bytes } from "../../core/link.ts";
import { JoiningReceiver } from "./receiver.ts";

/** The part of an answer that refuses a handshake. */
export interface Refusal {
  readonly statusCode?: number;
  readonly headers: { readonly "retry-after"?: string | undefined };
}

/** The part of a `ws` socket that is used here. */
export interface Ws {
  readonly OPEN: number;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  readonly extensions: string;
  binaryType: "arraybuffer";
  send(data: string | Buffer, options: { compress: boolean }): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  ping(): void;
  pong(data: Bytes, mask: undefined, left: (() => void) | undefined): void;
  pause(): void;
  resume(): void;
  on(event: "ping" | "pong", listener: (data: Buffer) => void): void;
  on(event: "message", listener: (data: ArrayBuffer | Buffer, isBinary: boolean) => void): void;
  on(event: "close", listener: (code: number, reason: Buffer) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "open", listener: () => void): void;
  on(
    event: "unexpected-response",
    listener: (request: unknown, response: Refusal) => void,
  ): void;
  on(event: "upgrade", listener: (incoming: { readonly socket: TcpSocket | null }) => void): void;
}

/** Whether `ws` writes frames to the stream: what runs under its name on Bun does not. */
export const WRITES_FRAMES: boolean = typeof Sender.frame === "function";

/** Close codes (RFC 6455, 7.4.1). */
const POLICY_VIOLATION = 1008, TOO_BIG = 1009;

/** A server's `ws` socket, whose Close frames are sent after the frames of its link. */
export class WsServerSocket extends WebSocket {
  /** The link over it, once there is one. */
  link: { flush(): void } | undefined;
  /** Receives messages. */
  declare readonly _receiver: object | null;

  setSocket(...args: unknown[]): unknown {
    const done: unknown = super.setSocket(...args); // Bun's reports whether it did
    JoiningReceiver.replace(this._receiver);
    return done;
  }

  close(code?: number, reason?: string): void {
    this.link?.flush();
    // Links pass a reason. By itself, `ws` closes with 1008 for too many pieces of a frame.
    super.close(code === POLICY_VIOLATION && reason === undefined ? TOO_BIG : code, reason);
  }
}

/** A client's `ws` socket. */
class WsClientSocket extends WebSocket {
  declare readonly _receiver: object | null;

  setSocket(...args: unknown[]): unknown {
    const done: unknown = super.setSocket(...args); // Bun's reports whether it did
    JoiningReceiver.replace(this._receiver);
    return done;
  }
}

/** The class of a client's `ws` socket. */
export const WsClient = WsClientSocket as unknown as new (
  url: string,
  protocols: string[],
  options: object,
) => Ws;
