// Programs of what hostile targets and cases say: it stays data, whatever it contains.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { Case } from "../../../src/conformance/case.ts";
import { cases } from "../../../src/conformance/cases/mod.ts";
import { foundInWords } from "../../../src/conformance/repro/found.ts";
import { type Language, toProgram } from "../../../src/conformance/repro/program.ts";
import { failure, NASTY, run, UNSHOWN } from "../report/sample.ts";

/** What would end a comment, a literal or a line in one of the languages. */
const HOSTILE = [
  NASTY,
  '*/ globalThis.evil = 1; /* */ process.exit(7); // "',
  "\nprocess.exit(7)\n\rimport os; os._exit(7)\r\n",
  "\u2028process.exit(7)\u2029process.exit(7)\u0085\u000b\u000cos._exit(7)",
  "' + process.exit(7) + '\" + process.exit(7) + \"` + ${process.exit(7)} \\",
  '""" \nos._exit(7)\n""" \\N{BULLET} {os._exit(7)} %s \\x41 \\',
  "\ud83d\ude00 \udc00 \ud800 \ufeff <!-- --> </script> \u{10ffff}",
];

const test0 = cases.find(({ id }) => id === "5.5.3/lets-a-stray-pong-pass")!;

/** A case that says hostile things itself, as a caller of the library may make one. */
function hostileCase(text: string): Case {
  const [first, ...steps] = test0.steps;
  return {
    ...test0,
    id: `5.5/${text}`,
    requirement: text,
    autobahn: [text],
    steps: [
      { do: "request", headers: { "X-Odd": text.replaceAll(/[^\x20-\xff]/g, "?") } },
      { do: "expect-upgrade", protocol: text },
      first!,
      { do: "send", items: [{ opcode: 1, payload: text }] },
      { do: "either", ways: [{ verdict: "warn", note: text, steps: [] }] },
      ...steps,
    ],
  };
}

function programOf(text: string, language: Language): string {
  const found = failure(text, { expected: text, got: text, notes: [text] });
  return toProgram(hostileCase(text), language, {
    found: foundInWords([run([], { agent: text, target: text, started: text }), found]),
    headers: { "X-Key": text.replaceAll(/[^\x20-\xff]/g, "?") },
  });
}

for (const language of ["node", "python"] as const) {
  test(`programs for ${language} hold hostile text as text`, () => {
    for (const text of HOSTILE) {
      const program = programOf(text, language);
      assert.doesNotMatch(program, UNSHOWN);
      const comment = language === "node" ? "//" : "#";
      const [head] = program.split(`${comment}\n`, 1);
      for (const line of head!.trimEnd().split("\n")) assert.ok(line.startsWith(comment), line);
    }
  });

  const file = language === "node" ? process.execPath : "python3";
  const skip = process.versions.bun || process.versions.deno
    ? "its programs run on Node and Python"
    : spawnSync(file, ["--version"]).status !== 0;
  test(`programs for ${language} run no hostile text`, { skip }, async () => {
    const dir = await mkdtemp(join(tmpdir(), "repro-"));
    try {
      for (const [at, text] of HOSTILE.entries()) {
        const path = join(dir, language === "node" ? `${at}.mjs` : `${at}.py`);
        await writeFile(path, programOf(text, language));
        const env = { ...process.env, JUDGE_URL: "ws://127.0.0.1:1/" };
        const { status, stderr } = spawnSync(file, [path], { env, encoding: "utf8" });
        assert.match(stderr, /^Cannot connect to 127\.0\.0\.1:1/, text);
        assert.equal(status, 2, text);
      }
    } finally {
      await rm(dir, { recursive: true });
    }
  });
}
