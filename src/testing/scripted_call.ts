/** A client's attempt to connect, as the script of a server sees it. @module */

import { checkNumber } from "../core/checks.ts";
import type { DialRequest } from "../core/dial.ts";
import { checkNames } from "../core/option_names.ts";
import type { ServerCore } from "../server/server_core.ts";
import { parseRetryAfter } from "../handshake/retry_after.ts";
import type { MemoryConnection } from "./memory/connection.ts";
import { UNKNOWN_CLIENT } from "./pair.ts";
import { ScriptedPeer } from "./scripted_peer.ts";

/** Options for {@linkcode ScriptedCall.accept}. */
export interface AcceptOptions {
  /**
   * Subprotocol to choose, whether the client offers it or not; `""` for none.
   *
   * @default {the first that the client offers}
   */
  protocol?: string;
}

/** An attempt of a client to connect. A script accepts it, refuses it, or lets it hang. */
export class ScriptedCall {
  /** Address that the client connects to. */
  readonly url: string;
  /** Subprotocols that the client offers. */
  readonly protocols: readonly string[];
  /** Headers that were given to `connect()`, without those that a client adds by itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #connection: MemoryConnection;
  readonly #core: ServerCore;
  #answered = false;

  /** Makes the call of one client. Called by {@linkcode ScriptedServer}. */
  constructor(
    { url, protocols, headers = {} }: DialRequest,
    connection: MemoryConnection,
    core: ServerCore,
  ) {
    this.url = url;
    this.protocols = protocols;
    this.headers = headers;
    this.#connection = connection;
    this.#core = core;
  }

  /** Whether the client has given up, and the server's end has received that. */
  get over(): boolean {
    return this.#connection.server.over;
  }

  /**
   * Accepts the client.
   *
   * @returns Resolves when the server's end is OPEN: with latency, the client is not yet.
   * @throws {TypeError} If the call was answered before.
   * @throws {Error} If the client has given up.
   */
  async accept(options: AcceptOptions = {}): Promise<ScriptedPeer> {
    checkNames("accept", options, { protocol: 0 });
    const { protocol = this.protocols[0] ?? "" } = options;
    this.#markAnswered();
    const { url } = this;
    const socket = this.#core.admit(UNKNOWN_CLIENT, { url }, {}, this.#connection.server.begin);
    const peer = new ScriptedPeer(socket, this.#connection);
    const { opened } = socket; // resolves at a server even if the client left
    let hasOpened = false;
    let cause: unknown;
    socket.addEventListener("open", () => void (hasOpened = true));
    socket.addEventListener("error", ({ error }) => void (cause = error));
    this.#connection.accept(protocol);
    if (this.over) socket.terminate();
    await opened;
    if (!hasOpened) throw new Error("Cannot accept: the client left", { cause });
    return peer;
  }

  /**
   * Refuses the client with an HTTP status. The client gets `error`, then `close` with 1006. The cause
   * of the error has the `status`, and `retryAfter` if there is a `Retry-After` header, as with the
   * engine `tcp`; the native clients of Deno and Bun report only the status, those of pages and Node
   * neither.
   *
   * @param status HTTP status, 200 to 599.
   * @param headers Headers of the answer, for instance `Retry-After`; the error's message lists them.
   * @throws {TypeError} If the call was answered before.
   * @throws {RangeError} If the status is not between 200 and 599.
   */
  refuse(status = 503, headers: HeadersInit = {}): void {
    checkNumber("refuse with", status);
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`Cannot refuse with ${status}: it must be between 200 and 599`);
    }
    const fields = new Headers(headers);
    const lines = [...fields].map(([name, value]) => `, ${name}: ${value}`);
    const retryAfter = parseRetryAfter(fields.get("retry-after"), this.#connection.now());
    this.#markAnswered();
    const error = new Error(`The server answered ${status}, not 101${lines.join("")}`);
    this.#connection.refuse(
      Object.assign(error, { status }, retryAfter === undefined ? {} : { retryAfter }),
    );
  }

  /**
   * Refuses the client as a port does on which no server listens: the cause of the error has the
   * `code` `ECONNREFUSED`.
   *
   * @throws {TypeError} If the call was answered before.
   */
  fail(): void {
    this.#markAnswered();
    const error = new Error("The connection was refused: nobody listens");
    this.#connection.refuse(Object.assign(error, { code: "ECONNREFUSED" }));
  }

  #markAnswered(): void {
    if (this.#answered) throw new TypeError("Cannot answer this call: it is answered already");
    this.#answered = true;
  }
}
