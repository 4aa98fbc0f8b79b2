/** Completes opening handshakes with a server of the `ws` package. @module */

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import { WebSocketServer } from "ws";
import { chooseDeflate, type Compression } from "../../handshake/compression.ts";
import type { Acceptance, UpgradeContext } from "../../server/handler.ts";
import { WsLink } from "../ws/link.ts";
import { closeTimeoutOf, INFLATE_OPTIONS, limitOptions } from "../ws/options.ts";
import { type Ws, WsServerSocket } from "../ws/socket.ts";

/** The part of a `ws` server that is used here. */
interface Server {
  on(event: "headers", listener: (lines: string[], incoming: IncomingMessage) => void): void;
  handleUpgrade(
    incoming: IncomingMessage,
    stream: TcpSocket,
    head: Buffer,
    opened: (ws: Ws & { link?: WsLink }) => void,
  ): void;
}

/** Upgrades connections that Node has handed over. */
export class WsServer {
  readonly #server: Server;
  readonly #compression: Compression | undefined;
  /** Additional headers of the answer to a handshake, which `ws` has no argument for. */
  readonly #headers: WeakMap<IncomingMessage, Headers> = new WeakMap();

  constructor({ options: { closeTimeout }, limits, compression }: UpgradeContext) {
    if (compression?.contextTakeover) {
      throw new DOMException(
        "Cannot compress with contextTakeover by the ws package: each message is compressed by itself",
        "NotSupportedError",
      );
    }
    this.#compression = compression;
    this.#server = new WebSocketServer({
      noServer: true,
      WebSocket: WsServerSocket,
      clientTracking: false,
      ...limitOptions(limits.maxPayload),
      // The link decides which messages are compressed.
      perMessageDeflate: compression && { threshold: 0, zlibInflateOptions: INFLATE_OPTIONS },
      closeTimeout: closeTimeoutOf(closeTimeout), // for a peer that has closed, and keeps TCP open
    });
    this.#server.on("headers", (lines, incoming) => {
      for (const [name, value] of this.#headers.get(incoming) ?? []) {
        lines.push(`${name}: ${value}`);
      }
    });
  }

  /**
   * Sends the 101, and reports the open link.
   *
   * @param head First bytes behind the request.
   * @returns `false` if the client has left.
   */
  accept(
    incoming: IncomingMessage,
    stream: TcpSocket,
    head: Buffer,
    { events, protocol, headers }: Acceptance,
  ): undefined | false {
    if (protocol !== "") headers.set("sec-websocket-protocol", protocol);
    this.#headers.set(incoming, headers);
    const compression = this.#compression;
    // Both are checked already, and ws accepts fewer of their forms than HTTP does.
    incoming.headers.upgrade = "websocket";
    delete incoming.headers["sec-websocket-protocol"];
    // ws agrees to the first offer as it stands, and answers 400 if it cannot read another one.
    const deflating = compression &&
      chooseDeflate(incoming.headers["sec-websocket-extensions"], compression);
    if (deflating === undefined) delete incoming.headers["sec-websocket-extensions"];
    else incoming.headers["sec-websocket-extensions"] = deflating.answer;
    let opened = false;
    try {
      this.#server.handleUpgrade(incoming, stream, head, (ws) => {
        opened = true;
        const threshold = deflating === undefined ? Infinity : compression!.threshold;
        const link = new WsLink(ws, events, stream, threshold, deflating?.serverWindowBits);
        ws.link = link;
        events.opened(link, protocol, deflating?.answer ?? "");
      });
    } catch (error) {
      if (opened) stream.destroy(); // behind a 101, there is no other answer
      throw error;
    }
    return opened ? undefined : false;
  }
}
