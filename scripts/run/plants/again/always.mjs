import { test } from "node:test";

test("it fails always", () => {
  throw new Error("planted");
});
