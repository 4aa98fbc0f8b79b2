import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

test("a callback throws", async () => {
  setTimeout(() => {
    throw new Error("planted");
  }, 1);
  await wait(20);
});
