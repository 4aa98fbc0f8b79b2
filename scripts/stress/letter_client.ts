/** A client that checks that each byte that it gets is its own or its topic's, in order. @module */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { CLOSE, frame, FrameScanner, PING, PONG } from "./frames.ts";
import { bytesOf, drawLetter, framesOf, type Letter, type Purpose, readLetter } from "./letters.ts";
import { type Address, openTcp, upgradeRequest } from "./load_client.ts";
import type { Random } from "./random.ts";

/** Milliseconds that the server has for what is missing. */
const PATIENCE = 30_000;

/** Number of bytes that may be on their way to a client that reads, and to one that does not. */
const WINDOW = 512 * 1024, UNREAD = 6 * 1024 * 1024;

/** Purposes of messages, as often as they are. */
const PURPOSES = ["E", "E", "E", "E", "L", "L", "P"] as const;

/** How a connection ends. */
const ENDINGS = ["close", "close", "close", "reset", "hang up", "half"] as const;

/** Topics of the connections, by their numbers. */
const topics: Map<number, string> = new Map();

/** One connection. */
export class LetterClient {
  /** Number of messages that came. */
  received = 0;
  /** Number of their bytes. */
  bytes = 0;
  /** What was wrong. */
  wrong: string | undefined;
  readonly #stream: Socket;
  readonly #random: Random;
  readonly #number: number;
  readonly #topic: string;
  /** Messages that are to come back, in order. */
  readonly #due: Letter[] = [];
  /** Those that are to come back later. */
  readonly #later: Letter[] = [];
  #dueBytes = 0;
  /** Payloads of Pings that may be answered, in order. */
  readonly #pings: Buffer[] = [];
  /** Number of the next message of each connection to the topic. */
  readonly #next: Map<number, number> = new Map();
  readonly #sent: Record<Purpose, number> = { E: 0, L: 0, P: 0, H: 0 };
  #pinged = 0;
  #close: Buffer | undefined;
  #isClosed = false;
  #isOver = false;
  #wake: (() => void) | undefined;
  #head: Buffer | undefined = Buffer.alloc(0);
  readonly #frames = new FrameScanner((...it) => this.#found(...it));

