/** Deno's HTTP server, as `serve()` starts and ends it. @module */

import { type DenoHandler, type DenoServeInfo, handlerFor } from "./handler.ts";
import { serveOptionsFor } from "./serve_options.ts";
import type { Listening, Where } from "../../server/listening.ts";
import { plain } from "../../server/response.ts";
import { removeAbandoned } from "../socket_file.ts";
import type { UpgradeContext } from "../../server/handler.ts";

/** The part of a server of `Deno.serve` that is used here. */
interface DenoServer {
  readonly addr: { readonly port?: number };
  /** Settles when the server has ended, by itself or by its signal. */
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
}

/** The part of the `Deno` namespace that is used here. */
declare const Deno: {
  serve(
    options: object,
    handler: (request: Request, info: CompletedInfo) => Promise<Response>,
  ): DenoServer;
  readonly build: { readonly os: string };
  addSignalListener(signal: string, listener: () => void): void;
  removeSignalListener(signal: string, listener: () => void): void;
};

/** Information about a request, with a part that only `serve()` uses. */
interface CompletedInfo extends DenoServeInfo {
  /** Settles when the request is answered, or its client gone. */
  readonly completed: Promise<void>;
}

/**
 * ms: pause before a server of Deno's that has ended by itself is started again. It ends if a
 * connection cannot be accepted, for instance for lack of descriptors.
 */
const PAUSE = 200;

/** ms: time for the last answer to leave, since Deno reports it completed before it has left. */
const FLUSH = 500;

/**
 * Starts Deno's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export async function listen(where: Where, context: UpgradeContext): Promise<Listening> {
  const address = await serveOptionsFor(where);
  return new DenoListening(where, address, handlerFor(context), context.onError);
}

/** A server that starts again if Deno ends it. */
class DenoListening implements Listening {
  readonly port: number;
  readonly #where: Where;
  readonly #options: object;
  readonly #handler: DenoHandler;
  readonly #onError: (error: unknown) => void;
  readonly #controller: AbortController = new AbortController();
  readonly #servers: DenoServer[];
  readonly #dropped: Promise<void>;
  #drop!: () => void;
  #isStopping = false;
  /** Whether `shutdown()` was called: from then on, Deno cannot be made to drop anything. */
  #isShuttingDown = false;
  /** Number of requests that are not completed. */
  #pending = 0;
  /** Time at which the last request was completed, in milliseconds, by `performance.now()`. */
  #lastAnswer = -FLUSH;
  #onIdle: (() => void) | undefined;

  constructor(
    where: Where,
    address: object,
    handler: DenoHandler,
    onError: (error: unknown) => void,
  ) {
    this.#where = where;
    this.#handler = handler;
    this.#onError = onError;
    this.#options = {
      ...address,
      signal: this.#controller.signal,
      onListen() {},
      onError(error: unknown): Response { // for instance, a body that cannot be read any more
        onError(error);
        return plain(500, "Internal Server Error");
      },
    };
    this.#dropped = new Promise((resolve) => this.#drop = resolve);
    prepareSignals();
    const server = Deno.serve(this.#options, this.#respond);
    this.#servers = [server];
    this.port = server.addr.port ?? 0;
    this.#watch(server);
  }

  stop(): Promise<void> {
    return Promise.race([this.#stop(), this.#dropped]);
  }

  drop(): void {
    if (!this.#isShuttingDown) this.#controller.abort();
    this.#drop();
  }

  readonly #respond = (request: Request, info: CompletedInfo): Promise<Response> => {
    if (this.#isStopping) return Promise.resolve(unavailable());
    this.#pending++;
    info.completed.then(this.#completed, this.#completed);
    return this.#handler(request, info);
  };

  readonly #completed = (): void => {
    this.#pending--;
    this.#lastAnswer = performance.now();
    if (this.#pending === 0) this.#onIdle?.();
  };

  #watch({ finished }: DenoServer): void {
    finished.catch((cause) => {
      if (this.#isStopping) return;
      const message = "Cannot accept connections: Deno's server has ended, and is started again";
      this.#onError(new Error(message, { cause }));
      this.#restartLater();
    });
  }

  #restartLater(): void {
    setTimeout(() => {
      this.#restart().catch(() => this.#restartLater());
    }, PAUSE);
  }

  async #restart(): Promise<void> {
    const { unix } = this.#where;
    if (unix !== undefined) await removeAbandoned(unix);
    if (this.#isStopping) return;
    const samePort = unix === undefined && { port: this.port };
    const server = Deno.serve({ ...this.#options, ...samePort }, this.#respond);
    this.#servers.push(server);
    this.#watch(server);
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#pending > 0) await new Promise<void>((resolve) => this.#onIdle = resolve);
    if (this.#where.tls === undefined) {
      this.#isShuttingDown = true;
      await Promise.allSettled(this.#servers.map((server) => server.shutdown()));
    } else { // shutdown() would wait for all that have not begun their TLS handshake
      const rest = this.#lastAnswer + FLUSH - performance.now();
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      this.#controller.abort();
      await Promise.allSettled(this.#servers.map((server) => server.finished));
    }
  }
}

/**
 * Makes Deno open its descriptors for signals while there are some: the first signal listener that is
 * added after clients have taken them all makes Deno panic.
 */
function prepareSignals(): void {
  if (Deno.build.os === "windows") return; // which has neither this signal nor such a limit
  const ignore = (): void => {};
  Deno.addSignalListener("SIGWINCH", ignore);
  Deno.removeSignalListener("SIGWINCH", ignore);
}

function unavailable(): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "retry-after": "1" };
  return new Response("Service Unavailable\n", { status: 503, headers });
}
