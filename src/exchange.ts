/** A handshake on a server of `node:http`, and what an app of its user's answers to it. @module */

import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type RequestListener,
  ServerResponse,
} from "node:http";
import type { Socket as TcpSocket } from "node:net";
import { Writable } from "node:stream";
import { isPlaceholder } from "./upgrade.ts";

const exchanges = new WeakMap<Request, Exchange>();
const requests = new WeakMap<object, Request>();

/** Remembers what a request was made of. */
export function remember(request: Request, exchange: Exchange): void {
  exchanges.set(request, exchange);
  requests.set(exchange.incoming, request);
}

/** What a request was made of, if it is a handshake. */
export function exchangeOf(request: Request): Exchange | undefined {
  return exchanges.get(request);
}

/** What was made of a request of Node's, if it is a handshake. */
export function requestOf(incoming: object): Request | undefined {
  return requests.get(incoming);
}

/** A handshake as Node sees it. */
export class Exchange {
  /** Whether an app has answered by itself, with something else than an upgrade. */
  answered = false;
  readonly incoming: IncomingMessage;
  readonly #stream: TcpSocket;
  #failed = false;

  constructor(incoming: IncomingMessage, stream: TcpSocket) {
    this.incoming = incoming;
    this.#stream = stream;
  }

  /** Says that somebody else answers: what an app says after that is too late. */
  supersede(): void {
    this.#failed = true;
  }

  /**
   * Lets an app answer. If it throws, what it says after that is too late.
   *
   * @param resolve Told of the answer, as soon as its head is known.
   */
  async answer(listener: RequestListener, resolve: (response: Response) => void): Promise<void> {
    const stream = this.#stream;
    const write: Writable["_write"] = (chunk, encoding, done) => {
      if (this.answered) stream.write(chunk, encoding, done);
      else done(); // what ws writes takes its place
    };
    const gate = new Writable({ write });
    gate.on("error", ignore); // the client has left
    const leave = (): void => void gate.destroy();
    stream.on("close", leave);
    const { method, httpVersionMajor, httpVersionMinor, headers } = this.incoming;
    const likeness = { method, httpVersionMajor, httpVersionMinor, headers } as IncomingMessage;
    const reply = replyOn(gate, likeness); // given its own request, Bun's passes by the gate
    Object.assign(reply, { req: this.incoming });
    const writeHead = reply.writeHead as (status: number, ...rest: unknown[]) => ServerResponse;
    reply.writeHead = (status: number, ...rest: unknown[]): ServerResponse => {
      const headers = headersOf(reply, rest.at(-1));
      if (isPlaceholder(headers)) {
        stream.off("close", leave); // what the app made is not kept as long as the socket
        reply.on("finish", leave);
        resolve(new Response(null, { headers }));
      } else if (!this.answered && !this.#failed) {
        this.answered = true;
        endAfter(reply, stream);
        resolve(new Response(null, { status: Math.max(200, status) }));
      }
      return writeHead.call(reply, status, ...rest);
    };
    try {
      await listener(this.incoming, reply);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}

function ignore(): void {}

/** An answer that is the last one of its connection. */
export function replyOn(stream: Writable, incoming: IncomingMessage): ServerResponse {
  const reply = new ServerResponse(incoming);
  reply.shouldKeepAlive = false;
  reply.assignSocket(stream as TcpSocket);
  return reply;
}

/** Lets a connection go when its last answer has left. */
export function endAfter(reply: ServerResponse, stream: TcpSocket): void {
  reply.on("finish", () => stream.end(() => stream.destroy()));
}

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
