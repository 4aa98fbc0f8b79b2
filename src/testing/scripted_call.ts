/** A client that wants to connect, as the script of a server sees it. @module */

import type { DialRequest as Asked } from "../core/dial.ts";
import type { ServerCore } from "../server/server_core.ts";
import { parseRetryAfter } from "../handshake/retry_after.ts";
import type { MemoryConnection } from "./memory/connection.ts";
import { NOBODY } from "./pair.ts";
import { ScriptedPeer } from "./scripted_peer.ts";

/** What a call is answered with. */
export interface AcceptOptions {
  /**
   * The subprotocol to choose, whether it was offered or not; `""` for none.
   *
   * @default {the first that the client offers}
   */
  protocol?: string;
}

/** One attempt of a client to connect. A script accepts it, refuses it, or lets it hang. */
export class ScriptedCall {
  /** The address that the client asked for. */
  readonly url: string;
  /** The subprotocols that it offers. */
  readonly protocols: readonly string[];
  /** The headers that the program gave to `connect()`; the client's own are not among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #line: MemoryConnection;
  readonly #host: ServerCore;
  #answered = false;

  /** Makes the call of one client. {@linkcode ScriptedServer} calls it. */
  constructor({ url, protocols, headers = {} }: Asked, line: MemoryConnection, host: ServerCore) {
    this.url = url;
    this.protocols = protocols;
    this.headers = headers;
    this.#line = line;
    this.#host = host;
  }

  /** Whether the client has given up, as far as its server knows. */
  get over(): boolean {
    return this.#line.server.over;
  }

  /**
   * Accepts it.
   *
   * @returns Resolves when the server's end is OPEN: with latency, its client is not yet.
   * @throws {TypeError} If it was answered before.
   * @throws {Error} If the client has given up.
   */
  async accept({ protocol = this.protocols[0] ?? "" }: AcceptOptions = {}): Promise<ScriptedPeer> {
    this.#answer();
    const { url } = this;
    const socket = this.#host.admit(NOBODY, { url }, {}, this.#line.server.begin);
    const peer = new ScriptedPeer(socket, this.#line);
    const { opened } = socket; // resolves at a server though the client left
    let hasOpened = false;
    let cause: unknown;
    socket.addEventListener("open", () => void (hasOpened = true));
    socket.addEventListener("error", ({ error }) => void (cause = error));
    this.#line.accept(protocol);
    if (this.over) socket.terminate();
    await opened;
    if (!hasOpened) throw new Error("Cannot accept: the client left", { cause });
    return peer;
  }

  /**
   * Refuses it, with an HTTP status. The client gets `error`, then `close` with 1006. The cause of
   * the error has the `status`, and `retryAfter` if the headers ask for that, as with the engine `ws`;
   * Deno's and Bun's own tell only the status, and a page and Node's own nothing.
   *
   * @param status The status.
   * @param headers Headers of the answer, for instance `Retry-After`; named in the error too.
   * @throws {TypeError} If it was answered before.
   * @throws {RangeError} If the status is none that refuses.
   */
  refuse(status = 503, headers: HeadersInit = {}): void {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`Cannot refuse with ${status}: it must be between 200 and 599`);
    }
    const fields = new Headers(headers);
    const lines = [...fields].map(([name, value]) => `, ${name}: ${value}`);
    const retryAfter = parseRetryAfter(fields.get("retry-after"), this.#line.now());
    this.#answer();
    const error = new Error(`The server answered ${status}, not 101${lines.join("")}`);
    this.#line.refuse(
      Object.assign(error, { status }, retryAfter === undefined ? {} : { retryAfter }),
    );
  }

  /** Refuses it as if nobody listened: the cause of the error has the system's `code`. */
  fail(): void {
    this.#answer();
    const error = new Error("The connection was refused: nobody listens");
    this.#line.refuse(Object.assign(error, { code: "ECONNREFUSED" }));
  }

  #answer(): void {
    if (this.#answered) throw new TypeError("Cannot answer this call: it is answered already");
    this.#answered = true;
  }
}
