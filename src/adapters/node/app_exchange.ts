/** A handshake on a server of `node:http`, and the answer of the user's app to it. @module */

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

/** Stores which handshake a request was made from. */
export function remember(request: Request, exchange: AppExchange): void {
  exchanges.set(request, exchange);
  requests.set(exchange.incoming, request);
}

/** Returns the handshake that a request was made from, if it is one. */
export function exchangeOf(request: Request): AppExchange | undefined {
  return exchanges.get(request);
}

/** Returns the `Request` that was made from a request of Node's, if it is a handshake. */
export function requestOf(incoming: object): Request | undefined {
  return requests.get(incoming);
}

/** A handshake that an app may answer. */
export class AppExchange {
  /** Node's own request. */
  readonly incoming: IncomingMessage;
  readonly #stream: Duplex;
  readonly #context: UpgradeContext;
  readonly #over: AbortController = new AbortController();
  #outcome: "answered" | "upgraded" | "over" | undefined;

  /** Begins an exchange on a connection that Node has handed over. */
  constructor(incoming: IncomingMessage, stream: Duplex, context: UpgradeContext) {
    this.incoming = incoming;
    this.#stream = stream;
    this.#context = context;
  }

  /** Whether the app has sent an answer of its own, and no upgrade. */
  get answered(): boolean {
    return this.#outcome === "answered";
  }

  /** Ends the exchange unless the app has answered: from now on, its answer is too late. */
  close(): void {
    if (this.answered) return;
    this.#outcome ??= "over";
    this.#over.abort();
  }

  /**
   * Calls the app.
   *
   * @returns The answer, as soon as its head is known.
   * @throws The app's error before that, however late: an answer after it has no effect.
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
      writeHead.call(reply, status, ...rest); // throws if the head is invalid
      if (this.#outcome !== undefined) return reply;
      if (isPlaceholder(headers)) {
        this.#outcome = "upgraded";
        reply.on("finish", () => gate.destroy());
        resolve(new Response(null, { headers }));
      } else {
        this.#outcome = "answered";
        endAfter(reply, this.#stream, this.#context.options.openTimeout);
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
      this.#context.onError(error);
      if (this.answered && !reply.writableEnded) gate.destroy(); // it will not be completed
    }
  }

  /** Makes an answer whose bytes reach the client only if it is no upgrade. */
  #open(resolve: (response: Response) => void): { gate: Writable; reply: ServerResponse } {
    const stream = this.#stream;
    const write: Writable["_write"] = (chunk, encoding, done) => {
      if (this.answered) stream.write(chunk, encoding, done);
      else done(); // the 101 is written to the stream itself
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
    reply.on("error", this.#context.onError); // for instance, it is written to after its end
    drainWith(reply, gate);
    const { end } = reply;
    reply.end = (...args: unknown[]): ServerResponse => {
      Reflect.apply(end, reply, args);
      if (isLate) { // there is no head, since Node makes none without a client
        this.#outcome = "answered";
        resolve(new Response(null, { status: 500 }));
      }
      return reply;
    };
    gate.on("close", () => {
      stream.off("close", leave); // otherwise the reply would be kept as long as the socket
      if (this.#outcome !== undefined && !this.answered) return;
      // The app may still be at work, and need not answer any more: it counts until upgradeTimeout.
      if (isLate && this.#context.limitUpgrade !== undefined) return;
      if (!reply.writableFinished) stream.destroy(); // the app has destroyed its answer
      resolve(new Response(null, { status: 500 }));
    });
    return { gate, reply };
  }
}

function ignore(): void {}

/** Returns the headers of an answer: those that were set, overridden by those of `writeHead()`. */
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
