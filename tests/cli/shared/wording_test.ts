// Texts that several commands print: failures, times, and words of a peer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { duration } from "../../../src/cli/shared/duration.ts";
import { failureReason } from "../../../src/cli/shared/failure_reason.ts";
import { printable, quote } from "../../../src/cli/shared/printable.ts";

test("printable() leaves nothing that a terminal executes, and what people write as it is", () => {
  const text = "tab\tline\né 日本 👨\u200d👩 שלום";
  assert.equal(printable(text), text);
  assert.equal(
    printable("\x1b[2J\r\x07\x9b\u202e\u2028"),
    "\\u001b[2J\\u000d\\u0007\\u009b\\u202e\\u2028",
  );
  assert.equal(quote('a"\n\u202e'), '"a\\"\\n\\u202e"');
});

test("failureReason() has words for what systems and runtimes say", () => {
  const failure = (cause: object): unknown =>
    new Error("It failed", { cause: Object.assign(new Error("as the runtime says"), cause) });
  assert.equal(
    failureReason(failure({ status: 503 })),
    "the server answered 503 Service Unavailable",
  );
  assert.equal(failureReason(failure({ status: 599 })), "the server answered 599");
  assert.equal(
    failureReason(failure({ code: "ECONNRESET" })),
    "the connection was cut (ECONNRESET)",
  );
  assert.match(
    failureReason(failure({ code: "CERT_HAS_EXPIRED" })),
    /not to be trusted \(CERT_HAS_EXPIRED\)/,
  );
  assert.match(failureReason(failure({ code: "HPE_INVALID_CONSTANT" })), /not HTTP .+HPE_INVALID/);
  assert.match(failureReason(failure({ code: "HPE_HEADER_OVERFLOW" })), /headers .+ too long/);
  assert.equal(failureReason(failure({ code: "EOTHER" })), "as the runtime says");
  assert.equal(failureReason(new Error("The connection was lost: why")), "why");
  assert.equal(failureReason(new DOMException("late", "TimeoutError")), "no answer came in time");
  for (const nothing of [undefined, new Error(""), new Error("The connection was lost")]) {
    assert.equal(failureReason(nothing), "the runtime does not say why");
  }
});

test("duration() takes the unit that fits", () => {
  const times = [0, 0.0004, 0.9, 1, 9.999, 12.34, 123.4, 999.6, 1000, 65_000];
  const shown = ["0 µs", "0 µs", "900 µs", "1.00 ms", "10.00 ms", "12.3 ms", "123 ms", "1000 ms"];
  assert.deepEqual(times.map(duration), [...shown, "1.00 s", "65.0 s"]);
});
