/** Load generator of `bench`: connections that send, wait for the answers, and send again. @module */

import { Buffer } from "node:buffer";
import process from "node:process";
import { connect } from "../../portable/connect.ts";
import type { Socket } from "../../core/socket.ts";
import { failureReason } from "../shared/failure_reason.ts";
import type { ConnectTarget } from "../shared/target.ts";
import { Histogram } from "./histogram.ts";
import { redact } from "../../core/credentials.ts";

/** Connections and messages of a benchmark. */
export interface Workload {
  /** Number of connections. */
  readonly connections: number;
  /** Number of messages in flight on each connection. */
  readonly inFlight: number;
  /** Size of each message, in bytes. */
  readonly size: number;
  /** Type of the messages. */
  readonly kind: "text" | "binary";
}

/** Length of a run: a time in milliseconds, or a number of messages to send. */
export interface RunLength {
  readonly ms: number;
  readonly messages: number;
}

/** Result of a run. */
export interface Measurement {
  /** Number of answers. */
  readonly messages: number;
  /** Time from the first message to the last answer, in milliseconds. */
  readonly ms: number;
  /** Time of each answer. */
  readonly latency: Histogram;
  /** Number of connections that were lost. */
  readonly lost: number;
  /** Reason for which the first of them was lost. */
  readonly lossReason: string | undefined;
  /** Number of answers that differ from the message, or that answer none. */
  readonly wrong: number;
  /** Number of messages without an answer. */
  readonly unanswered: number;
  /** CPU time of this process, as a part of one processor's. */
  readonly busy: number;
}

/** Number of connections opened at a time. */
const OPENING = 64;

/** ms: silence on all connections after which no answer is expected any more. */
const SILENCE_LIMIT = 10_000;

/** ms: the same after Ctrl-C. */
const SHORT_SILENCE_LIMIT = 1000;

/** ms: time limit for the server's answer to a Close frame. */
const CLOSE_TIMEOUT = 2000;

/** ms: interval of checks for silence. */
const CHECK_INTERVAL = 100;

/** One connection, with the send times of its messages in flight. */
class BenchConnection {
  readonly socket: Socket;
  /** Ring buffer of the send times of the messages in flight. */
  readonly #times: Float64Array;
  #first = 0;
  inFlight = 0;

  constructor(socket: Socket, maxInFlight: number) {
    this.socket = socket;
    this.#times = new Float64Array(maxInFlight);
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#times[(this.#first + this.inFlight++) % this.#times.length] = performance.now();
    this.socket.send(data);
  }

  /** Returns the latency of the oldest message in flight, in milliseconds, and removes it. */
  answered(now: number): number {
    const took = now - this.#times[this.#first]!;
    this.#first = (this.#first + 1) % this.#times.length;
    this.inFlight--;
    return took;
  }
}

/** Connections to one server, and the load on them. */
export class LoadGenerator {
  /** Number of answers in this run so far. */
  messages = 0;

  readonly #target: ConnectTarget;
  readonly #workload: Workload;
  readonly #message: string | Uint8Array<ArrayBuffer>;
  readonly #connections: Set<BenchConnection> = new Set();
  #latency = new Histogram();
  #budget = 0;
  #isOver = true;
  #isInterrupted = false;
  #inFlight = 0;
  #lastAnswer = 0;
  #lost = 0;
  #lossReason: string | undefined;
  #wrong = 0;
  #unanswered = 0;
  #finish = (): void => {};

  /** Makes the message. Connects nothing yet. */
  constructor(target: ConnectTarget, workload: Workload) {
    this.#target = target;
    this.#workload = workload;
    const text = "isosocket ".repeat(Math.ceil(workload.size / 10)).slice(0, workload.size);
    this.#message = workload.kind === "text" ? text : new Uint8Array(Buffer.from(text));
  }

