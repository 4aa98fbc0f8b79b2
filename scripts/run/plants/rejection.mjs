import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

test("a promise is rejected that nobody handles", async () => {
  Promise.reject(new Error("planted"));
  await wait(20);
});
