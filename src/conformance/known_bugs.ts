/**
 * Bugs of the wild that a case would have caught.
 *
 * An entry is a fact: whose bug it was, what happened, and where that is recorded. It was read
 * there, not tried; what the bug does follows from the record, and that the case provokes it.
 *
 * @module
 */

/** Cases, and the bugs that each of them would have caught. */
const BUGS: Readonly<Record<string, readonly string[]>> = {
  "4.4/refuses-version-7-and-names-13": [
    "python-websockets 10: the refusal names no version (tried)",
  ],
  "5.1/refuses-a-masked-close": [
    "Bun: takes the masking key for the code (github.com/oven-sh/bun/pull/35526)",
  ],
  "5.1/refuses-a-masked-text": [
    "web-socket-js: takes masked frames of a server (github.com/gimite/web-socket-js/issues/103)",
  ],
  "5.1/refuses-an-unmasked-text": [
    "ws up to 7.2.1: takes frames that are not masked (github.com/websockets/ws/pull/1681)",
    "WebSocket-Node 1.0.22: the same (github.com/theturtle32/WebSocket-Node/issues/226)",
    "websockify: the same (github.com/novnc/websockify/issues/164)",
    "TinyMUX: the same (github.com/brazilofmux/tinymux/issues/1081)",
  ],
  "5.2/refuses-a-binary-whose-length-has-the-top-bit-set-and-all-others": [
    "noPoll 0.4.8: a negative length ends the client (github.com/ASPLes/nopoll/issues/84)",
    "re, of baresip: the sum with the length of the key overflows (github.com/baresip/re/pull/1584)",
  ],
  "5.2/refuses-a-binary-whose-length-has-the-top-bit-set-and-nothing-else": [
    "CVE-2026-43678: SwiftNIO ends (github.com/apple/swift-nio/pull/3603)",
    "CVE-2026-27889: nats-server ends, before it knows who the client is",
    "nats.go: the same in the client (github.com/nats-io/nats.go/pull/2050)",
  ],
  "5.2/refuses-opcode-3": [
    "ASP.NET WebSockets, 2014: takes any opcode (github.com/aspnet/WebSockets/pull/21)",
  ],
  "5.2/refuses-rsv3-on-text": [
    "ASP.NET WebSockets, 2014: takes reserved bits (github.com/aspnet/WebSockets/pull/21)",
    "nats-server: the same (github.com/nats-io/nats-server/issues/8029)",
  ],
  "5.4/answers-a-ping-in-the-middle-of-a-message": [
    "embedded-websocket: appends the ping to the message " +
    "(github.com/ninjasource/embedded-websocket/issues/31)",
  ],
  "5.4/refuses-a-final-continuation-of-nothing": [
    "tetsuo-pulse: takes it, and checks no UTF-8 in it " +
    "(github.com/7etsuo/tetsuo-pulse/issues/3473)",
  ],
  "5.4/refuses-a-text-inside-a-text": [
    "TinyMUX: forgets the first message (github.com/brazilofmux/tinymux/issues/792)",
  ],
  "5.5/refuses-a-fragmented-ping": [
    "ASP.NET WebSockets, 2014: takes it (github.com/aspnet/WebSockets/issues/16)",
    "Kitura: takes it (github.com/Kitura/Kitura-WebSocket/pull/29)",
  ],
  "5.5/refuses-a-ping-of-126-bytes": [
    "CWIST: echoes it in a pong of the same length (github.com/c4punks/CWIST/issues/160)",
  ],
  "7.1.1/ends-tcp-after-the-closing-handshake": [
    "TinyMUX: reads on after its answer (github.com/brazilofmux/tinymux/issues/792)",
  ],
  "7692:7.1/gives-up-on-a-server-window-of-16-bits": [
    "CVE-2026-2229: undici before 7.24.0 takes the answer, and the process ends",
  ],
  "8.1/refuses-a-reason-that-is-not-utf-8": [
    "ASP.NET WebSockets, 2014: takes it (github.com/aspnet/WebSockets/pull/21)",
    "FreeUnit: takes it (github.com/freeunitorg/freeunit/issues/378)",
  ],
  "8.1/refuses-the-byte-fe": [
    "FreeUnit: checks no text (github.com/freeunitorg/freeunit/issues/378)",
  ],
};

/** Returns the public bugs that a case would have caught. */
export function bugsOf(id: string): readonly string[] {
  return Object.hasOwn(BUGS, id) ? BUGS[id]! : [];
}

/** Ids of the cases that name a bug. */
export const bugIds: readonly string[] = Object.keys(BUGS);
