/** A server that sends its clients more than some of them read. It echoes too. @module */

import { Buffer } from "node:buffer";
import { setTimeout as wait } from "node:timers/promises";
import { serve, type ServerSocket, upgrade } from "../../../mod.ts";
import { attend, onError, options, witness } from "./attend.ts";

/** What it is asked to send. */
export interface Flood {
  /** To a topic, or to one after the other. */
  readonly how: "publish" | "send";
  /** Bytes of each message: the first four are its number. */
  readonly size: number;
  /** How many messages there are at most. */
  readonly messages: number;
  /** ms: how long it goes on at most. */
  readonly time: number;
}

/** What it tells of it. */
export interface Flooded {
  /** Messages that were sent. */
  readonly messages: number;
  /** Messages that `send()` would not take from a socket that is to wait. */
  readonly waited: number;
}

/** Bytes that may wait for a reader before the publisher waits too: readers lose nothing. */
const READERS = 64 * 1024;
/** ms: for how long it sends before others have their turn. */
const TURN = 10;

const readers = new Set<ServerSocket>();
const deaf = new Set<ServerSocket>();

const server = await serve({ ...options, onError }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  const { pathname } = new URL(request.url);
  witness.watch(socket, `${pathname}: `);
  if (pathname === "/") socket.onmessage = (event) => socket.send(event.data);
  else {
    const group = pathname === "/reader" ? readers : deaf;
    socket.subscribe("flood");
    socket.onopen = () => void group.add(socket);
    socket.onclose = () => void group.delete(socket);
  }
  return response;
});

async function flood({ how, size, messages, time }: Flood): Promise<Flooded> {
  const end = performance.now() + time;
  const data = Buffer.alloc(size, "flood");
  let sent = 0;
  let waited = 0;
  while (sent < messages && performance.now() < end) {
    const turn = performance.now() + TURN;
    while (sent < messages && performance.now() < turn) {
      data.writeUInt32BE(sent++);
      if (how === "publish") server.publish("flood", data);
      else {
        for (const socket of [...readers, ...deaf]) {
          try {
            socket.send(data);
          } catch (error) {
            if ((error as Error).name !== "QuotaExceededError") throw error;
            waited++;
          }
        }
      }
      if ([...readers].some((it) => it.bufferedAmount > READERS)) break;
    }
    do await wait(1); while ([...readers].some((it) => it.bufferedAmount > READERS));
  }
  return { messages: sent, waited };
}

attend(server, (question) => question.how && flood(question as unknown as Flood));
