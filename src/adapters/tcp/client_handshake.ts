/** The opening handshake of a client (RFC 6455, 4.1), by `node:http` and `node:https`. @module */

import type { Buffer } from "node:buffer";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import { type Clock, systemClock } from "../../core/clock.ts";
import type { DialRequest } from "../../core/dial.ts";
import { failureOf } from "../../core/failure.ts";
import { acceptFor } from "./accept_key.ts";
import { type Requester, requester } from "./handshake_agent.ts";
import { readRefusal } from "./refusal.ts";
import { checkAnswer, type Terms } from "./server_answer.ts";

/** Number of bytes of a key, which is drawn for each handshake. */
const KEY_LENGTH = 16;

/** Outcome of a handshake. One of the two is called, once, unless the handshake is given up. */
export interface HandshakeOutcome {
  /**
   * Takes the connection over. If it throws, the handshake has failed with what it throws.
   *
   * @param stream The connection. Its errors are the callee's from now on.
   * @param head Bytes that came behind the answer.
   */
  accepted(stream: TcpSocket, head: Uint8Array, terms: Terms): void;

  /** Reports that there is no connection. */
  failed(error: unknown): void;
}

/**
 * Opens the stream of a handshake in a way of its own, for instance through a proxy. For `wss:`, TLS is
 * part of it.
 *
 * @param request Address and TLS options. The address has no credentials.
 * @param signal Aborted when the handshake is given up.
 * @throws {Error} If there is no stream: the connection has failed with that.
 */
export type OpenStream = (
  request: Pick<DialRequest, "url" | "tls">,
  signal: AbortSignal,
) => Promise<TcpSocket>;

/** Request for a handshake. */
export type HandshakeRequest = Omit<DialRequest, "maxPayload" | "closeTimeout"> & {
  /** The `Sec-WebSocket-Extensions` header; `undefined` for none. */
  readonly extensions: string | undefined;
  /** Opens the stream; the agent of `node:http` does if it is `undefined`. */
  readonly openStream?: OpenStream | undefined;
};

/** Makes an error with a message of one that stands for an attempt for each address, and has none. */
function told(error: Error & { code?: unknown }): Error {
  const { errors } = error as unknown as { errors?: readonly Error[] };
  if (error.message !== "" || !Array.isArray(errors)) return error;
  const message = errors.map(({ message }) => message).join("; ");
  return Object.assign(new Error(message, { cause: error }), { code: error.code });
}

/** Returns the options of the request for a handshake. */
function requestOptions(
  { url, protocols, headers, tls, extensions }: HandshakeRequest,
  key: string,
  means: Pick<RequestOptions, "agent" | "createConnection">,
): RequestOptions {
  const { protocol, host, hostname, port, pathname, search } = new URL(url);
  const isSecure = protocol === "wss:";
  return {
    ...(isSecure && tls),
    ...means,
    hostname: hostname.replace(/^\[|\]$/g, ""), // an IPv6 address
    port: port === "" ? (isSecure ? 443 : 80) : port,
    path: pathname + search,
    headers: {
      Host: host,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      ...(protocols.length > 0 && { "Sec-WebSocket-Protocol": protocols.join(", ") }),
      ...(extensions !== undefined && { "Sec-WebSocket-Extensions": extensions }),
      ...headers,
    },
  };
}

/** One handshake. */
class ClientHandshake {
  readonly #call: HandshakeRequest;
  readonly #outcome: HandshakeOutcome;
  readonly #clock: Clock;
  readonly #givenUp = new AbortController();
  #request: ClientRequest | undefined;
  #stopReading: (() => void) | undefined;
  #isOver = false;

  constructor(call: HandshakeRequest, outcome: HandshakeOutcome) {
    this.#call = call;
    this.#outcome = outcome;
    this.#clock = call.clock ?? systemClock;
  }

  /** Sends the request, over a stream of its own if it has one. */
  begin(): void {
    const { url, tls, openStream } = this.#call;
    if (openStream === undefined) {
      const { request, agent } = requester(url.startsWith("wss:"));
      return this.#send(request, { agent });
    }
    openStream({ url, tls }, this.#givenUp.signal).then((stream) => {
      if (this.#isOver) stream.destroy();
      else this.#send(requester(false).request, { createConnection: () => stream });
    }).catch((error) => this.#fail(error));
  }

  #send(
    send: Requester["request"],
    means: Pick<RequestOptions, "agent" | "createConnection">,
  ): void {
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(KEY_LENGTH))));
    const accept = acceptFor(key);
    let request: ClientRequest;
    try {
      request = this.#request = send(requestOptions(this.#call, key, means));
    } catch (error) {
      return this.#fail(error); // for instance a certificate that is malformed
    }
    // A stream of one's own may be paused since an answer of a proxy was read from it.
    if (means.createConnection !== undefined) request.on("socket", (stream) => stream.resume());
    request.on("error", (error) => this.#lost(failureOf(told(error)))); // also after it was given up
    request.on("close", () => this.#lost(new Error("The connection ended before an answer came")));
    request.on("upgrade", (answer, stream, head) => {
      this.#upgraded(answer, stream as TcpSocket, head, accept);
    });
    request.on("response", (answer) => this.#answered(answer, accept));
    request.end();
  }

  /** Ends the handshake without an outcome, whatever it is waiting for. */
  giveUp(): void {
    this.#isOver = true;
    this.#givenUp.abort();
    this.#stopReading?.();
    this.#request?.destroy();
  }

  #upgraded(answer: IncomingMessage, stream: TcpSocket, head: Buffer, accept: string): void {
    if (this.#isOver) return void stream.destroy();
    this.#isOver = true;
    try {
      this.#outcome.accepted(stream, head, checkAnswer(answer, accept));
    } catch (error) {
      stream.on("error", () => {}); // nobody else listens
      stream.destroy();
      this.#outcome.failed(error);
    }
  }

  /** Handles an answer that `node:http` does not take for an upgrade, though its status may be 101. */
  #answered(answer: IncomingMessage, accept: string): void {
    if (this.#isOver) return;
    if (answer.statusCode === 101) {
      try {
        checkAnswer(answer, accept);
        this.#fail(new Error("The server's answer cannot be accepted: it is malformed"));
      } catch (error) {
        this.#fail(error);
      }
    } else {
      this.#stopReading = readRefusal(answer, this.#clock, (failure) => this.#fail(failure));
    }
  }

  /** Handles the end of the connection. While a refusal is being read, that is its end too. */
  #lost(error: Error): void {
    if (this.#stopReading === undefined) this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.giveUp();
    this.#outcome.failed(error);
  }
}

/**
 * Begins a handshake. Redirects are not followed (4.1 allows it), and a connection that was refused is
 * closed.
 *
 * @returns A function that gives it up: the outcome is not reported then.
 */
export function shakeHands(call: HandshakeRequest, outcome: HandshakeOutcome): () => void {
  const handshake = new ClientHandshake(call, outcome);
  handshake.begin();
  return () => handshake.giveUp();
}
