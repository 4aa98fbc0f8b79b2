// Whatever a program does to a socket in whichever order, it ends once, and no promise is lost.

import { FakeClock, pair, type Socket } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import type { Pair } from "@isosocket/isosocket/testing";
import { seeded } from "../../src/testing/memory/random.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";

const SEQUENCES = 400;
const MOST_STEPS = 10;

/** A Blob that is read when a test says so, or that cannot be. */
class LateBlob extends Blob {
  static waiting: (() => void)[] = [];
  readonly #end: "late" | "rejects" | "throws";

  constructor(end: "late" | "rejects" | "throws") {
    super([end]);
    this.#end = end;
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#end === "throws") throw new Error("It cannot be read at all");
    const bytes = super.arrayBuffer();
    return new Promise((resolve, reject) => {
      LateBlob.waiting.push(
        this.#end === "late"
          ? () => bytes.then(resolve, reject)
          : () => reject(new Error("It cannot be read")),
      );
    });
  }

  static release(): void {
    for (const it of LateBlob.waiting.splice(0)) it();
  }
}

type Step = (socket: Socket, made: Pair) => unknown;

/** Sends without a look at the state, as programs do. */
function send(socket: Socket, data: string | Blob | ArrayBuffer): void {
  if (socket.readyState !== 0) socket.send(data);
}

const STEPS: Readonly<Record<string, Step>> = {
  "send(text)": (socket) => send(socket, "text"),
  "send(blob)": (socket) => send(socket, new Blob(["at once"])),
  "send(late blob)": (socket) => send(socket, new LateBlob("late")),
  "send(blob that rejects)": (socket) => send(socket, new LateBlob("rejects")),
  "send(blob that throws)": (socket) => send(socket, new LateBlob("throws")),
  "send(more than maxPayload)": (socket) => send(socket, new ArrayBuffer(3000)),
  "publish(late blob)": (_, { hub }) => hub.publish("topic", new LateBlob("late")),
  "publish(blob that rejects)": (_, { hub }) => hub.publish("topic", new LateBlob("rejects")),
  "close()": (socket) => socket.close(),
  "close(code)": (socket) => socket.close(4001, "reason"),
  "terminate()": (socket) => socket.terminate(),
  "await using": (socket) => void socket[Symbol.asyncDispose](),
  "pause()": (socket) => socket.pause(),
  "resume()": (socket) => socket.resume(),
  "cut()": (_, made) => made.cut(),
  "stall()": (_, made) => made.stall(),
  "go on": (_, made) => made.resume(),
  "vanish()": (_, made) => made.vanish(),
  "a listener that throws": ({ constructor }, { server }) => {
    server.addEventListener("message", () => {
      throw new Error(`A listener of ${constructor.name}`);
    });
  },
  "blobs are read": () => LateBlob.release(),
  "a task": () => new Promise((resolve) => setTimeout(resolve, 0)),
  "writer.write()": (_, { server }) => {
    if (!server.writable.locked) void server.writable.getWriter().write("written");
  },
  "a loop": async (_, { server }) => {
    void (async () => {
      for await (const data of server) server.send(data);
    })();
    await undefined;
  },
};

/** Plays one sequence; returns what is wrong, and what was done. */
async function play(random: () => number): Promise<string[]> {
  const clock = new FakeClock();
  const overflow = (["close", "drop", "wait"] as const)[Math.floor(random() * 3)]!;
  const made = pair({ clock, overflow, maxBuffered: 4000, maxPayload: 2000, onError() {} });
  const sockets = [made.client, made.server];
  const logs = sockets.map((socket) => new EventLog(socket));
  made.server.subscribe("topic");
  const names = Object.keys(STEPS);
  const done: string[] = [overflow];
  if (random() < 0.9) await clock.advance(10);
  for (let steps = 1 + Math.floor(random() * MOST_STEPS); steps > 0; steps--) {
    const name = names[Math.floor(random() * names.length)]!;
    const at = Math.floor(random() * 2);
    done.push(`${["client", "server"][at]} ${name}`);
    try {
      const step = STEPS[name]!(sockets[at]!, made);
      if (name === "a task") await step;
    } catch (error) {
      if ((error as Error).name !== "QuotaExceededError") {
        throw new Error(done.join("; "), { cause: error });
      }
    }
  }
  LateBlob.release();
  await clock.advance(200_000);
  made.resume();
  for (const socket of sockets) {
    socket.resume();
    socket.terminate();
  }
  await clock.advance(1000);
  LateBlob.release();
  await clock.advance(200_000);
  const wrong = logs.flatMap(({ types }, i) => {
    const closes = types.filter((type) => type === "close").length;
    const isRight = closes === 1 && types.at(-1) === "close" && sockets[i]!.readyState === 3 &&
      types.filter((type) => type === "error").length <= 3;
    return isRight ? [] : [`${["client", "server"][i]} has ${types}`];
  });
  if (clock.timers.length > 0) wrong.push(`timers of ${clock.timers} ms are left`);
  return wrong.length > 0 ? [...wrong, ...done] : [];
}

test("whatever ends a socket, and in whichever order, is one close event", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.diagnostic(`${SEQUENCES} sequences, seed ${seed}`);
  const rejections: unknown[] = [];
  const remember = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", remember);
  try {
    const random = seeded(seed);
    for (let i = 0; i < SEQUENCES; i++) {
      const wrong = await play(random);
      await new Promise((resolve) => setTimeout(resolve, 0)); // unhandled rejections are told by now
      assert.deepEqual([wrong, rejections], [[], []], `sequence ${i} of seed ${seed}: ${wrong}`);
    }
  } finally {
    process.off("unhandledRejection", remember);
  }
});

for (const near of ["client", "server"] as const) {
  test(`send(blob), close() and terminate() at a ${near}, in each order`, async () => {
    const steps = ["send(late blob)", "close()", "terminate()"];
    for (const first of steps) {
      for (const second of steps) {
        for (const third of steps) {
          const clock = new FakeClock();
          const made = pair({ clock });
          const log = new EventLog(made[near]);
          await clock.advance(1);
          for (const step of [first, second, third]) STEPS[step]!(made[near], made);
          await clock.advance(1);
          LateBlob.release();
          await clock.advance(20_000);
          made[near].terminate();
          await clock.advance(20_000);
          assert.equal(log.types.filter((type) => type === "close").length, 1);
          assert.equal(log.types.at(-1), "close");
        }
      }
    }
  });
}
