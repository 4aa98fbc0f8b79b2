/**
 * A line: octets both ways, over TCP, TLS or memory. Everything above is the same for all three.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** How a line ended: the peer's FIN, a reset, or ourselves. */
export type TransportEnd = "fin" | "reset" | "dropped";

/** What a line reports. */
export interface TransportEvents {
  /** Octets came. */
  data(octets: Uint8Array): void;

  /** Nothing more will come. At most once, and last. */
  end(how: TransportEnd): void;
}

/** One connection's octets. */
export interface Transport {
  /** Starts reporting; what came before is reported then. */
  listen(events: TransportEvents): void;

  /** Writes; the promise resolves when the octets are on their way, or the line has ended. */
  write(octets: Uint8Array): Promise<void>;

  /** Stops or resumes reading. */
  read(on: boolean): void;

  /** Ends our side; the other may go on. */
  end(): void;

  /** Tears the line down, with a reset where that can be done. */
  drop(reset?: boolean): void;
}

/**
 * A line over a socket that is already connected.
 *
 * @internal
 */
export function socketTransport(socket: Socket): Transport {
  let ended = false;
  let events: TransportEvents | undefined;
  const early: Uint8Array[] = [];
  const waiting = new Set<() => void>();
  let how: TransportEnd | undefined;

  const finish = (end: TransportEnd): void => {
    if (ended) return;
    ended = true;
    how = end;
    for (const done of waiting) done();
    waiting.clear();
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
    listen(to: TransportEvents): void {
      events = to;
      for (const octets of early.splice(0)) to.data(octets);
      if (how !== undefined) to.end(how);
    },
    write(octets: Uint8Array): Promise<void> {
      return new Promise((resolve) => {
        if (ended || socket.destroyed || !socket.writable) return resolve();
        const done = (): void => {
          waiting.delete(done);
          resolve();
        };
        waiting.add(done);
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
      if (reset && "resetAndDestroy" in socket) socket.resetAndDestroy();
      else socket.destroy();
      finish("dropped");
    },
  };
}

/** Why a line could not be opened, in words for a user. */
export class CannotConnect extends Error {
  /** @param message The reason, as `Cannot X: Y`. */
  constructor(message: string) {
    super(message);
    this.name = "CannotConnect";
  }
}

/** How to open lines. */
export interface DialOptions {
  /** Milliseconds until it counts as hopeless. */
  readonly timeout: number;

  /** Takes any certificate. */
  readonly insecure?: boolean;
}

/**
 * Opens a line to where a `ws:` or `wss:` address points.
 *
 * @throws {CannotConnect} With the reason.
 */
export function dial(url: URL, { timeout, insecure }: DialOptions): Promise<Transport> {
  const secure = url.protocol === "wss:" || url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (secure ? 443 : 80);
  return new Promise((resolve, reject) => {
    const socket = secure
      ? connectTls({
        host,
        port,
        rejectUnauthorized: !insecure,
        ALPNProtocols: ["http/1.1"],
        ...(/[a-z]/i.test(host) && !host.includes(":") && { servername: host }),
      })
      : connect({ host, port });
    const fail = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new CannotConnect(`Cannot connect to ${host}:${port}: ${reason}`));
    };
    const timer = setTimeout(() => fail(`no answer in ${timeout} ms`), timeout);
    socket.once("error", (error: Error & { code?: string }) => fail(error.code ?? error.message));
    socket.once(secure ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      resolve(socketTransport(socket));
    });
  });
}
