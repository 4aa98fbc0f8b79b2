/** Explanations that the inspector page shows: data for its script. @module */

/** Explanations of `readyState`, by its value. */
const states = [
  "The request is on its way. It is too early to send.",
  "Both sides may send at any time, without being asked.",
  "A Close frame is on its way, and not answered yet.",
  "It is over, or never began. To go on, make a new one.",
] as const;

/** Explanations of the headers of a handshake, by name. */
const headers: Readonly<Record<string, string>> = {
  "Upgrade": "away from HTTP, to this protocol",
  "Connection": "Upgrade is meant for this hop: no proxy is to pass it on",
  "Host": "the server that is meant, as in all of HTTP",
  "Origin": "the page that asks; a server can turn strangers away",
  "Sec-WebSocket-Key": "16 random bytes in base64, new each time; not a secret",
  "Sec-WebSocket-Version": "13 is the only one, since 2011",
  "Sec-WebSocket-Protocol": "subprotocols: a list is offered, one of it is chosen",
  "Sec-WebSocket-Extensions": "for instance compression, if both sides want it",
  "Sec-WebSocket-Accept":
    "SHA-1 of the key and a fixed text: proof that a WebSocket server answers",
};

/** Explanations of close codes, by code. */
const codes: Readonly<Record<string, string>> = {
  "1000": "normal: the work is done",
  "1001": "going away: the server stops, or the page is left",
  "1002": "protocol error",
  "1003": "this kind of data cannot be taken",
  "1005": "no code was in the Close frame; never sent itself",
  "1006": "the connection was lost without a Close frame; never sent itself",
  "1007": "text that is not UTF-8",
  "1008": "against the rules of the server",
  "1009": "the message is too big",
  "1010": "an extension is missing",
  "1011": "the server failed",
  "1012": "the server restarts",
  "1013": "too much to do: try again later",
  "1014": "a gateway got a bad answer",
};

/** Explanations that the page shows. */
export const explanations = { states, headers, codes } as const;

/** Type of {@linkcode explanations}. */
export type Explanations = typeof explanations;
