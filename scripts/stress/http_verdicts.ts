/** Failures that the HTTP fuzzer has found, played again alone before they count. @module */

import { Alone, LITTLE, MOST_CPU } from "./http_alone.ts";
import { type HttpExchange, planExchange } from "./http_plan.ts";
import type { Fault } from "./http_play.ts";
import { errorsOf, list, listed } from "./http_words.ts";
import type { Subject } from "./subject.ts";
import { figure, type Trial } from "./trial.ts";

/** Number of suspects of one event that are played again. */
const SUSPECTS = 60;
/** Number of exchanges by which the end of a process may be late. */
const LATE = 3;
/** Number of exchanges with the same fault that are played again. */
const TRIES = 2;
/** Number of times that an exchange is played with the twin: its faults may be random. */
const TWIN_TRIES = 4;
/** Number of exchanges that are searched for leaks. */
const LEAKING = 400;
/** Number of exchanges that the twin plays to measure its leaks, and of concurrent ones. */
const TWIN_LEAVING = 2000;
const AT_ONCE = 200;
/** Number of exchanges with the same behaviour that the twin plays. */
const ALIKE = 12;
/** Milliseconds that a new client may wait longer than with the bare twin. */
const PROMPT = 1000;

/** A fault, and the exchanges that had it. */
interface Failed {
  readonly fault: Fault;
  readonly shapes: Set<string>;
  readonly numbers: number[];
  count: number;
}

/** Collects failures, and finds out which of them count. */
export class Verdicts implements AsyncDisposable {
  /** Number of exchanges so far. */
  played = 0;
  /** Names of the server's entries. */
  entries: readonly string[] = [];
  /** Number of leaked descriptors at the end. */
  left = 0;
  readonly #trial: Trial;
  readonly #own: Alone;
  readonly #bare: Alone;
  /** Families of exchanges that end the process or make it hang: they are not played again. */
  readonly #fatal = new Set<string>();
  readonly #failed = new Map<string, Failed>();
  /** Number of one exchange of each shape. */
  readonly #shapes = new Map<string, number>();
  readonly #deaths: string[] = [];
  /** Ends of the process that the bare twin has too. */
  readonly #alsoBare: string[] = [];
  readonly #printed = new Set<string>();
  readonly #pending: { readonly how: string; readonly suspects: readonly HttpExchange[] }[] = [];
  readonly #costly = new Map<number, number>();
  /** Probes in which a new client waited too long. */
  readonly #slow: { readonly longer: number; readonly suspects: readonly HttpExchange[] }[] = [];
  readonly #twin: Subject;
  #worstProbe = 0;
  #skipped = 0;
  #worstStretch = 0;
  /** Whether the last server was killed because it hung. */
  isHanging = false;

  constructor(trial: Trial, twin: Subject) {
    this.#twin = twin;
    this.#trial = trial;
    this.#own = new Alone(trial, "http.ts");
    this.#bare = new Alone(trial, "http_bare.ts");
  }

