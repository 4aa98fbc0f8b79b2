/**
 * A transport: octets in both directions, over TCP, TLS or in memory.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Head } from "./head.ts";

/** End of a connection: by the peer's FIN, by a reset, or dropped by the judge. */
export type TransportEnd = "fin" | "reset" | "dropped";

/** Callbacks for what a {@linkcode Transport} reports. */
export interface TransportEvents {
  /** Octets arrived. */
  data(octets: Uint8Array): void;

  /**
   * Nothing more will arrive. Called at most once, and last.
   *
   * @param words How it ended, where that is not the end of TCP.
   */
  end(how: TransportEnd, words?: string): void;

  /** The head of an HTTP/2 response arrived. What follows belongs to the WebSocket. */
  head?(head: Head): void;

  /** Something of the connection beneath is worth a line in the wire log. */
  note?(text: string): void;

  /** The peer has violated a section of the protocol beneath. */
  violate?(section: string, note: string): void;
}

/** The octets of one connection. */
export interface Transport {
  /** Starts reporting, beginning with what arrived before. */
  listen(events: TransportEvents): void;

  /** Writes octets. Resolves when they are handed to the system, or the connection has ended. */
  write(octets: Uint8Array): Promise<void>;

  /** Stops or resumes reading. */
  read(on: boolean): void;

  /** Ends the sending side; the peer may go on sending. */
  end(): void;

  /** Tears the connection down, with a reset where the runtime can send one. */
  drop(reset?: boolean): void;
}

/**
 * Makes a transport of a connected socket.
 *
 * @internal
 */
export function socketTransport(socket: Socket): Transport {
  let ended = false;
  let events: TransportEvents | undefined;
  const early: Uint8Array[] = [];
  const pending = new Set<() => void>();
  let how: TransportEnd | undefined;

  const finish = (end: TransportEnd): void => {
    if (ended) return;
    ended = true;
    how = end;
    for (const done of pending) done();
    pending.clear();
    events?.end(end);
  };
  socket.setNoDelay(true);
  socket.on("data", (octets) => {
    if (events === undefined) early.push(octets);
    else if (!ended) events.data(octets);
  });
  socket.on("end", () => finish("fin"));
  socket.on("error", () => finish("reset"));
  socket.on("close", () => finish("reset"));

  return {
    listen(callbacks: TransportEvents): void {
      events = callbacks;
      for (const octets of early.splice(0)) callbacks.data(octets);
      if (how !== undefined) callbacks.end(how);
    },
    write(octets: Uint8Array): Promise<void> {
      return new Promise((resolve) => {
        if (ended || socket.destroyed || !socket.writable) return resolve();
        const done = (): void => {
          pending.delete(done);
          resolve();
        };
        pending.add(done);
        socket.write(octets, done);
      });
    },
    read(on: boolean): void {
      if (on) socket.resume();
      else socket.pause();
    },
    end(): void {
      socket.end();
    },
    drop(reset = false): void {
      // While the end of a socket is under way, Node cannot reset it, and would keep its handle for ever.
      const isEnding = socket.writableEnded && !socket.writableFinished;
      if (reset && !isEnding && "resetAndDestroy" in socket) socket.resetAndDestroy();
      else socket.destroy();
      finish("dropped");
    },
  };
}

/** Error thrown when a connection cannot be established; its message is for users. */
export class CannotConnect extends Error {
  /** Whether nothing came in time. */
  readonly timedOut: boolean;

  /** @param message Reason, as `Cannot X: Y`. */
  constructor(message: string, timedOut = false) {
    super(message);
    this.name = "CannotConnect";
    this.timedOut = timedOut;
  }
}

/** Options for {@linkcode dial}. */
export interface DialOptions {
  /** Milliseconds to wait for the connection. */
  readonly timeout: number;

  /** Whether to accept any certificate. Default: false. */
  readonly insecure?: boolean;

  /** Certificates in PEM: the authorities to trust, and the client's own. Default: none. */
  readonly tls?: TlsFiles;

  /** The protocol that TLS has to agree on, if it is not HTTP/1.1. */
  readonly alpn?: "h2";
}

/** Reason where TLS is there, and HTTP/2 is not. */
const NO_HTTP2 = "it does not offer HTTP/2 over TLS (ALPN h2)";

/** Reasons in words, by the codes of systems and TLS libraries. */
const REASONS: Readonly<Record<string, string>> = {
  EAI_AGAIN: "names cannot be looked up now (EAI_AGAIN)",
  ECONNREFUSED: "nobody listens there (ECONNREFUSED)",
  ECONNRESET: "the connection was cut (ECONNRESET)",
  EHOSTUNREACH: "there is no way to that host (EHOSTUNREACH)",
  ENETUNREACH: "there is no way to that network (ENETUNREACH)",
  ENOTFOUND: "there is no host of that name (ENOTFOUND)",
  ERR_SSL_WRONG_VERSION_NUMBER: "that port does not speak TLS: its address begins with ws://",
};

/** Certificates and keys in PEM. */
export interface TlsFiles {
  /** The authorities to trust, instead of the runtime's. */
  readonly ca?: string;

  /** The client's own certificate. */
  readonly cert?: string;

  /** The private key of the client's certificate. */
  readonly key?: string;
}

/**
 * Connects to the host of a `ws:` or `wss:` URL.
 *
 * @throws {CannotConnect} If it cannot connect in time.
 */
export function dial(
  url: URL,
  { timeout, insecure, tls, alpn }: DialOptions,
): Promise<Transport> {
  const secure = url.protocol === "wss:" || url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || (secure ? 443 : 80));
  return new Promise((resolve, reject) => {
    const socket = secure
      ? connectTls({
        host,
        port,
        rejectUnauthorized: !insecure,
        ...tls,
        ALPNProtocols: [alpn ?? "http/1.1"],
        ...(/[a-z]/i.test(host) && !host.includes(":") && { servername: host }),
      })
      : connect({ host, port });
    const fail = (reason: string, timedOut = false): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new CannotConnect(`Cannot connect to ${host}:${port}: ${reason}`, timedOut));
    };
    const timer = setTimeout(() => fail(`no answer in ${timeout} ms`, true), timeout);
    socket.once("error", ({ code, message }: Error & { code?: string }) => {
      const isOther = code?.endsWith("NO_APPLICATION_PROTOCOL") === true;
      fail(isOther ? NO_HTTP2 : REASONS[code ?? ""] ?? code ?? message);
    });
    socket.once(secure ? "secureConnect" : "connect", () => {
      if (alpn !== undefined && secure && (socket as TLSSocket).alpnProtocol !== alpn) {
        return fail(NO_HTTP2);
      }
      clearTimeout(timer);
      resolve(socketTransport(socket));
    });
  });
}
