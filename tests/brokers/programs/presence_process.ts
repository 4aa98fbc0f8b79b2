/**
 * A process of an application whose one socket is present. It leaves and joins when it gets a line, and
 * prints when that was.
 *
 * @module
 */

import process from "node:process";
import { presence } from "@isosocket/isosocket/presence";
import { brokerOf } from "../engines.ts";
import { Servers } from "../servers.ts";

const [, , url, name] = process.argv;
const people = presence();
const { subscriber } = new Servers().serve({
  broker: brokerOf(url!, "presence:"),
  presence: people,
});
const { socket } = await subscriber();
let isThere = false;
function change(): void {
  if (isThere) people.leave(socket, "room");
  else people.join(socket, "room", name!, { pid: process.pid });
  isThere = !isThere;
  console.log(Date.now());
}
process.stdin.on("data", change);
change();
