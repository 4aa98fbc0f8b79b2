/** A handshake on a server of `node:http`, and what an app of its user's answers to it. @module */

import type {
  IncomingMessage,
  OutgoingHttpHeader,
  RequestListener,
  ServerResponse,
} from "node:http";
import { type Duplex, Writable } from "node:stream";
import { drainWith, endAfter, replyOn } from "./reply.ts";
import type { UpgradeContext } from "../../server/handler.ts";
import { isPlaceholder } from "../../server/placeholder.ts";

const exchanges = new WeakMap<Request, AppExchange>();
const requests = new WeakMap<object, Request>();

/** Remembers what a request was made of. */
export function remember(request: Request, exchange: AppExchange): void {
  exchanges.set(request, exchange);
  requests.set(exchange.incoming, request);
}

/** What a request was made of, if it is a handshake. */
export function exchangeOf(request: Request): AppExchange | undefined {
  return exchanges.get(request);
}

/** What was made of a request of Node's, if it is a handshake. */
export function requestOf(incoming: object): Request | undefined {
  return requests.get(incoming);
}

/** A handshake as Node sees it. */
export class AppExchange {
  readonly incoming: IncomingMessage;
  readonly #stream: Duplex;
  readonly #answering: UpgradeContext;
  readonly #over: AbortController = new AbortController();
  #outcome: "answered" | "upgraded" | "over" | undefined;

  /** Begins. */
  constructor(incoming: IncomingMessage, stream: Duplex, answering: UpgradeContext) {
    this.incoming = incoming;
    this.#stream = stream;
    this.#answering = answering;
  }

  /** Whether an app has answered by itself, with something else than an upgrade. */
  get answered(): boolean {
    return this.#outcome === "answered";
  }

  /** Ends it unless an app has answered: what it says from now on is too late. */
  close(): void {
    if (this.answered) return;
    this.#outcome ??= "over";
    this.#over.abort();
  }

  /**
   * Lets an app answer.
   *
   * @returns The answer, as soon as its head is known.
   * @throws What the app throws before that, however late: what it says afterwards is of no effect.
   */
  answer(listener: RequestListener): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#answer(listener, resolve).catch(reject);
    });
  }

  async #answer(listener: RequestListener, resolve: (response: Response) => void): Promise<void> {
    const { gate, reply } = this.#open(resolve);
    const writeHead = reply.writeHead as (status: number, ...rest: unknown[]) => ServerResponse;
    reply.writeHead = (status: number, ...rest: unknown[]): ServerResponse => {
      const headers = headersOf(reply, rest.at(-1));
      writeHead.call(reply, status, ...rest); // throws where there is no such head
      if (this.#outcome !== undefined) return reply;
      if (isPlaceholder(headers)) {
        this.#outcome = "upgraded";
        reply.on("finish", () => gate.destroy());
        resolve(new Response(null, { headers }));
      } else {
        this.#outcome = "answered";
        endAfter(reply, this.#stream, this.#answering.options.openTimeout);
        resolve(new Response(null, { status: status >= 200 && status < 600 ? status : 500 }));
      }
      return reply;
    };
    try {
      await listener(this.incoming, reply);
    } catch (error) {
      if (this.#outcome === undefined || this.#outcome === "over") {
        this.#outcome = "over";
        throw error;
      }
      this.#answering.onError(error);
      if (this.answered && !reply.writableEnded) gate.destroy(); // there is no end to it
    }
  }

  /** Makes an answer that reaches the client only if it is one, and not an upgrade. */
  #open(resolve: (response: Response) => void): { gate: Writable; reply: ServerResponse } {
    const stream = this.#stream;
    const write: Writable["_write"] = (chunk, encoding, done) => {
      if (this.answered) stream.write(chunk, encoding, done);
      else done(); // what ws writes takes its place
    };
    const gate = new Writable({ write });
    gate.on("error", ignore); // the client has left
    let isLate = false; // the client has left, or is answered already
    const leave = (): void => {
      isLate = true;
      gate.destroy();
    };
    stream.on("close", leave);
    this.#over.signal.addEventListener("abort", leave);
    const reply = replyOn(gate, this.incoming);
    reply.on("error", this.#answering.onError); // for instance, it is written to after its end
    drainWith(reply, gate);
    const { end } = reply;
    reply.end = (...args: unknown[]): ServerResponse => {
      Reflect.apply(end, reply, args);
      if (isLate) { // without a head, since Node makes none for nobody
        this.#outcome = "answered";
        resolve(new Response(null, { status: 500 }));
      }
      return reply;
    };
    gate.on("close", () => {
      stream.off("close", leave); // what the app made is not kept as long as the socket
      if (this.#outcome !== undefined && !this.answered) return;
      // The app may still be at work, and apps need not answer then: until upgradeTimeout it counts.
      if (isLate && this.#answering.limitUpgrade !== undefined) return;
      if (!reply.writableFinished) stream.destroy(); // the app has destroyed its answer
      resolve(new Response(null, { status: 500 }));
    });
    return { gate, reply };
  }
}

function ignore(): void {}

/** What stands in an answer: what was set before, and what `writeHead()` is given instead. */
function headersOf(reply: ServerResponse, given: unknown): Headers {
  const headers = new Headers();
  const set = (name: string, value: OutgoingHttpHeader | undefined): void => {
    headers.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, String(one));
  };
  for (const [name, value] of Object.entries(reply.getHeaders())) set(name, value);
  if (Array.isArray(given)) {
    for (let i = 0; i < given.length; i += 2) headers.append(given[i], given[i + 1]);
  } else if (typeof given === "object" && given !== null) {
    for (const [name, value] of Object.entries(given)) set(name, value);
  }
  return headers;
}
