/**
 * Rules that a runtime cannot keep, by harness and rule, with the reason. Each of these must be
 * broken: when a runtime keeps one, its test fails, and the entry is deleted.
 *
 * @module
 */

const CUT = "a peer that ends TCP instead of answering Close is 1006";
const TERMINATE = "terminate() is error, then close with 1006, and sends no Close frame";
const LINGERS = "the close of a peer that keeps TCP open is reported within closeTimeout";
const BOM = "a leading byte order mark belongs to the text";
const CODE_1014 = "1014 from a peer is reported";
const HEADERS = "headers of a client reach the server";
const USER_AGENT = "a client's user-agent is the one that it was given";
const BASIC = "a user and a password in a client's address are sent as Basic credentials, decoded";
const STATUS = "a client reports the status of the answer that refused it";
const PROOF = "a client fails if the server does not prove that it speaks WebSocket";

const TOO_LONG = "a server whose message has more than a client's maxPayload gets Close code 1009";

const DEEP = "code that awaits messages through other promises misses none of one packet";

const deno = {
  [DEEP]: "Deno leaves few microtasks between messages of one packet, and answers Close meanwhile",
  [CUT]: "Deno reports a cut connection as it does an empty Close frame: 1005, clean",
  [TERMINATE]: "Deno cannot cut a connection: the socket closes it with a Close frame",
  [CODE_1014]: "Deno treats 1014 as a code that must not be sent",
};

const denoClient = {
  ...deno,
  [USER_AGENT]: "Deno sends its own user-agent too, before the one that is given",
  [TOO_LONG]: "Deno's WebSocket sends no 1009 for a program: the Close frame is empty",
  [PROOF]: "Deno does not look at Sec-WebSocket-Accept",
};

const nodeClient = {
  [TERMINATE]: "Node's WebSocket cannot cut a connection: the socket closes it with a Close frame",
  [LINGERS]: "Node's WebSocket reports a Close frame only when TCP has ended: 1006 until then",
  [BOM]: "Node's WebSocket strips a byte order mark before a program sees it",
  [TOO_LONG]: "Node's WebSocket sends no 1009 for a program: the Close frame is empty",
  [STATUS]: "Node's WebSocket does not report why it failed",
};

const page = {
  [HEADERS]: "A page's WebSocket sends no headers of a program's: a NotSupportedError",
  [BASIC]: "A page's WebSocket sends no headers of a program's, nor the credentials in an address",
  [USER_AGENT]: "A page's WebSocket sends no headers of a program's: a NotSupportedError",
  [STATUS]: "A page does not learn why a connection failed: it could explore a network",
  [TOO_LONG]: "A page's WebSocket sends no 1009 for a program: the Close frame is empty",
  [TERMINATE]: "A page cannot cut a connection: the socket closes it with a Close frame",
};

const nodeSecureClient = {
  [STATUS]: nodeClient[STATUS],
  [TOO_LONG]: nodeClient[TOO_LONG],
};

const chromium = {
  ...page,
  "what comes after the peer's Close is not delivered":
    "Chromium treats a frame after Close as a broken connection: 1006, not the peer's code",
};

const firefox = {
  ...page,
  "a Close frame of one byte is 1006": "Firefox treats it as an empty one: 1005, clean",
  "1005, which stands for no code, is 1006 where a peer sends it":
    "Firefox reports it as it does an empty Close frame: 1005, clean",
};

/** Reasons, by harness and rule. */
export const deviations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "deno server": deno,
  "deno client": denoClient,
  "deno client over TLS": {
    [USER_AGENT]: denoClient[USER_AGENT],
    [TOO_LONG]: denoClient[TOO_LONG],
    [PROOF]: denoClient[PROOF],
    [STATUS]:
      "Deno tries again by HTTP/2 when a handshake over TLS fails, and reports only that attempt",
  },
  "bun server": {
    [CUT]: "Bun does not wait for the answer to Close: it reports the end at once",
    "a peer that never answers Close is 1006 after closeTimeout":
      "Bun does not wait for the answer to Close: it reports the end at once",
    "when the peer answers with another code, it is the peer's that counts":
      "Bun does not wait for the answer to Close, so it reports the code that was sent",
    "when both close at once, it is the peer's code that counts":
      "Bun does not wait for the answer to Close, so it reports the code that was sent",
  },
  "bun client": {
    [LINGERS]: "Bun's WebSocket reports a Close frame when TCP has ended, or after 36 seconds",
  },
  "chromium client": { ...chromium },
  "chromium client in full": chromium,
  "firefox client": { ...firefox },
  "firefox client in full": firefox,
  "node 22 client over TLS": nodeSecureClient,
  "node 24 client over TLS": nodeSecureClient,
  "node 26 client over TLS": nodeSecureClient,
  "node 22 client": nodeClient,
  "node 24 client": nodeClient,
  "node 26 client": nodeClient,
};
