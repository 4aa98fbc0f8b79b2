/** A seeded fuzzer: conversations and frames, right and wrong, cut anywhere. @module */

import { Buffer } from "node:buffer";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { CLOSE, FrameScanner } from "./frames.ts";
import { type ConnectionPlan, type FuzzMessage, MANNERS, planConnection } from "./fuzz_plan.ts";
import { attacked, type Subject } from "./subject.ts";
import { figure, type Scenario, type Trial } from "./trial.ts";
import { openTcp, reset } from "./load_client.ts";

const CONNECTIONS = 200_000;
/** Number of concurrent connections. */
const TOGETHER = 100;
/** Number of local addresses of the clients: each has ports for some ten thousand connections. */
const ADDRESSES = 32;
/** Milliseconds after which a connection counts as hanging. */
const LONGEST = 20_000;
/** Time limits of the server, in milliseconds. */
const TIMEOUT = 2000;

/** Reads the answer and the messages of a server to a correct client. */
class EchoReader {
  readonly messages: FuzzMessage[] = [];
  #head = "";
  #isOpen = false;
  #isOver = false;
  #wake: (() => void) | undefined;
  readonly #frames = new FrameScanner((opcode, payload) => {
    if (opcode < CLOSE) this.messages.push({ opcode, payload: Buffer.from(payload) });
  });

  read(chunk: Buffer): void {
    if (this.#isOpen) this.#frames.read(chunk);
    else {
      this.#head += chunk.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      this.#isOpen = end >= 0;
      const rest = this.#head.length - end - 4;
      if (this.#isOpen && rest > 0) this.#frames.read(chunk.subarray(chunk.length - rest));
    }
    this.#wake?.();
  }

  /** Waits until the server has answered and sent a number of messages, or the connection has ended. */
  async heard(count: number): Promise<void> {
    while (!this.#isOver && !(this.#isOpen && this.messages.length >= count)) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Status line of the answer. */
  get status(): string {
    return this.#head.split("\r\n", 1)[0]!;
  }

  /** Ends the reading: the connection is closed. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }
}

/** Failure of a client that has sent FIN, and has got no answer. */
const UNANSWERED = "hangs without an answer";

/** Maximum share of all connections that Deno may leave unanswered: some 2 of 1000 are. */
const UNANSWERED_SHARE = 0.01;

/** Plays a plan. Resolves with the failure, if there is one. */
async function play(it: ConnectionPlan, port: number, index: number): Promise<string | undefined> {
  const { pieces, last, ending, echoes } = it;
  const stream = openTcp({ port, localAddress: `127.0.0.${30 + index % ADDRESSES}` });
  let failure: string | undefined;
  stream.on("error", ({ code }: NodeJS.ErrnoException) => failure = code);
  const reader = new EchoReader();
  let hasAnswer = false;
  stream.on("data", (chunk: Buffer) => {
    hasAnswer = true;
    if (echoes !== undefined) reader.read(chunk);
  });
  const closed = new Promise<void>((resolve) => stream.on("close", () => resolve()));
  const ended = (): void => reader.end();
  closed.then(ended, ended);
  for (const [i, piece] of pieces.entries()) {
    if (stream.writable) stream.write(piece);
    if (echoes !== undefined && i === 0) await reader.heard(0);
    else await turn();
  }
  if (last !== undefined) {
    await reader.heard(echoes!.length);
    stream.write(last);
  }
  if (ending === "end") stream.end();
  else if (ending === "reset") reset(stream);
  else if (ending === "destroy") stream.destroy();
  const late = new AbortController();
  const hangs = wait(LONGEST, true, { signal: late.signal }).catch(() => false);
  const hung = await Promise.race([closed, hangs]);
  late.abort();
  stream.destroy();
  if (hung) return hasAnswer || ending !== "end" ? "hangs" : UNANSWERED;
  if (echoes === undefined) return undefined;
  const { messages, status } = reader;
  const same = (last === undefined || messages.length === echoes.length) &&
    messages.every(({ opcode, payload }, i) =>
      opcode === echoes[i]?.opcode && payload.equals(echoes[i].payload)
    );
  if (same) return undefined;
  return `${messages.length} messages came back of ${echoes.length}, after ${failure ?? status}`;
}

async function fuzzed(trial: Trial, subject: Subject): Promise<void> {
  const end = performance.now() + trial.time(1800, 20);
  const { seed } = trial;
  // Deno leaves a client without an answer that sends FIN before it is answered: most of them if the
  // handler is asynchronous, some of them if FIN arrives in the instant of the upgrade.
  const hangs = trial.runtime === "deno" && trial.engine === "native";
  let unanswered = 0;
  const manners = MANNERS.filter((it) => it !== "late" || !hangs);
  const { port } = subject;
  const kinds = new Map<string, number>();
  const wrong: string[] = [];
  let begun = 0;
  const goOn = async (): Promise<void> => {
    while (begun < CONNECTIONS && performance.now() < end && subject.ended === undefined) {
      const index = begun++;
      if (index % 1000 === 0) trial.progress(`${figure(index)} connections, seed ${seed}`);
      const it = planConnection(seed, index, port, manners);
      kinds.set(it.kind, (kinds.get(it.kind) ?? 0) + 1);
      const how = await play(it, port, index);
      if (how === UNANSWERED && hangs) unanswered++;
      else if (how !== undefined) wrong.push(`${it.kind} ${it.path} ${it.ending}: ${how}`);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, goOn));
  const counts = [...kinds].map(([kind, count]) => `${figure(count)} ${kind}`).sort().join(", ");
  const first = wrong.slice(0, 5).map((it) => `; ${it}`).join("");
  trial.found(
    `fuzz: ${figure(begun)} connections, seed ${seed}`,
    "none hangs, and the valid ones get their echoes",
    `${counts}; ${wrong.length} wrong${first}${unanswered > 0 ? `; ${unanswered} of Deno's` : ""}`,
    wrong.length === 0 && unanswered <= begun * UNANSWERED_SHARE,
  );
}

export const fuzz: Scenario = {
  about: "200,000 connections of frames, right and wrong, cut anywhere",
  connections: TOGETHER,

  run: (trial) =>
    attacked(
      trial,
      {
        file: "fuzzed.ts",
        options: { closeTimeout: TIMEOUT, handshakeTimeout: TIMEOUT },
        expectsErrors: true,
      },
      (subject) => fuzzed(trial, subject),
    ),
};
