/**
 * A case as text: the octets that the judge sends, with frames named, and what it expects.
 *
 * @module
 */

import type { Case, Subject } from "../case.ts";
import { bugsOf } from "../known_bugs.ts";
import { describeFrame } from "../player/wire_log.ts";
import { sectionOf } from "../report/tally.ts";
import { visible } from "../report/visible.ts";
import type { Step } from "../step.ts";
import { Deflate } from "../wire/deflate.ts";
import { encode, encodeRest, type Item, split } from "../wire/frame.ts";
import { bytesOf } from "../wire/frame.ts";
import {
  keyFor,
  type RequestSpec,
  type ResponseSpec,
  writeRequest,
  writeResponse,
} from "../wire/handshake.ts";
import type { Headers } from "../wire/handshake.ts";
import { headerInWords, hexdump } from "./hexdump.ts";
import { FINISH, stepInWords } from "./words.ts";

/** Number of lines of a hexdump. */
const LINES = 12;

/** Number of lines of a head. */
const HEAD_LINES = 20;

/** Number of expectations of one kind in a row. */
const IN_A_ROW = 20;

/** Number of frames that are shown of a message or of a write. */
const FRAMES = 6;

/** Request of a client for an example of a response. It has the key of RFC 6455, 1.3. */
const EXAMPLE = "dGhlIHNhbXBsZSBub25jZQ==";

/** Steps that begin a case in place of a correct handshake. */
const OWN_HANDSHAKE: readonly string[] = ["request", "respond", "expect-request"];

/** Last steps behind which nothing is left to end. */
const OVER: readonly string[] = [
  "expect-close",
  "expect-end",
  "expect-failure",
  "expect-give-up",
  "expect-refusal",
  "hang-up",
];

/** Options for the text of a case. */
export interface DumpOptions {
  /** Kind of endpoint that is judged. Default: servers, if it judges them. */
  readonly subject?: Subject;

  /** The Host header. Default: a placeholder. */
  readonly host?: string;

  /** The path and query. Default: a placeholder. */
  readonly target?: string;

  /** Headers to add to every request. Default: none. */
  readonly headers?: Headers;
}

/** Returns a case as text: lines, each with its line feed. */
export function toDump(test: Case, options: DumpOptions = {}): string {
  const dump = new Dump(test, options);
  dump.addHeading();
  const isServer = dump.isOfServer;
  if (!OWN_HANDSHAKE.includes(test.steps[0]?.do ?? "")) {
    dump.addStep(isServer ? { do: "request" } : { do: "respond" }, "");
    if (isServer) dump.addStep({ do: "expect-upgrade" }, "");
  }
  let row = 0;
  for (const [at, step] of test.steps.entries()) {
    row = test.steps[at - 1]?.do === step.do ? row + 1 : 0;
    if (row < IN_A_ROW) dump.addStep(step, "");
    if (row === IN_A_ROW) dump.add("", "← and so on");
  }
  if (!OVER.includes(test.steps.at(-1)?.do ?? "")) dump.add("", ...FINISH);
  return dump.text();
}

/** The lines of one case. */
class Dump {
  readonly #test: Case;
  readonly #options: DumpOptions;
  readonly #lines: string[] = [];

  /** Whether a server is judged: the judge plays the client, and masks. */
  readonly isOfServer: boolean;
  readonly #deflate: Deflate | undefined;

