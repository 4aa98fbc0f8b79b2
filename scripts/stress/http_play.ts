/** Plays one exchange of the HTTP fuzzer, and judges the answers. @module */

import { Buffer } from "node:buffer";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { CLOSE, frame, TEXT } from "./frames.ts";
import { AnswerReader, type HttpAnswer } from "./http_answers.ts";
import type { Departure, HttpExchange } from "./http_plan.ts";
import { ATTACHED, type FuzzRequest } from "./http_requests.ts";
import { openTcp, reset } from "./load_client.ts";

/** Milliseconds after which an answer, or the end of a connection, counts as missing. */
const PATIENCE = 5000;
/** Milliseconds to wait for a server that need not answer. */
const QUIET = 60;
/** Number of local addresses of the clients: each has ports for some ten thousand connections. */
const ADDRESSES = 32;

/** Maximum number of pending handlers at the entry "crowded". */
const MAX_HANDLERS = 5;

/** Statuses of a malformed request. */
const REFUSALS = [400, 403, 404, 405, 408, 411, 413, 414, 415, 417, 421, 426, 431, 501, 505];

/** A fault of a server. */
export interface Fault {
  /** Description, with the request. */
  readonly what: string;
  /** Description of the kind of fault, without the request. */
  readonly kind: string;
  /**
   * Whether the runtime may be the cause: it cannot be if a handler got a request that it must not
   * get.
   */
  readonly mayBeRuntimes: boolean;
}

/** A client. */
class Client {
  readonly reader: AnswerReader;
  readonly #stream;
  readonly #patience: number;
  isOver = false;
  #wake: (() => void) | undefined;

  constructor(port: number, index: number, methods: readonly string[], patience: number) {
    this.#patience = patience;
    this.reader = new AnswerReader(methods);
    this.#stream = openTcp({ port, localAddress: `127.0.0.${30 + index % ADDRESSES}` });
    this.#stream.on("data", (chunk: Buffer) => {
      this.reader.read(chunk);
      this.#wake?.();
    });
    this.#stream.on("close", () => {
      this.isOver = true;
      this.reader.end();
      this.#wake?.();
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#stream.writable) this.#stream.write(bytes);
  }

  async pause(time: number): Promise<void> {
    this.#stream.pause();
    await wait(time);
    this.#stream.resume();
  }

  depart(how: Departure): void {
    if (how === "end") this.#stream.end();
    else if (how === "reset") reset(this.#stream);
    else this.#stream.destroy();
  }

  /** Waits until a condition holds, or the connection has ended. Resolves with `false` if it is late. */
  async until(holds: () => boolean, time = this.#patience): Promise<boolean> {
    const end = performance.now() + time;
    while (!this.isOver && !holds() && this.reader.malformed === undefined) {
      const left = end - performance.now();
      if (left <= 0) return false;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, left);
      await promise;
      clearTimeout(timer);
    }
    return true;
  }
}

/** Kind of the fault that a connection ends within an answer: the place is random. */
const BREAKS_OFF = "the connection breaks off";

/** Kind of the fault that a runtime treats a handshake as a page's request. */
const NOT_HANDED_OVER = "the handshake is not handed over";

function malformed({ malformed, isBrokenOff }: AnswerReader): Fault {
  const what = `malformed: ${malformed}`;
  return fault(what, true, isBrokenOff ? BREAKS_OFF : what);
}

function fault(what: string, mayBeRuntimes = true, kind = what): Fault {
  return { what, kind, mayBeRuntimes };
}

/**
 * Plays an exchange.
 *
 * @param patience Time limit of an answer, in milliseconds.
 * @returns Resolves with the fault, if there is one.
 */
export async function playExchange(
  it: HttpExchange,
  port: number,
  patience = PATIENCE,
): Promise<Fault | undefined> {
  const clients = Array.from(
    { length: it.copies },
    (_, i) => playOne(it, port, it.number + i, patience),
  );
  const faults = await Promise.all(clients);
  return faults.find((found) => found !== undefined);
}

