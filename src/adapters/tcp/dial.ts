/** Clients over TCP or TLS: a handshake by `node:http`, then a link of our own. @module */

import { systemClock } from "../../core/clock.ts";
import { authorized } from "../../core/credentials.ts";
import type { DialRequest } from "../../core/dial.ts";
import type { StartConnection } from "../../core/link.ts";
import type { Compression } from "../../handshake/compression.ts";
import { shakeHands } from "./client_handshake.ts";
import { clientFraming } from "./framing.ts";
import { checkExtensions } from "./server_answer.ts";
import { TcpLink, type TcpLinkOptions } from "./tcp_link.ts";

/**
 * Returns the function that begins a connection over TCP.
 *
 * @param compression Compression to offer; `undefined` for none.
 */
export function dial(call: DialRequest, _compression?: Compression): StartConnection {
  const { maxPayload, closeTimeout, clock = systemClock, ...request } = authorized(call);
  const options: TcpLinkOptions = {
    role: "client",
    maxPayload,
    closeTimeout,
    clock,
    onError() {}, // the socket's error event has it
  };
  return (events) =>
    shakeHands({ ...request, clock, extensions: undefined }, {
      accepted(stream, head, { protocol, extensions }) {
        checkExtensions(extensions);
        const link = new TcpLink(stream, events, options, clientFraming());
        events.opened(link, protocol, extensions ?? "");
        link.start(head);
      },
      failed: (error) => events.failed(error),
    });
}
