/** The load of `bench`: connections that send, wait for the answers, and send again. @module */

import { Buffer } from "node:buffer";
import process from "node:process";
import { connect } from "../../portable/connect.ts";
import type { Socket } from "../../core/socket.ts";
import { whyNot } from "../shared/words.ts";
import type { Target } from "../shared/target.ts";
import { Histogram } from "./histogram.ts";
import { redact } from "../../core/credentials.ts";

/** What is sent. */
export interface Shape {
  /** How many connections there are. */
  readonly connections: number;
  /** Messages that each has on their way at a time. */
  readonly inFlight: number;
  /** Bytes in each message. */
  readonly size: number;
  /** Text or binary. */
  readonly kind: "text" | "binary";
}

/** How long it goes on: for a time in milliseconds, or until so many messages are sent. */
export interface Length {
  readonly ms: number;
  readonly messages: number;
}

/** What came of it. */
export interface Measured {
  /** Answers that came. */
  readonly messages: number;
  /** From the first message to the last answer, in milliseconds. */
  readonly ms: number;
  /** How long each answer took. */
  readonly latency: Histogram;
  /** Connections that were lost. */
  readonly lost: number;
  /** How the first of them was lost. */
  readonly why: string | undefined;
  /** Answers that were not what was sent, or that nobody had asked for. */
  readonly wrong: number;
  /** Messages that had no answer. */
  readonly unanswered: number;
  /** The part of one processor's time that this process took. */
  readonly busy: number;
}

/** Connections opened side by side. */
const OPENING = 64;

/** ms: how long all may be silent before no answer is expected any more. */
const PATIENCE = 10_000;

/** ms: how long answers may take after Ctrl-C. */
const SHORT_PATIENCE = 1000;

/** ms: how long a server may take to answer a Close frame. */
const CLOSE_TIMEOUT = 2000;

/** ms: how often to look if anything came. */
const LOOK = 100;

/** Deno's own takes 40 ms for the answer to a long message, and only `ws` says why Node's failed. */
const ENGINE = "Bun" in globalThis ? "native" : "ws";

/** One connection. */
class Lane {
  readonly socket: Socket;
  /** When the messages left that are on their way: a ring. */
  readonly #times: Float64Array;
  #first = 0;
  waiting = 0;

  constructor(socket: Socket, inFlight: number) {
    this.socket = socket;
    this.#times = new Float64Array(inFlight);
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#times[(this.#first + this.waiting++) % this.#times.length] = performance.now();
    this.socket.send(data);
  }

  /** How long the oldest message took, in milliseconds. */
  answered(now: number): number {
    const took = now - this.#times[this.#first]!;
    this.#first = (this.#first + 1) % this.#times.length;
    this.waiting--;
    return took;
  }
}

/** Connections to one server. */
export class Load {
  /** Answers so far in this run. */
  messages = 0;

  readonly #target: Target;
  readonly #shape: Shape;
  readonly #message: string | Uint8Array<ArrayBuffer>;
  readonly #lanes: Set<Lane> = new Set();
  #latency = new Histogram();
  #budget = 0;
  #over = true;
  #hurry = false;
  #waiting = 0;
  #lastAnswer = 0;
  #lost = 0;
  #why: string | undefined;
  #wrong = 0;
  #unanswered = 0;
  #finish = (): void => {};

  /** Prepares. */
  constructor(target: Target, shape: Shape) {
    this.#target = target;
    this.#shape = shape;
    const text = "isosocket ".repeat(Math.ceil(shape.size / 10)).slice(0, shape.size);
    this.#message = shape.kind === "text" ? text : new Uint8Array(Buffer.from(text));
  }