async function playOne(
  it: HttpExchange,
  port: number,
  index: number,
  patience: number,
): Promise<Fault | undefined> {
  const client = new Client(port, index, it.requests.map(({ method }) => method), patience);
  const { reader } = client;
  try {
    for (const step of it.steps) {
      if (client.isOver) break;
      if ("write" in step) {
        client.write(step.write);
        await turn();
      } else if ("wait" in step) await wait(step.wait);
      else if ("pause" in step) await client.pause(step.pause);
      else if ("leave" in step) client.depart(step.leave);
      else if (!await client.until(() => reader.count >= step.answers || reader.isOpen)) break;
    }
    return await conclude(it, client, patience);
  } finally {
    client.depart("destroy");
  }
}

async function conclude(
  it: HttpExchange,
  client: Client,
  patience: number,
): Promise<Fault | undefined> {
  const { reader } = client;
  const { requests } = it;
  if (it.departure !== undefined || it.isMangled) {
    if (it.departure === undefined) {
      await client.until(() => false, QUIET);
      client.depart("end");
    }
    const isGone = await client.until(() => false);
    // One of the mangled requests may have swallowed another, so that the next body is not HEAD's, or
    // have lost the length of its body, so that the requests in there are as good as others.
    const isUnclear = it.isMangled && (requests.some(({ method }) => method === "HEAD") ||
      reader.malformed?.startsWith("one answer more"));
    if (reader.malformed !== undefined && !isUnclear) return malformed(reader);
    if (!isGone && reader.malformed === undefined) return fault("the connection stays");
    return it.isMangled ? undefined : judge(it, client, true);
  }
  const last = requests.at(-1)!;
  const isDue = requests.every(({ validity }) => validity !== "open");
  const all = (): boolean => reader.count >= requests.length || reader.isOpen;
  const isAnswered = await client.until(all, isDue ? patience : QUIET);
  if (reader.malformed !== undefined) return malformed(reader);
  if (!isAnswered && isDue) {
    const { answers } = reader;
    const state = answers.length > reader.count ? "an answer without end" : "no answer";
    return fault(`${state} to ${requests[reader.count]!.tag}`, true, state);
  }
  const found = judge(it, client, false);
  if (found !== undefined) return found;
  if (reader.isOpen) return await talk(it, client);
  if (last.mayEnd || isDue) return undefined;
  client.depart(it.ending === "close" ? "end" : it.ending);
  return await client.until(() => false) ? undefined : fault("the connection stays");
}

/** Sends a message over an open socket, waits for its echo, and ends the socket. */
async function talk(it: HttpExchange, client: Client): Promise<Fault | undefined> {
  const { reader } = client;
  if (!it.isEarly) client.write(frame(TEXT, it.message));
  const isHeard = await client.until(() => reader.messages.length > 0);
  if (!isHeard) return fault("no echo");
  const [message] = reader.messages;
  if (message === undefined) return fault("the socket ends before its echo");
  if (message !== it.message) return fault("the echo is another message", false);
  if (it.ending === "close") client.write(frame(CLOSE, Buffer.from([3, 232])));
  else client.depart(it.ending);
  return await client.until(() => false) ? undefined : fault("the socket stays");
}

/** Compares answers with requests. */
function judge(it: HttpExchange, client: Client, isLeaving: boolean): Fault | undefined {
  const { requests } = it;
  const { answers } = client.reader;
  // If a server cannot read on, its pending answers may be lost, and the present one truncated.
  const mayBreakOff = requests.at(-1)!.validity === "open";
  for (const [i, answer] of answers.entries()) {
    const request = requests[i];
    if (request === undefined) {
      if (answer.status >= 400 && !answer.headers.has("x-nonce")) continue; // leftover bytes
      return fault("one answer more than requests", false);
    }
    if (isLeaving && REFUSALS.includes(answer.status)) continue; // its request is incomplete
    const found = judgeOne(it, request, answer);
    if (found !== undefined) return found;
    const isCut = !answer.whole && !isLeaving && !request.mayEnd && !mayBreakOff && client.isOver;
    if (isCut) return fault(`the answer to ${request.tag} is cut`, true, BREAKS_OFF);
  }
  if (isLeaving || answers.length >= requests.length) return undefined;
  const missing = requests[answers.length]!;
  if (mayBreakOff || missing.mayEnd) return undefined;
  const last = answers.at(-1);
  const before = requests[answers.length - 1];
  const mayClose = last !== undefined &&
    (last.status >= 400 || /close/i.test(last.headers.get("connection") ?? "") ||
      before!.mayEnd || before!.tag.includes("(") || missing.isHandshake);
  const what = `the connection ends without an answer to ${missing.tag}`;
  return mayClose ? undefined : fault(what, true, BREAKS_OFF);
}

