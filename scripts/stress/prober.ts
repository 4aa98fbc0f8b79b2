/**
 * A process that asks, again and again, what a server takes for a fresh client: a new TCP
 * connection, a handshake, and one message there and back.
 *
 * @module
 */

import { setTimeout as wait } from "node:timers/promises";
import { answerQuestions } from "../processes/answering.ts";
import { TEXT } from "./frames.ts";
import { type Address, LoadClient } from "./load_client.ts";

/** ms: a probe that takes longer has failed. */
const LONGEST = 10_000;
/** ms: between one probe and the next. */
const PAUSE = 50;

/** What {@linkcode answerQuestions} tells of the probes since the last question. */
export interface Probed {
  /** How many there were. */
  readonly count: number;
  /** ms: the middle one. */
  readonly median: number;
  /** ms: the longest. One that failed counts as the limit. */
  readonly worst: number;
  /** What went wrong, at the first that failed. */
  readonly failure: string | undefined;
}

let address: Address;
const times: number[] = [];
let failure: string | undefined;
let isOn = false;
let going = Promise.resolve();

/** Keeps the first failure. */
function failed(error: Error): void {
  failure ??= error.message;
}

async function probe(at: Address): Promise<void> {
  const began = performance.now();
  const client = new LoadClient(at);
  const asked = async (): Promise<void> => {
    await client.opened;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.onmessage = (payload) => payload.toString() === "probe" ? resolve() : reject(payload);
    const why = new Error("The connection ended before the answer");
    client.ended.then(() => reject(why), reject);
    client.send(TEXT, "probe");
    await promise;
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${LONGEST} ms`)), LONGEST);
  });
  try {
    await Promise.race([asked(), late]);
    times.push(performance.now() - began);
    client.close().catch(failed);
  } catch (error) {
    failed(error as Error);
    times.push(LONGEST);
    client.reset();
  }
  clearTimeout(timer);
}

async function go(): Promise<void> {
  isOn = true;
  while (isOn) {
    await probe(address);
    await wait(PAUSE);
  }
}

async function stop(): Promise<void> {
  isOn = false;
  await going;
}

/** Begins at an address, pauses, goes on; or stops, and tells what it has found. */
answerQuestions("ready", async (question): Promise<Probed | true> => {
  if (question.begin !== undefined) address = question.begin as Address;
  else await stop();
  if (question.begin !== undefined || question.resume !== undefined) going = go();
  else if (question.pause === undefined) {
    times.sort((a, b) => a - b);
    const median = times[times.length >> 1] ?? 0;
    return { count: times.length, median, worst: times.at(-1) ?? LONGEST, failure };
  }
  return true;
});
