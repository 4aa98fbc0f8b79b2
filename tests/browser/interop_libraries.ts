/** Libraries of tests/interop, by the names of their tests, and what comes of them in a page. @module */

/** The libraries whose tests run in a page. */
export const LIBRARIES: readonly string[] = [
  "capnweb",
  "centrifuge",
  "engine_io",
  "graphql_ws",
  "nats",
  "partysocket",
  "phoenix",
  "reconnecting_websocket",
  "rpc_websockets",
  "signalr",
  "stomp",
  "trpc",
  "viem",
  "y_websocket",
];

/** Those that do not, and why. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  mqtt: "aedes, the broker of its test, needs timers and streams of Node's",
};

/** Those that fail in a page, and why. */
export const FAILING: Readonly<Record<string, string>> = {
  partysocket: "it clones events by their constructor, and ours cannot be cloned so",
};
