// A case as a program: it fails for a server with a planted fault, and passes for correct ones. The
// programs run on Node and on Python, so this is tried by Node only. A share of the cases is tried
// with each commit; ISOSOCKET_SAMPLE=all node --test tests/conformance/repro/programs_test.ts tries all.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { isInShare } from "../../../scripts/run/sample.mjs";
import { serve, upgrade } from "../../../mod.ts";
import { cases } from "../../../src/conformance/cases/mod.ts";
import { type Language, toProgram } from "../../../src/conformance/repro/program.ts";
import { planted } from "../planted/mod.ts";
import { withPlanted } from "../planted_server.ts";

const isNode = !process.versions.bun && !process.versions.deno;
const LANGUAGES: readonly Language[] = ["node", "python"];
const EXECUTABLES = { node: process.execPath, python: "python3" } as const;

/** Reason why a language is not tried. */
function missing(language: Language): string | false {
  if (!isNode) return "its programs run on Node and Python";
  const { status } = spawnSync(EXECUTABLES[language], ["--version"]);
  return status === 0 ? false : `${EXECUTABLES[language]} is not installed`;
}

/** End of a program. */
interface Ended {
  readonly code: number;
  readonly out: string;
}

let count = 0;

/** Runs a program against a server. */
async function run(text: string, language: Language, url: string, ms = 3000): Promise<Ended> {
  const dir = await mkdtemp(join(tmpdir(), "repro-"));
  count++;
  try {
    const file = join(dir, language === "node" ? "repro.mjs" : "repro.py");
    await writeFile(file, text);
    const env = { ...process.env, JUDGE_URL: url, JUDGE_TIMEOUT: `${ms}`, NODE_TEST_CONTEXT: "" };
    return await new Promise((resolve) => {
      execFile(EXECUTABLES[language], [file], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr });
      });
    });
  } finally {
    await rm(dir, { recursive: true });
  }
}

function programOf(id: string, language: Language): string {
  return toProgram(cases.find((one) => one.id === id)!, language);
}

/** Runs work on items, two at a time. */
async function inPairs<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all([worker(), worker()]);
}

/** Faults that show only beside other connections. */
const NOT_ALONE = "crashes while two connections are open, but never alone";

/** Results of our own server that are not passes, which are committed. */
const KNOWN = new URL("../../expectations/isosocket-node-server.json", import.meta.url);

/** Number of shares of the cases, of which one is tried with each commit. */
const SHARES = 80;

for (const language of LANGUAGES) {
  const skip = missing(language);

  test(`programs for ${language} find each planted fault`, { timeout: 120_000, skip }, async () => {
    const faults = Object.entries(planted).filter(([name, { fail }]) =>
      name !== NOT_ALONE && fail.length > 0
    );
    await inPairs(faults, async ([name, fault]) => {
      const [id] = fault.fail;
      await withPlanted(fault, async ({ url }) => {
        const { code, out } = await run(programOf(id!, language), language, url, 400);
        assert.equal(code, 1, `${name}: ${id}: ${out}`);
        assert.match(out, /Fault|FAULT/, name);
      });
    });
    console.log(`${faults.length} faults, ${count} programs`);
  });

  test(`programs for ${language} pass for right servers`, { timeout: 900_000, skip }, async () => {
    const options = {
      onRefuse: () => {},
      port: 0,
      hostname: "127.0.0.1",
      maxPayload: 64 * 1024 * 1024,
      compression: true,
    };
    const server = await serve(options, (request) => {
      const { socket, response } = upgrade(request);
      socket.binaryType = "arraybuffer";
      socket.onmessage = (event) => socket.send(event.data);
      return response;
    });
    // What it does not pass as Node's own HTTP parser decides.
    const known = JSON.parse(await readFile(KNOWN, "utf8"));
    const judged = cases.filter(({ judges }) => judges.includes("server"));
    const chosen = judged.filter(({ id }) => isInShare(id, 0, SHARES));
    try {
      await withPlanted({}, async ({ url }) => {
        await inPairs(chosen, async ({ id }) => {
          const isKnown = Object.hasOwn(known, id) && !known[id].startsWith("skip");
          const ours = isKnown ? [] : [server.url.replace("http", "ws")];
          for (const one of [url, ...ours]) {
            const { code, out } = await run(programOf(id, language), language, one);
            assert.equal(code, 0, `${id}: ${one}: ${out}`);
          }
        });
      });
    } finally {
      await server.close();
    }
    console.log(`${chosen.length} of ${judged.length} cases`);
  });

  test(`programs for ${language} need an address that answers`, { skip }, async () => {
    const text = programOf("5.5.3/lets-a-stray-pong-pass", language);
    const gone = await run(text, language, "ws://127.0.0.1:1/");
    assert.equal(gone.code, 2, gone.out);
    assert.match(gone.out, /Cannot connect to 127\.0\.0\.1:1: /);
    const wrong = await run(text, language, "ftp://127.0.0.1/");
    assert.equal(wrong.code, 2, wrong.out);
    assert.match(wrong.out, /^Usage: /);
  });
}
