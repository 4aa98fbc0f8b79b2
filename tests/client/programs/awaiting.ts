/**
 * Programs that await one event after another, over a class that its first argument names: what they
 * hear is printed.
 *
 * @module
 */

import { reconnect, WebSocket as portable } from "@isosocket/isosocket";
import { WebSocket as client } from "@isosocket/isosocket/client";
import { once } from "node:events";
import process from "node:process";

const [name = "", url = ""] = process.argv.slice(2);
const classes: { readonly [name: string]: typeof WebSocket } = {
  portable: portable as unknown as typeof WebSocket,
  client: client as unknown as typeof WebSocket,
};
const Class = classes[name]!;

process.on("unhandledRejection", (reason) => console.log("unhandled:", (reason as Error).message));

/** Awaits three messages, one after the other. */
async function hearThree(socket: EventTarget): Promise<unknown[]> {
  const heard: unknown[] = [];
  while (heard.length < 3) {
    const [{ data }] = await once(socket, "message");
    heard.push(data);
  }
  return heard;
}

/** Awaits `open`, then listens. */
async function greeted(): Promise<void> {
  const socket = new Class(`${url}greet`);
  await new Promise((resolve) => socket.onopen = resolve);
  const heard: unknown[] = [];
  await new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => {
      if (heard.push(data) === 3) resolve();
    };
  });
  console.log("greeted:", ...heard);
  socket.close();
}

/** The same by `once()`. */
async function greetedOnce(): Promise<void> {
  const socket = new Class(`${url}greet`);
  await once(socket, "open");
  console.log("greeted once:", ...await hearThree(socket));
  socket.close();
}

/** Awaits an answer in the `open` listener. */
async function loggedIn(): Promise<void> {
  const socket = new Class(`${url}login`);
  await new Promise<void>((resolve) => {
    socket.onopen = async () => {
      socket.send("login");
      const data = await new Promise((heard) => socket.onmessage = (event) => heard(event.data));
      console.log("logged in:", data);
      resolve();
    };
  });
  socket.close();
}

/** Rejects in the `open` listener. */
async function failed(): Promise<void> {
  const socket = new Class(`${url}login`);
  socket.onopen = () => Promise.reject(new Error("a bug in a listener"));
  await once(socket, "open");
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.close();
  await once(socket, "close");
}

/** Awaits one message after another, of a burst on a connection that has been open for a while. */
async function reconnecting(): Promise<void> {
  const socket = reconnect(`${url}burst`);
  await once(socket, "open");
  socket.send("go");
  console.log("reconnecting:", ...await hearThree(socket));
  socket.close();
}

/** Awaits the error, then the end. */
async function lost(): Promise<void> {
  const socket = new Class(`${url}refuse`);
  await new Promise((resolve) => socket.onerror = resolve);
  const { code } = await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  console.log("lost:", code);
}

/** The same across connections: at the final end, and before another attempt. */
async function lostAgain(): Promise<void> {
  const last = reconnect(`${url}refuse`, { until: () => true });
  await new Promise((resolve) => last.onerror = resolve);
  const [{ code }] = await once(last, "close");
  console.log("lost at last:", code);
  const socket = reconnect(`${url}refuse`, { until: () => false });
  await once(socket, "close");
  const [{ attempt }] = await once(socket, "waiting");
  console.log("waiting:", attempt);
}

const programs = [greeted, greetedOnce, loggedIn, failed, reconnecting, lost, lostAgain];
for (const program of programs) await program();
process.exit();