  /** Returns whether an exchange is like one that has ended a process. */
  isFatal({ shape, family, number }: HttpExchange): boolean {
    const isFatal = this.#fatal.has(family);
    if (isFatal) this.#skipped++;
    else if (!this.#shapes.has(shape)) this.#shapes.set(shape, number);
    return isFatal;
  }

  /** Adds an exchange that failed. */
  failed({ entry, number, shape }: HttpExchange, fault: Fault): void {
    const key = `${entry}: ${
      fault.what.replace(/\([^()]*\)/g, "").replace(
        /\b(?:GET|HEAD|POST|PUT|OPTIONS|DELETE|TRACE|CONNECT|PRI|LONG|get|G@T)\b/g,
        "request",
      ).replace(
        /n\d+-[\d-]+.*/,
        "",
      )
    }`;
    const known = this.#failed.get(key);
    if (known === undefined) {
      this.#failed.set(key, { fault, shapes: new Set([shape]), numbers: [number], count: 1 });
      return;
    }
    known.count++;
    known.shapes.add(shape);
    if (known.numbers.length < TRIES) known.numbers.push(number);
  }

  /** Adds an end of the process. */
  died(how: string, suspects: readonly HttpExchange[]): void {
    this.#pending.push({ how, suspects });
  }

  /** Adds a long task of the process, in milliseconds; Infinity if it hung. */
  kept(time: number, suspects: readonly HttpExchange[]): void {
    if (time === Infinity) {
      this.isHanging = true;
      this.#pending.push({ how: "hangs", suspects });
      return;
    }
    this.#worstStretch = Math.max(this.#worstStretch, time);
    for (const { number } of suspects.slice(0, SUSPECTS)) this.#costly.set(number, time);
  }

  /** Adds a probe: the milliseconds that a new client waited longer than at the bare twin. */
  probed(longer: number, suspects: readonly HttpExchange[]): void {
    this.#worstProbe = Math.max(this.#worstProbe, longer);
    if (longer > PROMPT && !this.isHanging) this.#slow.push({ longer, suspects });
  }

  /** Adds the output of the process. */
  printed(text: string): void {
    for (const error of errorsOf(text)) this.#printed.add(error);
  }

  /** Finds the exchanges that have ended the process. */
  async settleDeaths(): Promise<void> {
    this.isHanging = false;
    for (const { how, suspects } of this.#pending.splice(0)) {
      const tried = suspects.slice(0, SUSPECTS);
      const numbers = tried.map(({ number }) => number);
      const those = `exchanges ${Math.min(...numbers)} to ${Math.max(...numbers)}`;
      const found = await this.#culprit(tried) ?? await this.#own.playAll(numbers, this.entries);
      if (found === "") continue;
      this.#deaths.push(
        found === undefined
          ? `${how}: not again with ${those}`
          : found.startsWith("exchange")
          ? found
          : `${those} together: ${found}`,
      );
    }
  }

  /** Resolves with the description of the exchange that ends the process alone, if there is one. */
  async #culprit(suspects: readonly HttpExchange[]): Promise<string | undefined> {
    for (const [i, it] of suspects.entries()) {
      if (this.#fatal.has(it.family)) continue;
      this.#trial.progress(`exchange ${it.number} alone`);
      const { death, cpu } = await this.#own.play(it.number, this.entries, LITTLE);
      if (death === undefined && cpu < Infinity) continue;
      // An earlier one may be the cause, if the process ended late.
      for (const again of suspects.slice(Math.max(0, i - LATE), i + 1).reverse()) {
        const found = await this.#own.end(again.number, this.entries);
        if (found === undefined) continue;
        this.#fatal.add(again.family);
        const bare = await this.#bare.end(again.number, this.entries);
        if (bare !== undefined) {
          this.#alsoBare.push(`exchange ${again.number} (${again.shape}): ${bare}`);
          return "";
        }
        return `exchange ${again.number} (${again.shape}): ${found}`;
      }
    }
    return undefined;
  }