function judgeOne(
  it: HttpExchange,
  request: FuzzRequest,
  { status, headers, body }: HttpAnswer,
): Fault | undefined {
  const { nonce, path, tag, validity, statuses } = request;
  const given = headers.get("x-nonce");
  if (given !== undefined && given !== nonce) {
    return fault(`${tag} is answered for another request`, false);
  }
  const type = headers.get("content-type") ?? "";
  if (/html/i.test(type) || /__bun|node_modules|at .*\.ts:\d/.test(body)) {
    return fault(`${tag} is answered with a page for developers`, false);
  }
  const seen = headers.get("x-path");
  if (seen !== undefined && path !== undefined && plain(seen) !== plain(path.slice(0, 8000))) {
    const shown = seen.length > 60 ? `${seen.length} characters` : seen;
    return fault(`the handler of ${tag} sees the path ${shown}`, false);
  }
  const length = headers.get("x-length");
  if (length !== undefined && request.length !== undefined && Number(length) !== request.length) {
    return fault(
      `the handler of ${tag} sees a body of ${length} bytes, not ${request.length}`,
      false,
    );
  }
  const by = headers.get("x-by");
  if (by === "handshakes" && !request.isHandshake && ATTACHED.includes(it.entry)) {
    return fault(`${tag} is answered by the handler of handshakes`, false);
  }
  const most = Number(headers.get("x-most") ?? 0);
  if (most > MAX_HANDLERS) return fault(`more than ${MAX_HANDLERS} handlers are under way`, false);
  if (by === "pages" && request.isHandshake && validity !== "open") {
    return fault(`${tag} comes to the listener of pages`, true, NOT_HANDED_OVER);
  }
  const wanted = acceptableStatuses(it, request);
  if (wanted.includes(status)) return undefined;
  // An unreadable request may be refused before the ones before it are answered.
  const mayOvertake = it.requests.at(-1)!.validity === "open" && given === undefined;
  if (mayOvertake && REFUSALS.includes(status)) return undefined;
  if (it.entry === "serve-tcp" && request.isHandshake && given === undefined && status === 400) {
    return fault(`${tag} is refused as a page's request`, true, NOT_HANDED_OVER);
  }
  const isHandled = given !== undefined || status === 101;
  const names = validity === "fine" ? statuses.join(" or ") : "a refusal";
  const words = body.trim().slice(0, 60);
  const said = words === "" ? "" : ` ${JSON.stringify(words)}`;
  const kind = `is answered with ${status}${said}`;
  return fault(`${tag} ${kind}, not ${names}`, !isHandled, kind);
}

/** A path without what URL parsers differ in: by the standard of 2024, they encode `^`. */
function plain(path: string): string {
  return path.replaceAll("%5E", "^");
}

/** Returns the acceptable statuses. */
function acceptableStatuses(
  it: HttpExchange,
  { validity, statuses, manner }: FuzzRequest,
): readonly number[] {
  const own = [
    ...statuses,
    ...(it.isEarly ? [400] : []), // Bun refuses a client that sends more before it is answered
    ...(it.entry === "crowded" ? [503] : []),
  ];
  if (validity === "fine") return own;
  if (validity === "open") return [...own, ...REFUSALS, 101, 200, 204, 401, 500];
  // Using a refusal twice is the program's fault.
  return manner === "caught" ? [...REFUSALS, 500] : REFUSALS;
}
