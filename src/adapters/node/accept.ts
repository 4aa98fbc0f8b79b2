/** Completes opening handshakes on connections that Node has handed over. @module */

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import { systemClock } from "../../core/clock.ts";
import { chooseDeflate, type Compression } from "../../handshake/compression.ts";
import type { Acceptance, UpgradeContext } from "../../server/handler.ts";
import { acceptFor } from "../tcp/accept_key.ts";
import { createDeflation } from "../tcp/deflate.ts";
import { plainFraming, ServerFramings } from "../tcp/framing.ts";
import { TcpLink, type TcpLinkOptions } from "../tcp/tcp_link.ts";

/** Upgrades connections to links over the engine of our own. */
export class Acceptor {
  readonly #options: TcpLinkOptions;
  readonly #compression: Compression | undefined;
  readonly #framings: ServerFramings | undefined;

  /** Creates the acceptor of a server. */
  constructor({ options, limits, compression, onError }: UpgradeContext) {
    this.#compression = compression;
    this.#framings = compression && new ServerFramings(compression.threshold);
    this.#options = {
      role: "server",
      maxPayload: limits.maxPayload,
      closeTimeout: options.closeTimeout,
      clock: options.clock ?? systemClock,
      onError,
    };
  }

  /**
   * Sends the 101 response, and reports the open link.
   *
   * @param head First bytes behind the request.
   * @returns `false` if the client has left.
   */
  accept(
    { headers: { "sec-websocket-key": key, "sec-websocket-extensions": offers } }: IncomingMessage,
    stream: TcpSocket,
    head: Buffer,
    { events, protocol, headers }: Acceptance,
  ): undefined | false {
    if (!stream.readable || !stream.writable) {
      stream.destroy();
      return false;
    }
    const lines = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${acceptFor(key!)}`,
    ];
    if (protocol !== "") lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
    const compression = this.#compression;
    const deflating = compression && chooseDeflate(offers, compression);
    if (deflating !== undefined) lines.push(`Sec-WebSocket-Extensions: ${deflating.answer}`);
    for (const [name, value] of headers) lines.push(`${name}: ${value}`);
    stream.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    const deflation = deflating &&
      createDeflation("server", deflating, (outcome) => link.inflated(outcome));
    const framing = deflation ? this.#framings!.framingFor(deflation.deflater) : plainFraming;
    const link = new TcpLink(stream, events, this.#options, framing, deflation?.inflater);
    events.opened(link, protocol, deflating?.answer ?? "");
    link.start(head);
    return undefined;
  }
}
