/**
 * A process of an application: it publishes a number every few milliseconds in one topic, and counts what
 * comes in another. It prints its accounts when it gets a line.
 *
 * @module
 */

import process from "node:process";
import { brokerOf } from "../engines.ts";
import { Servers } from "../servers.ts";

const [, , url, speaksIn, hears] = process.argv;
const { hub, subscriber } = new Servers().serve({ broker: brokerOf(url!, "processes:") });
const { messages } = await subscriber(hears!);
let sent = 0;
setInterval(() => hub.publish(speaksIn!, `${++sent}`), 3);
process.stdin.on("data", () => {
  const numbers = messages.map((it) => Number(`${it}`.split(" ", 1)));
  const { lost, received } = hub.stats().broker!;
  const inOrder = numbers.every((number, at) => at === 0 || number > numbers[at - 1]!);
  console.log(JSON.stringify({ lost, received, inOrder, first: numbers[0] ?? 0 }));
});
console.log("ready");
