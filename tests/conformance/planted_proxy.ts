/** A proxy over TCP with one planted fault: what goes through it may be changed, held or lost. @module */

import { Buffer } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** Differences of a proxy from one that changes nothing. */
export interface ProxyFault {
  /** Changes the head of the request, or of the answer. */
  readonly head?: (head: string, isRequest: boolean) => string;

  /** Changes octets behind the heads; what it returns is sent, and `null` drops the connection. */
  readonly octets?: (octets: Buffer, isClient: boolean, socket: Socket) => Buffer | null;

  /** Milliseconds after which octets go on. */
  readonly delay?: number;

  /** Number of octets that it collects before any go on. */
  readonly collects?: number;

  /** Whether it reads without end what nobody takes. */
  readonly isGreedy?: boolean;

  /** Whether the end of one side stays its own. */
  readonly keepsEnds?: boolean;

  /** Milliseconds without octets of the server after which it ends a connection. */
  readonly idle?: number;
}

function passOn(from: Socket, to: Socket, isClient: boolean, fault: ProxyFault): void {
  const { head, octets, delay = 0, collects = 0, isGreedy, keepsEnds, idle } = fault;
  let start: Buffer | undefined = Buffer.alloc(0);
  let held = Buffer.alloc(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (part: Buffer): void => {
    if (part.length === 0 || to.destroyed) return;
    if (!to.write(part) && !isGreedy) {
      from.pause();
      to.once("drain", () => from.resume());
    }
  };
  const pass = (part: Buffer): void => {
    if (part.length === 0) return;
    const changed = octets === undefined ? part : octets(part, isClient, from);
    if (changed === null) return void from.destroy();
    held = Buffer.concat([held, changed]);
    if (held.length < collects) return;
    const whole = held;
    held = Buffer.alloc(0);
    if (delay > 0) setTimeout(() => write(whole), delay);
    else write(whole);
  };
  from.on("data", (part: Buffer) => {
    clearTimeout(timer);
    if (idle !== undefined && !isClient) timer = setTimeout(() => from.destroy(), idle);
    if (start === undefined) return pass(part);
    start = Buffer.concat([start, part]);
    const end = start.indexOf("\r\n\r\n");
    if (end < 0) return;
    const text = start.toString("latin1", 0, end + 4);
    const rest = start.subarray(end + 4);
    start = undefined;
    write(Buffer.from(head?.(text, isClient) ?? text, "latin1"));
    pass(rest);
  });
  from.on("error", () => {});
  from.on("end", () => keepsEnds || to.end());
  from.on("close", () => {
    clearTimeout(timer);
    if (!keepsEnds) to.destroy();
  });
}

/** Starts a proxy before a port, and stops it when `use` is done. */
export async function startPlantedProxy(
  backend: number,
  fault: ProxyFault,
): Promise<{ url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const behind = connect({ port: backend, host: "127.0.0.1", allowHalfOpen: true });
    for (const socket of [client, behind]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    passOn(client, behind, true, fault);
    passOn(behind, client, false, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/chat?room=1`,
    stop: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}