  /** Connects. */
  constructor(address: Address, number: number, topic: string, random: Random) {
    this.#number = number;
    this.#topic = topic;
    this.#random = random;
    topics.set(number, topic);
    this.#stream = openTcp(address);
    this.#stream.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#stream.on("close", () => {
      this.#isOver = true;
      this.#wake?.();
    });
    this.#stream.write(upgradeRequest({ ...address, path: topic }));
  }

  /** Sends and reads until a time has come, or chance ends it. */
  async run(until: number): Promise<void> {
    const random = this.#random;
    await this.#until(() => this.#head === undefined, "no answer");
    while (!this.#isDone && performance.now() < until) {
      if (random.chance(0.08)) break;
      if (random.chance(0.1)) await this.#sleep();
      else await this.#burst();
      await this.#until(() => this.#dueBytes < WINDOW, "messages are missing");
    }
    if (!this.#isDone) await this.#end(random.pick(ENDINGS));
    this.#stream.destroy();
  }

  get #isDone(): boolean {
    return this.#isOver || this.wrong !== undefined;
  }

  /** Sends without reading, and reads then. */
  async #sleep(): Promise<void> {
    this.#stream.pause();
    const most = this.#random.below(UNREAD);
    while (this.#dueBytes < most && !this.#isDone) await this.#burst();
    await wait(this.#random.below(400));
    this.#stream.resume();
  }

  /** Sends messages and Pings, cut anywhere. */
  async #burst(): Promise<void> {
    const random = this.#random;
    const frames: Buffer[] = [];
    const ping = (): Buffer => this.#ping();
    for (let count = 1 + random.below(8); count > 0; count--) {
      if (random.chance(0.2)) frames.push(frame(PING, ping()));
      frames.push(...framesOf(random, this.#letter(random.pick(PURPOSES)), ping));
    }
    await this.#write(Buffer.concat(frames));
  }

  #letter(purpose: Purpose): Letter {
    const letter = drawLetter(this.#random, purpose, this.#number, this.#sent[purpose]++);
    (purpose === "L" ? this.#later : this.#due).push(letter);
    this.#dueBytes += letter.size;
    return letter;
  }

  #ping(): Buffer {
    const payload = Buffer.from(
      `${this.#number}.${this.#pinged++}.`.padEnd(this.#random.below(126), "p"),
    );
    this.#pings.push(payload);
    return payload;
  }

  async #write(bytes: Buffer): Promise<void> {
    const random = this.#random;
    let at = 0;
    for (let cuts = random.below(4); cuts > 0; cuts--) {
      const end = random.chance(0.5)
        ? Math.min(bytes.length, at + random.below(20))
        : at + random.below(bytes.length - at + 1);
      if (this.#stream.writable) this.#stream.write(bytes.subarray(at, end));
      at = end;
      await turn();
    }
    if (this.#stream.writable) this.#stream.write(bytes.subarray(at));
    await turn();
  }

  async #end(how: typeof ENDINGS[number]): Promise<void> {
    if (how === "reset") return; // and what is on its way is lost
    if (how === "hang up") {
      const letter = this.#letter("H");
      await this.#write(frame(letter.opcode, bytesOf(letter)));
      return this.#until(() => this.#isOver, "the server does not hang up");
    }
    if (how === "half") {
      this.#stream.end();
      return this.#until(() => this.#isOver, "the server does not end");
    }
    await this.#until(() => this.#due.length + this.#later.length === 0, "messages are missing");
    const code = 4000 + this.#random.below(1000);
    this.#close = Buffer.from(`xx${this.#number} goes`.padEnd(this.#random.below(125), "."));
    this.#close.writeUInt16BE(code);
    await this.#write(frame(CLOSE, this.#close));
    await this.#until(() => this.#isOver, "the server does not close");
    if (!this.#isClosed && this.wrong === undefined) this.wrong = "no Close frame came back";
  }

  /** Waits until a condition holds, or the connection is over. */
  async #until(holds: () => boolean, otherwise: string): Promise<void> {
    const end = performance.now() + PATIENCE;
    while (!holds() && !this.#isDone) {
      if (performance.now() > end) {
        this.wrong = `${otherwise}: ${
          this.#due.length + this.#later.length
        } messages, ${this.received} came`;
        return;
      }
      const timer = setTimeout(() => this.#wake?.(), 1000);
      await new Promise<void>((resolve) => this.#wake = resolve);
      clearTimeout(timer);
    }
  }

  #read(chunk: Buffer): void {
    if (this.wrong !== undefined) return;
    if (this.#head === undefined) this.#frames.read(chunk);
    else {
      this.#head = Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const rest = this.#head.subarray(end + 4);
      if (!this.#head.toString("latin1", 0, 13).startsWith("HTTP/1.1 101 ")) {
        this.wrong = this.#head.toString("latin1", 0, 60);
      }
      this.#head = undefined;
      if (rest.length > 0) this.#frames.read(rest);
    }
    this.#wake?.();
  }

  #found(opcode: number, payload: Buffer, fin: boolean): void {
    if (this.wrong !== undefined) return;
    this.received++;
    this.bytes += payload.length;
    if (!fin) this.wrong = "a fragment";
    else if (this.#isClosed) this.wrong = "something behind the Close frame";
    else if (opcode === PONG) this.#foundPong(payload);
    else if (opcode === CLOSE) this.#foundClose(payload);
    else if (opcode !== PING) this.#foundMessage(opcode, payload);
  }

  /** Of several Pings, only the latest may be answered (RFC 6455, 5.5.3). */
  #foundPong(payload: Buffer): void {
    const at = this.#pings.findIndex((it) => it.equals(payload));
    if (at < 0) this.wrong = `a foreign Pong, ${excerpt(payload)}`;
    this.#pings.splice(0, at + 1);
  }

  #foundClose(payload: Buffer): void {
    this.#isClosed = true;
    if (this.#close === undefined || !payload.equals(this.#close)) {
      this.wrong = `a Close frame, ${excerpt(payload)}`;
    }
  }

  #foundMessage(opcode: number, payload: Buffer): void {
    const letter = readLetter(payload);
    if (letter?.purpose === "P" && letter.from !== this.#number) {
      if (topics.get(letter.from) !== this.#topic) this.wrong = "a message of another topic";
      const { from, number } = letter;
      if (number !== (this.#next.get(from) ?? number)) this.wrong = "a topic out of order";
      this.#next.set(from, number + 1);
      return this.#compare(letter, opcode, payload);
    }
    const due = (letter?.purpose === "L" ? this.#later : this.#due).shift();
    if (due === undefined) this.wrong = `a message too many, ${excerpt(payload)}`;
    else {
      this.#dueBytes -= due.size;
      this.#compare(due, opcode, payload);
    }
  }

  #compare(letter: Letter, opcode: number, payload: Buffer): void {
    const wanted = bytesOf(letter);
    if (opcode === letter.opcode && payload.equals(wanted)) return;
    const at = payload.findIndex((octet, i) => octet !== wanted[i]);
    this.wrong = `foreign bytes at ${at} of ${payload.length}, ${excerpt(payload.subarray(at))}` +
      ` for ${excerpt(wanted.subarray(at))} in ${this.#topic}`;
  }
}

function excerpt(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1", 0, 30));
}
