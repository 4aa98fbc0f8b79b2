/**
 * Programs in JavaScript, for `node --test` and for `node`.
 *
 * @module
 */

import {
  type Dialect,
  escaped,
  groups,
  inLines,
  linesOf,
  METHOD_CALLS,
  NAMES_USED,
  needed,
  needsOf,
  type Option,
  packed,
  type ProgramParts,
  tidied,
  trimmed,
} from "../dialect.ts";
import { CONNECTION } from "./connection.ts";
import { EXPECTATIONS } from "./expectations.ts";
import { FUNCTIONS } from "./functions.ts";

/** Methods of the class `Peer`, by name. */
const METHODS = { ...CONNECTION, ...EXPECTATIONS };

const string = (text: string): string => escaped(text, '"', (code) => `\\u{${code.toString(16)}}`);

function value(option: Option): string {
  if (Array.isArray(option)) return `[${option.join(", ")}]`;
  return typeof option === "string" ? string(option) : `${option}`;
}

function object(options: Readonly<Record<string, Option>>): string[] {
  const fields = Object.entries(options).map(([name, option]) => `${name}: ${value(option)}`);
  return fields.length > 0 ? [`{ ${fields.join(", ")} }`] : [];
}

/** The language. */
export const node: Dialect = {
  comment: "//",
  hex: (octets) => `hex(${inLines(groups(octets), " +\n    ")})`,
  repeat: (unit, size) => `repeat(hex("${groups(unit)}"), ${size})`,
  unpack: (octets) => `unpack(${inLines(packed(octets), " +\n    ")})`,
  head: (text) => {
    return linesOf(text).map(string).join(" +\n    ");
  },
  value,
  list: (items) => `[${items.join(", ")}]`,
  call: (method, args, options = {}) =>
    `await peer.${method}(${[...args, ...object(options)].join(", ")});`,
  invoke: (name, args) => `${name}(${args.join(", ")})`,
  act: (name, args) => `await ${name}(${args.join(", ")});`,
  either: (ways) => [
    "await peer.either([",
    ...ways.flatMap(({ note, lines }) => [
      "  [async () => {",
      ...lines.map((line) => `    ${line}`),
      note === null ? "  }]," : `  }, ${string(note)}],`,
    ]),
    "]);",
  ],
  program,
};

function program(
  { id, about, accept, offers, protocols, strict, request, lines }: ProgramParts,
): string {
  const body = lines.map((line) => `  ${line}`).join("\n");
  const needs = needsOf({ offers, lines });
  const alive = body.includes("expectAlive(") ? FUNCTIONS["expectAlive"] : "";
  const start = `.constructor( .connect( ${body} ${alive}`;
  const methods = needed(start, trimmed(METHODS, needs), METHOD_CALLS);
  const functions = needed(
    `pause() new Fault() ${body}\n${methods.join("\n")}`,
    FUNCTIONS,
    NAMES_USED,
  );
  const code = `${functions.join("\n\n")}\n${methods.join("\n\n")}\n${body}`;
  const uses = (word: string): boolean => code.includes(word);
  const imports = [
    uses("isUtf8(") ? 'import { isUtf8 } from "node:buffer";' : "",
    'import { once } from "node:events";',
    'import net from "node:net";',
    'import { test } from "node:test";',
    uses("zlib.") ? 'import zlib from "node:zlib";' : "",
  ].filter((line) => line !== "");
  return tidied(`${about.map((line) => `// ${line}`).join("\n")}
//
// Written by "isosocket judge repro". Needs Node.js 20 or newer, and nothing else:
//
//   node repro.mjs ws://127.0.0.1:8080/
//   JUDGE_URL=ws://127.0.0.1:8080/ node --test repro.mjs
//
// Exit code: 0 if the fault is not there, 1 if it is, 2 if the server cannot be reached.

${imports.join("\n")}

const given = process.env.JUDGE_URL ?? process.argv[2] ?? "";
if (!/^(?:wss?|https?):/.test(given) || !URL.canParse(given)) {
  console.error("Usage: node repro.mjs ws://host:port/path");
  process.exit(2);
}
const ADDRESS = new URL(given);
const TIMEOUT = Number(process.env.JUDGE_TIMEOUT ?? 3000); // milliseconds of silence
const STRICT = ${strict}; // whether what is legal but loose is a fault
const ACCEPT = ${string(accept)};
const OFFERS = ${string(offers)};
const PROTOCOLS = [${protocols.map(string).join(", ")}];
${uses("REQUEST") ? `const REQUEST = ${request};\n` : ""}
/** Plays the case. */
async function conversation(peer) {
${body}
}

/** The server does not do what this is about. */
class Skip extends Error {}

${functions.join("\n\n")}

/** The server, at the other end of one connection. */
class Peer {
  chunks = [];
  size = 0;
  needed = 2;
  events = [];
  at = 0;
  aside = [];
  warnings = [];
  wake = () => {};

${methods.join("\n\n")}
}

const peer = await Peer.connect().catch(({ message }) => {
  console.error("Cannot connect to " + ADDRESS.host + ": " + message);
  process.exit(2);
});

test(${string(id)}, async (t) => {
  try {
    await conversation(peer);
    await pause(60); // a process needs some time to crash
    const again = await Peer.connect().catch(() => {
      throw new Fault("The server is gone: nothing listens there any more");
    });
    again.socket.destroy();
    for (const note of peer.warnings) t.diagnostic(note);
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    t.skip(error.message);
  } finally {
    peer.socket.destroy();
  }
});
`);
}
