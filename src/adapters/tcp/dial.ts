/** Clients over TCP or TLS: a handshake by `node:http`, then a link of our own. @module */

import { systemClock } from "../../core/clock.ts";
import { authorized } from "../../core/credentials.ts";
import type { DialRequest } from "../../core/dial.ts";
import type { StartConnection } from "../../core/link.ts";
import { queueTask } from "../../core/task.ts";
import type { Compression } from "../../handshake/compression.ts";
import { offerDeflate, readDeflateAnswer } from "../../handshake/deflate_offer.ts";
import { type OpenStream, shakeHands } from "./client_handshake.ts";
import { createDeflation } from "./deflate.ts";
import { clientFraming } from "./framing.ts";
import { TcpLink, type TcpLinkOptions } from "./tcp_link.ts";

/**
 * Returns the function that begins a connection over TCP.
 *
 * @param compression Compression to offer; `undefined` for none.
 * @param openStream Opens its stream; `undefined` for a direct one.
 */
export function dial(
  call: DialRequest,
  compression: Compression | undefined,
  openStream?: OpenStream,
): StartConnection {
  const { maxPayload, closeTimeout, clock = systemClock, ...request } = authorized(call);
  const options: TcpLinkOptions = {
    role: "client",
    maxPayload,
    closeTimeout,
    clock,
    onError() {}, // the socket's error event has it
  };
  const offer = compression && offerDeflate(compression);
  return (events) =>
    shakeHands({ ...request, clock, extensions: offer, openStream }, {
      accepted(stream, head, { protocol, extensions }) {
        const terms = readDeflateAnswer(extensions, compression);
        if (typeof terms === "string") throw new Error(terms); // RFC 6455, 4.1
        const deflation = terms &&
          createDeflation("client", terms, (outcome) => link.inflated(outcome));
        const framing = clientFraming(
          deflation && { deflater: deflation.deflater, threshold: compression!.threshold },
        );
        const link = new TcpLink(stream, events, options, framing, deflation?.inflater);
        events.opened(link, protocol, extensions ?? "");
        // What came with the answer is read behind the task of `open`: so its listeners can answer
        // messages before a Close frame or a breach behind them ends that.
        queueTask(() => link.start(head));
      },
      failed: (error) => events.failed(error),
    });
}
