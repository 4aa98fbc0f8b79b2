/**
 * A case as a program that stands alone: the same octets, and the same expectations.
 *
 * @module
 */

import type { Case } from "../case.ts";
import { ROUNDS, shortened } from "../economy.ts";
import { bugsOf } from "../known_bugs.ts";
import { ENDING, SETTLED } from "../player/closing_steps.ts";
import { describeFrame } from "../player/wire_log.ts";
import { visible } from "../report/visible.ts";
import type { Exchange, ExpectRefusal, Send, Step } from "../step.ts";
import {
  bytesOf,
  encode,
  encodeRest,
  type Filled,
  type Frame,
  type Item,
  type Payload,
  split,
} from "../wire/frame.ts";
import {
  acceptFor,
  type Headers,
  keyFor,
  type RequestSpec,
  writeRequest,
} from "../wire/handshake.ts";
import type { Dialect, Option } from "./dialect.ts";
import { sourceOf } from "./dump.ts";
import { node } from "./node/program.ts";
import { python } from "./python/program.ts";
import { stepInWords } from "./words.ts";

/** Language of a program: JavaScript for `node:test`, or Python 3 with its standard library. */
export type Language = "node" | "python";

const DIALECTS: Readonly<Record<Language, Dialect>> = { node, python };

/** Options for a program. */
export interface ProgramOptions {
  /** Headers to add to every request. Default: none. */
  readonly headers?: Headers;

  /** Whether warnings count as failures. Default: false. */
  readonly strict?: boolean;

  /** Lines about what was found, for the first comment. They are escaped. Default: none. */
  readonly found?: readonly string[];
}

/** Number of octets above which a literal is compressed. */
const LITERAL = 600;

/** Number of octets of all messages of an exchange: longer ones have fewer rounds. */
const EXCHANGED = 256 * 1024;

/** Returns why there is no program for a case; `undefined` if there is one. */
export function reasonAgainstProgram({ id, judges }: Case): string | undefined {
  if (judges.includes("server")) return undefined;
  return `it judges clients, which have to come to the judge: isosocket judge --listen 9001 ${id}`;
}

/**
 * Writes a case as a program.
 *
 * @throws {TypeError} If it judges clients only.
 */
export function toProgram(test: Case, language: Language, options: ProgramOptions = {}): string {
  const reason = reasonAgainstProgram(test);
  if (reason !== undefined) throw new TypeError(`Cannot write a program: ${reason}`);
  return new ProgramWriter(test, DIALECTS[language], options).program();
}

/** Writes the program of one case. */
class ProgramWriter {
  readonly #test: Case;
  readonly #dialect: Dialect;
  readonly #options: ProgramOptions;
  #isInMessage = false;

  constructor(test: Case, dialect: Dialect, options: ProgramOptions) {
    this.#test = shortened(test);
    this.#dialect = dialect;
    this.#options = options;
  }

  program(): string {
    const { id, steps, deflate } = this.#test;
    const { strict = false } = this.#options;
    const [first] = steps;
    const opening: readonly Step[] = first?.do === "request"
      ? []
      : [{ do: "request" }, { do: "expect-upgrade" }];
    const lines = [...opening, ...steps].flatMap((step) => this.#step(step, 1));
    return this.#dialect.program({
      id,
      about: this.#about(),
      accept: acceptFor(keyFor(id)),
      offers: deflate?.offers.join(", ") ?? "",
      protocols: this.#offered(first?.do === "request" ? first : {}),
      strict,
      request: this.#request({}, [], ""),
      lines: [...lines, ...this.#finish()],
    });
  }

