/** Server that sends its clients more than some of them read; it also echoes. @module */

import { Buffer } from "node:buffer";
import { setTimeout as wait } from "node:timers/promises";
import { serve, type ServerSocket, upgrade } from "../../../mod.ts";
import { attend, monitor, onError, options } from "./attend.ts";

/** Messages to send. */
export interface Flood {
  /** Whether to publish to a topic, or to send to each socket. */
  readonly how: "publish" | "send";
  /** Number of bytes of each message, of which the first four are its number. */
  readonly size: number;
  /** Maximum number of messages. */
  readonly messages: number;
  /** Maximum length of the flood, in milliseconds. */
  readonly time: number;
}

/** Result of a flood. */
export interface Flooded {
  /** Number of messages that were sent. */
  readonly messages: number;
  /** Number of messages that `send()` refused, with overflow "wait". */
  readonly waited: number;
}

/** Bytes that may wait for a reader before the publisher waits, so that readers lose nothing. */
const READERS = 64 * 1024;
/** Milliseconds after which it yields to others. */
const TURN = 10;

const readers = new Set<ServerSocket>();
const unread = new Set<ServerSocket>();

const server = await serve({ ...options, onError }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  const { pathname } = new URL(request.url);
  monitor.watch(socket, `${pathname}: `);
  if (pathname === "/") socket.onmessage = (event) => socket.send(event.data);
  else {
    const group = pathname === "/reader" ? readers : unread;
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
        for (const socket of [...readers, ...unread]) {
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