  constructor(test: Case, options: DumpOptions) {
    this.#test = test;
    this.#options = options;
    const { subject = test.judges.includes("server") ? "server" : "client" } = options;
    this.isOfServer = subject === "server";
    // As it is if the peer agrees to no more than permessage-deflate.
    this.#deflate = test.deflate && new Deflate(
      { clientNoTakeover: false, serverNoTakeover: false, clientBits: 15, serverBits: 15 },
      this.isOfServer,
    );
  }

  text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  /** Adds lines, which are text of ours or escaped. */
  add(indent: string, ...lines: readonly string[]): void {
    for (const line of lines) this.#lines.push(`${indent}${visible(line)}`.trimEnd());
  }

  addHeading(): void {
    const { id, section, level, requirement, autobahn } = this.#test;
    const { rfc, number, title } = sectionOf(section);
    const equals = autobahn.length > 0 ? ` · Autobahn ${autobahn.join(", ")}` : "";
    this.add("", id, `  ${requirement}`);
    this.add("", `  RFC ${rfc}, ${number} ${title} · ${level.toUpperCase()}${equals}`);
    for (const bug of bugsOf(id)) this.add("", `  Found in the wild: ${bug}`);
    this.add("", "");
  }

  addStep(step: Step, indent: string): void {
    const arrow = step.do.startsWith("expect") || step.do === "either" ? "←" : "→";
    this.add(indent, `${arrow} ${stepInWords(step)}`);
    const inner = `${indent}  `;
    switch (step.do) {
      case "send":
        for (const item of step.items.slice(0, FRAMES)) this.#addItem(item, inner);
        if (step.items.length > FRAMES) this.add(inner, `… ${step.items.length - FRAMES} more`);
        break;
      case "exchange":
        this.#addItem(step.message, inner);
        break;
      case "raw":
        this.add(inner, ...hexdump(bytesOf(step.bytes), LINES));
        break;
      case "request":
        this.#addHead(this.#request(step), step, inner);
        break;
      case "respond":
        this.#addHead(this.#response(step), step, inner);
        break;
      case "either":
        for (const { verdict, note, steps } of step.ways) {
          this.add(inner, verdict === "pass" ? "- right:" : `- a warning (${note}):`);
          for (const one of steps) this.addStep(one, `${inner}  `);
        }
        break;
    }
  }

  #addItem(item: Item, indent: string): void {
    if ("rest" in item) {
      this.add(indent, `The rest of that frame, ${bytesOf(item.rest).length} octets`);
      this.add(`${indent}  `, ...hexdump(encodeRest(item, this.isOfServer), LINES));
      return;
    }
    const frames = split(item, 0, (payload) => this.#deflate!.compress(payload));
    for (const frame of frames.slice(0, FRAMES)) {
      const { opcode, fin = true, rsv = 0, payload } = frame;
      const octets = encode(frame, this.isOfServer);
      this.add(indent, describeFrame({ opcode, fin, rsv, payload: bytesOf(payload ?? "") }));
      this.add(`${indent}  `, headerInWords(octets), ...hexdump(octets, LINES));
    }
    const left = frames.length - FRAMES;
    if (left > 0) this.add(indent, `… ${left} more frames of this message`);
  }

  #addHead(octets: Uint8Array, { early = [] }: RequestSpec | ResponseSpec, indent: string): void {
    const text = new TextDecoder("latin1").decode(octets);
    const isText = /^[\x20-\x7e\r\n]*$/.test(text) && text.includes("\r\n");
    if (isText) {
      const lines = text.replace(/\r\n$/, "").split("\r\n");
      this.add(indent, ...lines.slice(0, HEAD_LINES).map(clipped));
      const left = lines.length - HEAD_LINES;
      if (left > 0) this.add(indent, `… ${left} more lines`);
    }
    this.add(`${indent}  `, ...hexdump(octets, LINES));
    for (const item of early) this.#addItem(item, indent);
  }

  #request(spec: RequestSpec): Uint8Array {
    const { host = "HOST", target = "/", headers = {} } = this.#options;
    const offer = this.#test.deflate?.offers.join(", ") ?? "";
    return writeRequest(spec, { host, target, key: keyFor(this.#test.id), offer, headers });
  }

  #response(spec: ResponseSpec): Uint8Array {
    const headers = new Map([["sec-websocket-key", [EXAMPLE]]]);
    const request = { line: "GET / HTTP/1.1", headers, size: 0 };
    return writeResponse(spec, request, this.#test.deflate?.answers[0] ?? "");
  }
}

/** Cuts a line of a head that is long on purpose. */
function clipped(line: string): string {
  return line.length > 160 ? `${line.slice(0, 120)}… (${line.length} octets)` : line;
}

/** Returns where a requirement stands: `RFC 6455, 5.5`. */
export function sourceOf({ section }: Case): string {
  const { rfc, number } = sectionOf(section);
  return `RFC ${rfc}, ${number}`;
}