  #about(): string[] {
    const { id, requirement, level, autobahn } = this.#test;
    const equals = autobahn.length > 0 ? `, Autobahn ${autobahn.join(", ")}` : "";
    return [
      id,
      requirement,
      `${sourceOf(this.#test)}, ${level.toUpperCase()}${equals}`,
      ...bugsOf(id).map((bug) => `Found in the wild: ${bug}`),
      ...this.#options.found ?? [],
    ].map(visible);
  }

  #offered(spec: RequestSpec): string[] {
    const headers: Headers = { ...this.#options.headers, ...spec.headers };
    const lists = Object.entries(headers)
      .filter(([name]) => name.toLowerCase() === "sec-websocket-protocol")
      .flatMap(([, value]) => value ?? []);
    return lists.flatMap((list) => list.split(",")).map((name) => name.trim());
  }

  #step(step: Step, depth: number): string[] {
    const { comment } = this.#dialect;
    const about = [`${comment} ${visible(stepInWords(step))}`];
    switch (step.do) {
      case "send":
        return [...about, ...this.#framesInWords(step.items), this.#send(step)];
      case "either":
        return [
          ...about,
          ...this.#dialect.either(
            step.ways.map(({ verdict, note, steps }) => ({
              note: verdict === "pass" ? null : note,
              lines: steps.flatMap((one) => this.#step(one, depth + 1)),
            })),
            depth,
          ),
        ];
      case "exchange":
        return [...about, ...this.#exchange(step)];
      default:
        return [...about, ...this.#simple(step)];
    }
  }

  #simple(step: Exclude<Step, Send | Exchange>): string[] {
    const { call, act, value, list } = this.#dialect;
    const numbers = (codes: readonly number[]): string => list(codes.map((code) => value(code)));
    switch (step.do) {
      case "raw":
        return [call("send", [list([this.#octets(step.bytes)])], defined({ chop: step.chop }))];
      case "request":
        return [call("request", [this.#request(step, step.early ?? [])], cutting(step))];
      case "expect-upgrade":
        return step.protocol === undefined
          ? [call("expectUpgrade", [])]
          : [call("expectUpgrade", [], { protocol: step.protocol ?? "" })];
      case "expect-refusal":
        return [call("expectRefusal", [numbers(step.statuses), this.#fields(step)])];
      case "expect": {
        const { opcode, payload = "" } = step.frame;
        const options = defined({ pastPongs: step.pastPongs });
        return [call("expect", [value(opcode), this.#octets(payload)], options)];
      }
      case "expect-nothing":
        return [call("expectNothing", [])];
      case "expect-close":
        return [call("expectClose", [numbers(step.codes)], defined({ reason: step.reason }))];
      case "expect-failure":
        return [call("expectFailure", [numbers(step.codes)], defined({ within: step.within }))];
      case "expect-end": {
        const { pastPongs, pastMessages, close } = step;
        return [call("expectEnd", [], defined({ pastPongs, pastMessages, close }))];
      }
      case "expect-alive":
        return [act("expectAlive", [value(step.connections ?? 1)])];
      case "pause":
        return [act("pause", [value(step.ms)])];
      case "reading":
        return [call("setReading", [value(step.on)])];
      case "hang-up":
        return [call("hangUp", [value(step.how)])];
      default:
        return []; // what only clients are judged by
    }
  }

  #fields({ headers = {} }: ExpectRefusal): string {
    const { list, value } = this.#dialect;
    return list(
      Object.entries(headers).map(([name, token]) =>
        list([value(name.toLowerCase()), value(token.toLowerCase())])
      ),
    );
  }

  /** Returns the octets of a request, with placeholders, and of what comes in the same packet. */
  #request(
    spec: RequestSpec,
    early: readonly Item[],
    offer: string = this.#test.deflate?.offers.join(", ") ?? "",
  ): string {
    const octets = writeRequest(spec, {
      host: "{host}",
      target: "{target}",
      key: keyFor(this.#test.id),
      offer,
      headers: this.#options.headers ?? {},
    });
    const { hex, head, list } = this.#dialect;
    const isRaw = spec.raw !== undefined && typeof spec.raw !== "string";
    const text = isRaw ? hex(octets) : head(new TextDecoder("latin1").decode(octets));
    const items = early.map((item) => this.#item(item));
    return list([text, ...items]);
  }

  #send(step: Send): string {
    const { call, list } = this.#dialect;
    for (const item of step.items) {
      if ("opcode" in item && item.opcode < 8) this.#isInMessage = item.fin === false;
    }
    const closes = step.items.some((item) => "opcode" in item && item.opcode === 8);
    const options = { ...cutting(step), ...(closes && { closes }) };
    return call("send", [list(step.items.map((item) => this.#item(item)))], options);
  }

  #item(item: Item): string {
    if ("rest" in item) return this.#dialect.hex(encodeRest(item, true));
    if (item.deflate) {
      const args = [this.#dialect.value(item.opcode), this.#octets(item.payload ?? "")];
      return this.#dialect.invoke("peer.compressed", [
        ...args,
        ...(item.fragment === undefined ? [] : [this.#dialect.value(item.fragment)]),
      ]);
    }
    const frames = split(item).map((frame) => this.#frame(frame, item));
    return frames.length === 1 ? frames[0]! : this.#dialect.list(frames);
  }

  /** Returns a frame: in hex, or its header and a long payload. */
  #frame(frame: Frame, { payload = "" }: Frame): string {
    const octets = encode(frame, true);
    if (octets.length <= LITERAL) return this.#dialect.hex(octets);
    const whole = bytesOf(frame.payload ?? "");
    const header = octets.subarray(0, octets.length - whole.length);
    const isWhole = isFilled(payload) && payload.size === whole.length;
    const content = isWhole ? this.#octets(payload) : this.#octets(whole);
    return this.#dialect.invoke("frame", [this.#dialect.hex(header), content]);
  }

  #octets(payload: Payload): string {
    if (isFilled(payload) && payload.size > LITERAL) {
      const unit = bytesOf(payload.fill);
      return this.#dialect.repeat(unit.length === 0 ? new Uint8Array(1) : unit, payload.size);
    }
    const octets = bytesOf(payload);
    return octets.length > LITERAL ? this.#dialect.unpack(octets) : this.#dialect.hex(octets);
  }

  #framesInWords(items: readonly Item[]): string[] {
    return items.map((item) => {
      if ("rest" in item) return `${this.#dialect.comment}   the rest of that frame`;
      const { opcode, fin = true, rsv = 0, fragment } = item;
      const words = describeFrame({ opcode, fin, rsv, payload: bytesOf(item.payload ?? "") });
      const parts = fragment === undefined ? "" : `, ${fragment} bytes in each frame`;
      return `${this.#dialect.comment}   ${visible(words)}${parts}`;
    });
  }

  #exchange({ message, times }: Exchange): string[] {
    const { call, list, value, invoke, unpack, comment } = this.#dialect;
    const { opcode, payload = "", deflate, fragment } = message;
    const options = defined({ deflate, fragment });
    if (typeof payload !== "object" || !("corpus" in payload)) {
      return [call("exchange", [value(opcode), list([this.#octets(payload)])], {
        ...(times > 1 && { times }),
        ...options,
      })];
    }
    const rounds = Math.max(2, Math.min(times, Math.floor(EXCHANGED / payload.size)));
    const all = Array.from({ length: rounds }, (_, round) => bytesOf(payload, round));
    const sizes = list(all.map(({ length }) => value(length)));
    const joined = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
    all.reduce((at, one) => (joined.set(one, at), at + one.length), 0);
    const note = rounds < ROUNDS ? [`${comment}   here ${rounds} times`] : [];
    return [
      ...note,
      call("exchange", [value(opcode), invoke("parts", [unpack(joined), sizes])], options),
    ];
  }

  /** Returns the end of a connection that is left open: see `closing_steps.ts`. */
  #finish(): string[] {
    const { call, comment } = this.#dialect;
    const { steps } = this.#test;
    const last = steps.at(-1)?.do;
    const isLoose = steps.some((step) => step.do === "hang-up" || step.do === "reading");
    const isOver = last !== "hang-up" && ENDING.includes(last ?? "");
    const isSettled = last === undefined || SETTLED.includes(last);
    return [
      `${comment} nothing more, and a right end`,
      call("finish", [], {
        ...(!isSettled && !isOver && { probe: this.#isInMessage ? "ping" : "echo" }),
        ...(isLoose && { ended: "anyhow" }),
        ...(!isLoose && (isSettled || ENDING.includes(last ?? "")) && { ended: "quiet" }),
      }),
    ];
  }
}

function isFilled(payload: Payload): payload is Filled {
  return typeof payload === "object" && "fill" in payload;
}

/** How a write is cut. */
type Cutting = Pick<RequestSpec, "chop" | "cuts" | "every">;

/** Returns the options of a write. */
function cutting(
  { chop, cuts, every, apart, times }: Partial<Pick<Send, "apart" | "times">> & Cutting,
): Record<string, Option> {
  return defined({ chop, cuts, every, apart, times });
}

/** Leaves out what is not given. */
function defined(options: Readonly<Record<string, Option | undefined>>): Record<string, Option> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, Option>;
}
