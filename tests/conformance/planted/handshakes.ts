/** Faults in the opening handshake. @module */

import { only, type Planted } from "./fault.ts";

/** Faults in the opening handshake. */
export const handshakes: Readonly<Record<string, Planted>> = {
  // As python-websockets 10.
  "does not say which version it speaks": {
    ...only({ response: (text) => text.replace("Sec-WebSocket-Version: 13\r\n", "") }),
    play: ["4.4/refuses-version-7", "4.4/refuses-version-99", "4.2.1/refuses-a-request-with-an"],
    fail: ["4.4/refuses-version-7-and-names-13", "4.4/refuses-version-99-and-names-13"],
    note: /Sec-WebSocket-Version: 13, got no such header/,
  },
  "computes Accept of a wrong key": {
    ...only({
      response: (text) =>
        text.includes("X-Odd") ? text : text.replace(/(Protocol: chat)/, "$1\r\nX-Odd: 1")
          .replace(/Accept: .(.*\r\nX-Odd|.*\r\n.*chat)/s, "Accept: _$1"),
    }),
    play: ["4.2.2/chooses-from-one", "4.2.2/answers-with"],
    fail: ["4.2.2/chooses-from-one-protocol-or-nothing"],
  },
  "takes a POST for a handshake": {
    ...only({ ignores: ["method"] }),
    play: ["4.2.1/refuses-the-method-post", "4.2.1/refuses-http-1.0"],
    fail: ["4.2.1/refuses-the-method-post"],
  },
  "greets every client": {
    ...only({ greets: true }),
    play: ["5.5.3/repeats-the"],
    fail: ["5.5.3/repeats-the-payload-of-the-ping"],
  },
};
