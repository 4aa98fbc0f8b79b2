/**
 * Programs in Python 3, with nothing but its standard library.
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

const string = (text: string): string =>
  escaped(text, '"', (code) => `\\U${code.toString(16).padStart(8, "0")}`);

/** Returns a name as Python writes names: `expectClose` is `expect_close`. */
const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function value(option: Option): string {
  if (Array.isArray(option)) return `[${option.join(", ")}]`;
  if (typeof option === "boolean") return option ? "True" : "False";
  if (option === null) return "None";
  return typeof option === "string" ? string(option) : `${option}`;
}

function keywords(options: Readonly<Record<string, Option>>): string[] {
  return Object.entries(options).map(([name, option]) => `${snake(name)}=${value(option)}`);
}

/** The language. */
export const python: Dialect = {
  comment: "#",
  hex: (octets) => octets.length === 0 ? 'b""' : `hex(${inLines(groups(octets), "\n    ")})`,
  repeat: (unit, size) => `repeat(hex("${groups(unit)}"), ${size})`,
  unpack: (octets) => `unpack(${inLines(packed(octets), "\n    ")})`,
  head: (text) => {
    return linesOf(text).map((line) => `b${string(line)}`).join("\n    ");
  },
  value,
  list: (items) => `[${items.join(", ")}]`,
  call: (method, args, options = {}) =>
    `peer.${snake(method)}(${[...args, ...keywords(options)].join(", ")})`,
  invoke: (name, args) => `${name}(${args.join(", ")})`,
  act: (name, args) => `${snake(name)}(${args.join(", ")})`,
  either: (ways, depth) => {
    const names = ways.map((_, at) => `way_${depth}_${at + 1}`);
    const pairs = ways.map(({ note }, at) => `(${names[at]}, ${value(note)})`);
    return [
      ...ways.flatMap(({ lines }, at) => [
        `def ${names[at]}():`,
        ...lines.map((line) => `    ${line}`),
        "    return None",
      ]),
      `peer.either([${pairs.join(", ")}])`,
    ];
  },
  program,
};

function program(
  { id, about, accept, offers, protocols, strict, request, lines }: ProgramParts,
): string {
  const body = lines.map((line) => `    ${line}`).join("\n");
  const alive = body.includes("expect_alive(") ? FUNCTIONS["expect_alive"] : "";
  const needs = needsOf({ offers, lines });
  const start = `.__init__( .receive( ${body} ${alive}`;
  const methods = needed(start, trimmed(METHODS, needs), METHOD_CALLS);
  const functions = needed(`Fault() ${body}\n${methods.join("\n")}`, FUNCTIONS, NAMES_USED);
  const constants = functions.filter((text) => /^(?:#|[A-Z]+ =)/.test(text));
  const blocks = functions.filter((text) => !constants.includes(text));
  const code = `${functions.join("\n")}\n${methods.join("\n")}\n${body}`;
  const uses = (word: string): boolean => code.includes(word);
  const modules = ["base64", "os", "re", "select", "socket", "ssl", "struct", "sys", "time", "zlib"]
    .filter((name) => ["os", "sys", "re"].includes(name) || uses(`${name}.`));
  return tidied(`${about.map((line) => `# ${line}`).join("\n")}
#
# Written by "isosocket judge repro". Needs Python 3.8 or newer, and nothing else:
#
#   python3 repro.py ws://127.0.0.1:8080/
#
# Exit code: 0 if the fault is not there, 1 if it is, 2 if the server cannot be reached.

${modules.map((name) => `import ${name}`).join("\n")}
from urllib.parse import urlsplit

given = os.environ.get("JUDGE_URL") or (sys.argv[1] if len(sys.argv) > 1 else "")
if not re.match(r"(?:wss?|https?)://[^/]", given):
    sys.exit(print("Usage: python3 repro.py ws://host:port/path", file=sys.stderr) or 2)
ADDRESS = urlsplit(given)
TIMEOUT = int(os.environ.get("JUDGE_TIMEOUT") or 3000) / 1000  # seconds of silence
STRICT = ${strict ? "True" : "False"}  # whether what is legal but loose is a fault
ACCEPT = ${string(accept)}
OFFERS = ${string(offers)}
PROTOCOLS = [${protocols.map(string).join(", ")}]
${[...constants, ...(uses("REQUEST") ? [`REQUEST = ${request}`] : [])].join("\n")}


def conversation(peer):
    """Plays the case."""
${body}


class Skip(Exception):
    """The server does not do what this is about."""


${blocks.join("\n\n\n")}


class Peer:
    """The server, at the other end of one connection."""

${methods.join("\n\n")}


try:
    peer = Peer()
except OSError as error:
    sys.exit(print(f"Cannot connect to {ADDRESS.netloc}: {error}", file=sys.stderr) or 2)
try:
    conversation(peer)
    time.sleep(0.06)  # a process needs some time to crash
    Peer().socket.close()
except OSError:
    sys.exit("FAULT: the server is gone: nothing listens there any more")
except Skip as skip:
    print(f"skip: {skip}")
except Fault as fault:
    sys.exit(f"FAULT: ${id.replaceAll(/[^\w./-]/g, "?")}: {fault}")
else:
    print("\\n".join(["ok: ${id.replaceAll(/[^\w./-]/g, "?")}", *peer.warnings]))
`);
}