  /**
   * Opens the connections.
   *
   * @param onOpen Called with the number of open connections.
   * @param signal Aborts the attempt.
   * @throws {Error} If one cannot be opened: the message says why.
   * @throws The signal's reason, if it is aborted.
   */
  async open(onOpen: (count: number) => void, signal: AbortSignal): Promise<void> {
    const { connections } = this.#workload;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    while (this.#connections.size < connections) {
      const count = Math.min(OPENING, connections - this.#connections.size);
      const some = Array.from({ length: count }, () => this.#openOne());
      await Promise.race([aborted, Promise.all(some)]);
      onOpen(this.#connections.size);
    }
    aborted.catch(() => {}); // nothing awaits it any more
  }

  async #openOne(): Promise<void> {
    const { url, protocols, headers, tls = {} } = this.#target;
    const socket = connect(url, {
      protocols,
      headers,
      tls,
      binaryType: "arraybuffer",
      closeTimeout: CLOSE_TIMEOUT,
    });
    let failure: string | undefined;
    socket.onerror = ({ error }) => failure = failureReason(error);
    const connection = new BenchConnection(socket, this.#workload.inFlight);
    socket.onmessage = ({ data }) => this.#answered(connection, data);
    socket.onclose = ({ code }) =>
      this.#closed(connection, failure ?? `the server closed with ${code}`);
    try {
      await socket.opened;
    } catch {
      const most = this.#connections.size === 0 ? "" : ` more than ${this.#connections.size} times`;
      throw new Error(`Cannot connect to ${redact(url)}${most}: ${failure}`);
    }
    this.#connections.add(connection);
  }

  /** Sends messages and measures their answers, for the length of a run. */
  async run({ ms, messages }: RunLength, signal: AbortSignal): Promise<Measurement> {
    this.messages = this.#wrong = this.#unanswered = 0;
    this.#latency = new Histogram();
    this.#budget = messages;
    this.#isOver = this.#isInterrupted = false;
    const cpu = process.cpuUsage();
    const begun = this.#lastAnswer = performance.now();
    const done = new Promise<void>((resolve) => this.#finish = resolve);
    const timers = [
      setInterval(() => this.#checkSilence(), CHECK_INTERVAL),
      ...(ms === Infinity ? [] : [setTimeout(() => this.#end(), ms)]),
    ];
    const interrupt = (): void => this.#end(true);
    signal.addEventListener("abort", interrupt);
    for (const connection of this.#connections) {
      for (let i = 0; i < this.#workload.inFlight; i++) this.#send(connection);
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
      lossReason: this.#lossReason,
      wrong: this.#wrong,
      unanswered: signal.aborted ? this.#unanswered : this.#unanswered + this.#inFlight,
      busy: (user + system) / 1000 / wall,
    };
  }

  #send(connection: BenchConnection): void {
    if (this.#isOver || this.#budget === 0) return;
    this.#budget--;
    this.#inFlight++;
    connection.send(this.#message);
  }

  #answered(connection: BenchConnection, data: string | ArrayBuffer): void {
    if (!this.#isRight(data)) this.#wrong++;
    if (connection.inFlight === 0) return void (this.#wrong += this.#isRight(data) ? 1 : 0);
    const now = this.#lastAnswer = performance.now();
    this.#latency.add(connection.answered(now) * 1000);
    this.messages++;
    this.#inFlight--;
    this.#send(connection);
    this.#settle();
  }

  #isRight(data: string | ArrayBuffer): boolean {
    const message = this.#message;
    if (typeof message === "string" || typeof data === "string") return data === message;
    return Buffer.compare(new Uint8Array(data), message) === 0;
  }

  #closed(connection: BenchConnection, reason: string): void {
    if (!this.#connections.delete(connection)) return; // it was never open, or is closed by this side
    this.#lost++;
    this.#lossReason ??= reason;
    this.#inFlight -= connection.inFlight;
    this.#unanswered += connection.inFlight;
    this.#settle();
  }

  /** Ends the run if no answer is awaited any more. */
  #settle(): void {
    const noMore = this.#isOver || this.#budget === 0 || this.#connections.size === 0;
    if (noMore && this.#inFlight === 0) this.#finish();
  }

  #end(isInterrupted = false): void {
    this.#isOver = true;
    this.#isInterrupted ||= isInterrupted;
    this.#settle();
  }

  /** Ends the run if the server has been silent for too long. */
  #checkSilence(): void {
    const limit = this.#isInterrupted ? SHORT_SILENCE_LIMIT : SILENCE_LIMIT;
    if (performance.now() - this.#lastAnswer < limit) return;
    this.#isOver = true;
    this.#finish();
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    const sockets = [...this.#connections].map(({ socket }) => socket);
    this.#connections.clear();
    for (const socket of sockets) socket.close(1000);
    await Promise.all(sockets.map((socket) => socket.closed));
  }
}
