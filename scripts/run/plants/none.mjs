import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

test("all that is rejected is handled", async () => {
  Promise.reject(new Error("planted")).catch(() => {});
  await wait(20);
});
