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

/** What else runs in a page, by what it is about. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  "a frame": "frame_realm.ts",
  "a frame's Blob": "frame_blob.ts",
};

/** What fails in a page, and why. */
export const FAILING: Readonly<Record<string, string>> = {};
