/**
 * Looks at a server before the first case, and whenever it may have gone: does it echo, how long
 * does it take for an answer, and does it serve several connections at a time?
 *
 * @module
 */

import type { Target } from "./player/context.ts";
import { opens } from "./player/handshake_steps.ts";
import { measureLateness } from "./player/lateness.ts";
import { Peer } from "./player/peer.ts";
import { WireLog } from "./player/wire_log.ts";
import { close, text } from "./wire/frame.ts";
import { keyFor, writeRequest } from "./wire/handshake.ts";
import { connectFields } from "./wire/http2/connect_request.ts";
import { valueOf } from "./wire/head.ts";
import { CannotConnect } from "./wire/transport.ts";

/** Number of echoes that are timed one by one, and in one go. */
const ECHOES = 3;
const IN_ONE_GO = 20;

/** Milliseconds for which echoes in one go are timed. */
const LONG_ENOUGH = 500;

/** Milliseconds that a second connection waits for its answer while the first is open. */
const SECOND = 1000;

/** The server, as a look at it found it. */
export interface Look {
  /** Its Server header, if it has one. */
  readonly agent?: string;

  /** Reason why it cannot be judged; `null` if it can. */
  readonly complaint: string | null;

  /** Milliseconds that it takes for an echo. */
  readonly pace: number;

  /** Milliseconds that each echo costs, of many that are asked for in one go. */
  readonly cost: number;

  /** Whether it serves one connection only at a time. */
  readonly isLonely: boolean;
}

/** Opens a connection, has some messages echoed, and opens another beside it. */
export async function lookAt(target: Target): Promise<Look> {
  const endMeasuring = measureLateness();
  try {
    const first = await connected(target);
    if ("complaint" in first) return { ...first, pace: 0, cost: 0, isLonely: false };
    const { peer, agent } = first;
    try {
      const { complaint, pace, cost } = await timeEchoes(peer, target);
      const isLonely = complaint === null && peer.ended === undefined &&
        await isAlone(target, peer, pace);
      if (peer.ended === undefined) await peer.out.send([close(1000)]);
      return { ...(agent && { agent }), complaint, pace, cost, isLonely };
    } finally {
      peer.drop();
    }
  } finally {
    endMeasuring();
  }
}

/** Returns why a server does not open a new connection; `null` if it does. */
export async function complaintAbout(target: Target): Promise<string | null> {
  const found = await connected(target);
  if ("complaint" in found) return found.complaint;
  await found.peer.out.send([close(1000)]);
  found.peer.drop();
  return null;
}

/** Returns why no TCP connection can be opened; `null` if one can. */
export async function refusalOf(target: Target): Promise<CannotConnect | null> {
  try {
    (await target.open()).drop();
    return null;
  } catch (error) {
    if (error instanceof CannotConnect) return error;
    throw error;
  }
}

/** Opens a connection with a correct handshake. */
async function connected(
  target: Target,
): Promise<{ peer: Peer; agent?: string } | { agent?: string; complaint: string }> {
  const { host, timeout, signal } = target;
  let peer: Peer;
  try {
    peer = new Peer(await target.open(), new WireLog(), true, timeout);
  } catch (error) {
    if (error instanceof CannotConnect) return { complaint: error.message };
    throw error;
  }
  const drop = (): void => peer.drop();
  signal?.addEventListener("abort", drop, { once: true });
  const problem = await greet(peer, target);
  if (problem !== undefined) {
    drop();
    return { complaint: `Cannot judge ${host}: ${problem}` };
  }
  const head = await peer.head(timeout);
  signal?.removeEventListener("abort", drop);
  if (typeof head !== "object") {
    const why = head === undefined ? await silenceOf(peer, timeout) : `it answered with ${head}`;
    drop();
    return { complaint: `Cannot judge ${host}: ${why}` };
  }
  const name = valueOf(head, "server");
  const agent = name ? { agent: name } : {};
  if (!opens(head)) {
    drop();
    return { ...agent, complaint: `Cannot judge ${host}: it answered ${head.line.slice(0, 80)}` };
  }
  peer.switchToFrames();
  return { peer, ...agent };
}

/** Returns why no head came. */
async function silenceOf(peer: Peer, timeout: number): Promise<string> {
  const event = await peer.next(0);
  if (event.what === "violation") return `${event.note} (${event.section})`;
  if (event.what !== "end") return `no answer in ${timeout} ms`;
  return `it ended the connection${event.words === undefined ? "" : `: ${event.words}`}`;
}

/** Sends a correct request; returns why it cannot be sent, if so. */
async function greet(peer: Peer, target: Target): Promise<string | undefined> {
  const { host, headers = {}, timeout, scheme = "http" } = target;
  const values = { target: target.target, host, offer: "", headers };
  const { stream } = peer;
  if (stream === undefined) {
    await peer.out.raw(writeRequest({}, { ...values, key: keyFor("hello") }));
    return undefined;
  }
  const problem = await stream.connection.ready(timeout);
  if (problem === undefined) await stream.request(connectFields({}, { ...values, scheme }));
  return problem?.why;
}

/** Times some echoes. Whatever comes back, however wrong, is for the cases to judge. */
async function timeEchoes(
  peer: Peer,
  { host, timeout }: Target,
): Promise<Pick<Look, "complaint" | "pace" | "cost">> {
  const times: number[] = [];
  for (let count = 0; count < ECHOES && peer.ended === undefined; count++) {
    const begun = performance.now();
    await peer.out.send([text("hello")]);
    const { what } = await peer.next(timeout);
    if (what === "silence") {
      if (count > 0) break;
      return { complaint: `Cannot judge ${host}: it does not echo`, pace: 0, cost: 0 };
    }
    times.push(performance.now() - begun);
  }
  const pace = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  return { complaint: null, pace, cost: Math.min(pace, await timeMany(peer, pace)) };
}

/** Times echoes that are asked for in one go: a busy machine delays them together, not each. */
async function timeMany(peer: Peer, pace: number): Promise<number> {
  if (peer.ended !== undefined) return pace;
  const begun = performance.now();
  await peer.out.send(Array.from({ length: IN_ONE_GO }, () => text("hello")));
  let count = 0;
  while (count < IN_ONE_GO && performance.now() - begun < LONG_ENOUGH) {
    const { what } = await peer.next(LONG_ENOUGH);
    if (what !== "message") break;
    count++;
  }
  return count === 0 ? pace : (performance.now() - begun) / count;
}

/**
 * Whether a second connection is only served when the first has gone. 4.2.2 and 10.4 leave it to a
 * server how many it serves.
 */
async function isAlone(target: Target, first: Peer, pace: number): Promise<boolean> {
  const patience = Math.min(target.timeout, Math.max(SECOND, 20 * pace));
  const second = await connected({ ...target, timeout: patience });
  if ("peer" in second) {
    second.peer.drop();
    return false;
  }
  await first.out.send([close(1000)]);
  await first.next(patience);
  first.drop();
  const third = await connected(target);
  if (!("peer" in third)) return false;
  third.peer.drop();
  return true;
}
