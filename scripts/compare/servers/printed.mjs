/** What the servers of a comparison print: a line of JSON for each thing that happened. @module */

import { EventEmitter } from "node:events";

/** Prints what happened. */
export function print(happened) {
  console.log(JSON.stringify(happened));
}

/** Returns what a socket is: the name of an interface that it has, or of its class. */
export function kindOf(socket) {
  if (socket instanceof EventTarget && "bufferedAmount" in socket) return "`WebSocket`";
  const names = [];
  for (let it = Object.getPrototypeOf(socket); it !== null; it = Object.getPrototypeOf(it)) {
    names.push(it.constructor.name);
  }
  if (names[0] === "WebSocket" && socket instanceof EventEmitter) return "emitter";
  if (names[0] === "Object" && "raw" in socket) return "`WSContext`"; // an interface there
  const [name] = names;
  return `\`${names.find((each) => each === "Peer") ?? name}\``;
}

/** Answers a message: `reject` makes a listener reject, and any other gets its length. */
export async function answer(data, send) {
  await Promise.resolve();
  if (data === "reject") throw new Error("a listener that rejects");
  const { length } = typeof data === "string" ? data : { length: data.byteLength };
  send(String(length));
}
