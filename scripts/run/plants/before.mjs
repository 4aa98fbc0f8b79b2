import { test } from "node:test";

Promise.reject(new Error("planted"));

test("it is rejected before any test begins", () => {});