  /** Reports all findings. */
  async report(): Promise<void> {
    const { seed } = this.#trial;
    const [wrong, theirs, untried] = await this.#settleFaults();
    const [expensive, alsoBare] = await this.#settleCosts();
    const leaks = await this.#settleLeaks();
    this.#say(
      "the process",
      `lives: ${figure(this.played)} exchanges, seed ${seed}`,
      this.#deaths,
      `${figure(this.#skipped)} exchanges like those left out${
        listed("; the bare twin too", this.#alsoBare)
      }`,
    );
    this.#say(
      "answers",
      "each to its request, as it should be, and no connection stays",
      wrong,
      [listed("the bare twin too", theirs), listed("not again, or no time for it", untried)]
        .filter((it) => it !== "").join("; "),
    );
    const [printed, alsoPrinted, notAgain] = await this.#settlePrints();
    this.#say(
      "what the process prints",
      "nothing that the bare twin would not print",
      printed,
      [listed("the bare twin too", alsoPrinted), listed("not again", notAgain)]
        .filter((it) => it !== "").join("; "),
    );
    this.#say(
      "processor time at a stretch",
      `≤ ${MOST_CPU} ms for any exchange alone`,
      expensive,
      `at most ${figure(this.#worstStretch)} ms with others; ${
        listed("the bare twin too", alsoBare)
      }`,
    );
    this.#say(
      "a fresh client's answer",
      `≤ ${PROMPT} ms more than at the bare twin`,
      await this.#settleSlow(),
      `at most ${figure(this.#worstProbe)} ms more`,
    );
    const isUnclear = this.left > 0 && leaks.own.length === 0 && leaks.bare.length === 0;
    const share = isUnclear ? await this.#leftByTwin() : 0;
    const isTheirs = leaks.own.length === 0 && (leaks.bare.length > 0 || this.left <= share);
    this.#trial.found(
      "descriptors left",
      "none that the bare twin would not leave",
      `${this.left}${list(leaks.own)}; ${listed("the bare twin too", leaks.bare)}` +
        (isUnclear ? `the bare twin in as many exchanges: ${figure(share)}` : ""),
      this.left === 0 || isTheirs,
    );
  }

  #say(what: string, bound: string, findings: readonly string[], beside = ""): void {
    const said = `${findings.length === 0 ? "so" : `${findings.length} not`}${list(findings)}`;
    this.#trial.found(what, bound, `${said}${beside && `; ${beside}`}`, findings.length === 0);
  }

  async #settleFaults(): Promise<[wrong: string[], theirs: string[], untried: string[]]> {
    const wrong: string[] = [];
    const theirs: string[] = [];
    const untried: string[] = [];
    const limit = performance.now() + this.#trial.time(300, 30);
    for (const [key, { fault, numbers, count }] of this.#failed) {
      if (performance.now() > limit) {
        untried.push(`exchange ${numbers[0]}, ${figure(count)} times: ${key}`);
        continue;
      }
      for (const number of numbers) {
        this.#trial.progress(`exchange ${number} alone: ${key}`);
        const { death, fault: again, cpu } = await this.#own.play(number, this.entries);
        if (death !== undefined || cpu === Infinity) {
          this.#deaths.push(`exchange ${number} (${key}): ${death ?? "hangs"}`);
          break;
        }
        if (again === undefined) continue;
        const whose = fault.mayBeRuntimes ? await this.#causeOf(number, again.kind) : "own";
        const found = { own: wrong, twin: theirs, chance: untried }[whose];
        found.push(`exchange ${number}, ${figure(count)} times: ${key}`);
        break;
      }
    }
    return [wrong, theirs, untried];
  }

  /** Resolves with whose fault it is; "chance" if new processes, as by hand, do not repeat it. */
  async #causeOf(number: number, kind: string): Promise<"own" | "twin" | "chance"> {
    if (await this.#isTwins(number, kind)) return "twin";
    await using own = new Alone(this.#trial, "http.ts");
    await using bare = new Alone(this.#trial, "http_bare.ts");
    const again = (await own.play(number, this.entries)).fault?.kind;
    if (again === undefined) return "chance";
    const { fault } = await bare.play(number, this.entries);
    return fault?.kind === again ? "twin" : "own";
  }

  /** Resolves with whether the twin has a fault of this kind, or of another random one of the server. */
  async #isTwins(number: number, kind: string): Promise<boolean> {
    const own = new Set<string | undefined>([kind]);
    const bare = new Set<string | undefined>();
    for (let tries = TWIN_TRIES; tries > 0; tries--) {
      bare.add((await this.#bare.play(number, this.entries)).fault?.kind);
      bare.delete(undefined);
      if (own.intersection(bare).size > 0) return true;
      own.add((await this.#own.play(number, this.entries)).fault?.kind);
    }
    return false;
  }

  /** Plays again, concurrently, the exchanges that made a new client wait. */
  async #settleSlow(): Promise<string[]> {
    const slow: string[] = [];
    for (const { longer, suspects } of this.#slow.slice(0, TRIES)) {
      const numbers = suspects.filter(({ family }) => !this.#fatal.has(family))
        .map(({ number }) => number);
      if (numbers.length === 0) continue;
      const again = await this.#own.excess(numbers, this.entries, this.#twin);
      const those = `exchanges ${Math.min(...numbers)} to ${Math.max(...numbers)}`;
      if (again > PROMPT) {
        slow.push(`${those}: ${figure(longer)} ms, and again ${figure(again)} ms`);
      }
    }
    return slow;
  }

  /**
   * Looks for an exchange that prints each error, and whether the twin prints it too. What no exchange
   * repeats alone within the time does not count, as with other findings, but is named.
   */
  async #settlePrints(): Promise<[printed: string[], theirs: string[], notAgain: string[]]> {
    const left = new Set(this.#printed);
    const printed: string[] = [];
    const theirs: string[] = [];
    const tried = new Set<string>();
    const limit = performance.now() + this.#trial.time(120, 20);
    for (const number of this.#shapes.values()) {
      const it = this.#planOf(number);
      const kind = `${it.entry} ${it.requests.at(-1)!.manner} ${it.departure}`;
      if (left.size === 0 || performance.now() > limit) break;
      if (tried.has(kind) || this.#fatal.has(it.family)) continue;
      tried.add(kind);
      const own = (await this.#own.print(number, this.entries)).filter((error) => left.has(error));
      if (own.length === 0) continue;
      const bare = await this.#printsOfTwin(it.requests.at(-1)!.manner);
      for (const error of own) {
        (bare.has(error) ? theirs : printed).push(`exchange ${number}: ${error}`);
        left.delete(error);
      }
    }
    return [printed, theirs, [...left]];
  }

  /** Resolves with the errors that the twin prints in several exchanges with the same behaviour. */
  async #printsOfTwin(manner: string): Promise<ReadonlySet<string>> {
    const printed = new Set<string>();
    const alike = [...this.#shapes.values()]
      .filter((number) => this.#planOf(number).requests.at(-1)!.manner === manner);
    for (const number of alike.slice(0, ALIKE)) {
      for (const error of await this.#bare.print(number, this.entries)) printed.add(error);
    }
    return printed;
  }

  async #settleCosts(): Promise<[expensive: string[], theirs: string[]]> {
    const expensive: string[] = [];
    const theirs: string[] = [];
    const shapes = new Set<string>();
    const limit = performance.now() + this.#trial.time(300, 20);
    for (const number of this.#costly.keys()) {
      if (performance.now() > limit) break;
      const { shape, family } = this.#planOf(number);
      if (shapes.has(shape) || this.#fatal.has(family)) continue;
      this.#trial.progress(`exchange ${number} alone: what it costs`);
      const cpu = await this.#own.cpu(number, this.entries);
      if (cpu <= MOST_CPU) continue;
      shapes.add(shape);
      const bare = await this.#bare.cpu(number, this.entries);
      const isTheirs = bare > MOST_CPU;
      (isTheirs ? theirs : expensive).push(`exchange ${number} (${shape}): ${figure(cpu)} ms`);
    }
    return [expensive, theirs];
  }

  /** Looks for exchanges that leak descriptors, by bisection, as long as there is time. */
  async #settleLeaks(): Promise<{ own: string[]; bare: string[] }> {
    const own: string[] = [];
    const bare: string[] = [];
    const limit = performance.now() + this.#trial.time(120, 20);
    const kindOf = (number: number): string => {
      const { requests, departure } = this.#planOf(number);
      return `${requests.at(-1)!.manner} ${departure}`;
    };
    let numbers = [...this.#shapes.values()].filter((it) => !this.isFatal(this.#planOf(it)));
    numbers = numbers.slice(-LEAKING);
    while (this.left > 0 && performance.now() < limit) {
      this.#trial.progress(`${numbers.length} exchanges: which of them leave descriptors`);
      const number = await this.#own.leaking(numbers, this.entries);
      if (number === undefined) break;
      const isTheirs = await this.#bare.leaking([number], this.entries) !== undefined;
      (isTheirs ? bare : own).push(`exchange ${number} (${this.#planOf(number).shape})`);
      const kind = kindOf(number);
      numbers = numbers.filter((it) => kindOf(it) !== kind);
    }
    return { own, bare };
  }

  /** Resolves with the number of descriptors that the twin would have leaked in as many exchanges. */
  async #leftByTwin(): Promise<number> {
    const count = Math.min(this.played, TWIN_LEAVING);
    let left = 0;
    for (let from = 0; from < count; from += AT_ONCE) {
      const size = Math.min(AT_ONCE, count - from);
      const numbers = Array.from({ length: size }, (_, i) => from + i);
      left += await this.#bare.leak(numbers, this.entries);
    }
    return left * this.played / Math.max(count, 1);
  }

  #planOf(number: number): HttpExchange {
    const ports = Object.fromEntries(this.entries.map((name) => [name, 10_000]));
    return planExchange(this.#trial.seed, number, ports);
  }

  /** Ends the servers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#own[Symbol.asyncDispose]();
    await this.#bare[Symbol.asyncDispose]();
  }
}
