/** Promises whose rejection ends a process, and how the same is written well. @module */

import { EventEmitter } from "node:events";

const emitter = new EventEmitter();

async function work(): Promise<boolean> {
  return await Promise.reject(new Error("nobody hears this"));
}

function report(error: unknown): void {
  console.error(error);
}

interface Options {
  readonly onError: (error: unknown) => void;
}

function take(_: Options): void {}

export async function floating(): Promise<void> {
  work(); // found by @typescript-eslint/no-floating-promises
  void work(); // found by @typescript-eslint/no-floating-promises
  work().then(() => {}); // found by @typescript-eslint/no-floating-promises
  work().finally(() => {}); // found by @typescript-eslint/no-floating-promises
  [1, 2].map(work); // found by @typescript-eslint/no-floating-promises
  void (async () => await work())(); // found by @typescript-eslint/no-floating-promises
  emitter.on("end", () => void work()); // found by @typescript-eslint/no-floating-promises

  await work();
  work().catch(report);
  work().then(() => {}, report);
  await Promise.all([1, 2].map(work));
  emitter.on("end", () => {
    work().catch(report);
  });
}

export async function misused(): Promise<void> {
  emitter.on("request", async () => { // found by @typescript-eslint/no-misused-promises
    await work();
  });
  emitter.once("request", () => work()); // found by @typescript-eslint/no-misused-promises
  setTimeout(work, 1); // found by @typescript-eslint/no-misused-promises
  [1, 2].forEach(work); // found by @typescript-eslint/no-misused-promises
  take({ onError: work }); // found by @typescript-eslint/no-misused-promises
  if (!work()) return; // found by @typescript-eslint/no-misused-promises
  const failed = !work() ? 1 : 0; // found by @typescript-eslint/no-misused-promises
  const some = [1, 2].filter(work); // found by @typescript-eslint/no-misused-promises
  const rest = { ...work(), failed }; // found by @typescript-eslint/no-misused-promises

  emitter.on("request", () => {
    work().catch(report);
  });
  if (await work()) return;
  take({ onError: report });
  report([rest, some]);
}