  /**
   * Opens the connections.
   *
   * @param onOpen Told how many there are.
   * @param signal Ends the attempt.
   * @throws {Error} If one cannot be opened: the message says why.
   * @throws The signal's reason, if it is aborted.
   */
  async open(onOpen: (count: number) => void, signal: AbortSignal): Promise<void> {
    const { connections } = this.#shape;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    while (this.#lanes.size < connections) {
      const count = Math.min(OPENING, connections - this.#lanes.size);
      const some = Array.from({ length: count }, () => this.#openOne());
      await Promise.race([aborted, Promise.all(some)]);
      onOpen(this.#lanes.size);
    }
    aborted.catch(() => {}); // it is looked at no more
  }

  async #openOne(): Promise<void> {
    const { url, protocols, headers, tls = {} } = this.#target;
    const socket = connect(url, {
      engine: ENGINE,
      protocols,
      headers,
      tls,
      binaryType: "arraybuffer",
      closeTimeout: CLOSE_TIMEOUT,
    });
    let why: string | undefined;
    socket.onerror = ({ error }) => why = whyNot(error);
    const lane = new Lane(socket, this.#shape.inFlight);
    socket.onmessage = ({ data }) => this.#answered(lane, data);
    socket.onclose = ({ code }) => this.#left(lane, why ?? `the server closed with ${code}`);
    try {
      await socket.opened;
    } catch {
      const most = this.#lanes.size === 0 ? "" : ` more than ${this.#lanes.size} times`;
      throw new Error(`Cannot connect to ${redact(url)}${most}: ${why}`);
    }
    this.#lanes.add(lane);
  }

  /** Sends and counts, for a while. */
  async run({ ms, messages }: Length, signal: AbortSignal): Promise<Measured> {
    this.messages = this.#wrong = this.#unanswered = 0;
    this.#latency = new Histogram();
    this.#budget = messages;
    this.#over = this.#hurry = false;
    const cpu = process.cpuUsage();
    const begun = this.#lastAnswer = performance.now();
    const done = new Promise<void>((resolve) => this.#finish = resolve);
    const timers = [
      setInterval(() => this.#look(), LOOK),
      ...(ms === Infinity ? [] : [setTimeout(() => this.#end(), ms)]),
    ];
    const interrupt = (): void => this.#end(true);
    signal.addEventListener("abort", interrupt);
    for (const lane of this.#lanes) {
      for (let i = 0; i < this.#shape.inFlight; i++) this.#send(lane);
    }
    this.#settle();
    if (signal.aborted) interrupt();
    await done;
    signal.removeEventListener("abort", interrupt);
    for (const timer of timers) clearTimeout(timer);
    const { user, system } = process.cpuUsage(cpu);
    const wall = performance.now() - begun;
    return {
      messages: this.messages,
      ms: this.#lastAnswer - begun,
      latency: this.#latency,
      lost: this.#lost,
      why: this.#why,
      wrong: this.#wrong,
      unanswered: signal.aborted ? this.#unanswered : this.#unanswered + this.#waiting,
      busy: (user + system) / 1000 / wall,
    };
  }

  #send(lane: Lane): void {
    if (this.#over || this.#budget === 0) return;
    this.#budget--;
    this.#waiting++;
    lane.send(this.#message);
  }

  #answered(lane: Lane, data: string | ArrayBuffer): void {
    if (!this.#isRight(data)) this.#wrong++;
    if (lane.waiting === 0) return void (this.#wrong += this.#isRight(data) ? 1 : 0);
    const now = this.#lastAnswer = performance.now();
    this.#latency.add(lane.answered(now) * 1000);
    this.messages++;
    this.#waiting--;
    this.#send(lane);
    this.#settle();
  }

  #isRight(data: string | ArrayBuffer): boolean {
    const message = this.#message;
    if (typeof message === "string" || typeof data === "string") return data === message;
    return Buffer.compare(new Uint8Array(data), message) === 0;
  }

  #left(lane: Lane, why: string): void {
    if (!this.#lanes.delete(lane)) return; // it was never open, or is closed by this side
    this.#lost++;
    this.#why ??= why;
    this.#waiting -= lane.waiting;
    this.#unanswered += lane.waiting;
    this.#settle();
  }

  /** Ends if there is nothing left to wait for. */
  #settle(): void {
    const noMore = this.#over || this.#budget === 0 || this.#lanes.size === 0;
    if (noMore && this.#waiting === 0) this.#finish();
  }

  #end(hurry = false): void {
    this.#over = true;
    this.#hurry ||= hurry;
    this.#settle();
  }

  /** A server that has fallen silent is not waited for for ever. */
  #look(): void {
    const patience = this.#hurry ? SHORT_PATIENCE : PATIENCE;
    if (performance.now() - this.#lastAnswer < patience) return;
    this.#over = true;
    this.#finish();
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    const sockets = [...this.#lanes].map(({ socket }) => socket);
    this.#lanes.clear();
    for (const socket of sockets) socket.close(1000);
    await Promise.all(sockets.map((socket) => socket.closed));
  }
}
