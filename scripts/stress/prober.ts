/**
 * Process that measures repeatedly how long a server takes for a new client: a TCP connection, a
 * handshake, and one message with its echo.
 *
 * @module
 */

import { setTimeout as wait } from "node:timers/promises";
import { answerQuestions } from "../processes/answering.ts";
import { TEXT } from "./frames.ts";
import { type Address, LoadClient } from "./load_client.ts";

/** Milliseconds after which a probe has failed. */
const LONGEST = 10_000;
/** Milliseconds between two probes. */
const PAUSE = 50;

/** Result of the probes since the last question. */
export interface Probed {
  /** Number of probes. */
  readonly count: number;
  /** Median, in milliseconds. */
  readonly median: number;
  /** Maximum, in milliseconds. A failed probe counts as the limit. */
  readonly worst: number;
  /** Error of the first failed probe. */
  readonly failure: string | undefined;
}

let address: Address;
const times: number[] = [];
let failure: string | undefined;
let isOn = false;
let going = Promise.resolve();

/** Keeps the first error. */
function failed(error: Error): void {
  failure ??= error.message;
}

async function probe(at: Address): Promise<void> {
  const began = performance.now();
  const client = new LoadClient(at);
  const answered = async (): Promise<void> => {
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
    await Promise.race([answered(), late]);
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

/** Starts at an address, pauses, or resumes; otherwise stops, and answers with the result. */
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
