/**
 * `@isosocket/isosocket` in a page that runs tests of tests/interop: clients are its own, and a server
 * is one on Node, ./page_peer_server.ts, which tells what happens and does what it is told.
 *
 * @module
 */

import { connect } from "../../src/client/mod.ts";
import type { ServerSocket, UpgradeOptions } from "../../mod.ts";
import { WebSocket } from "../../src/client/web_socket.ts";

export { connect, WebSocket };

/** Message between the page and its server: which connection, what, and its arguments. */
export type Told = readonly [id: number, what: string, ...unknown[]];

/** Makes bytes of what JSON has for them. */
export function fromJSON(data: unknown): unknown {
  return Array.isArray(data) ? new Uint8Array(data) : data;
}

/** Makes JSON of a message. */
export function toJSON(data: unknown): unknown {
  if (typeof data === "string") return data;
  if (data instanceof Blob) {
    throw new TypeError("Cannot tell a Blob: choose binaryType arraybuffer");
  }
  return [
    ...ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data as ArrayBuffer),
  ];
}

/** A server's socket, as far as the tests use it. */
class RemoteSocket extends EventTarget {
  readonly tell: (what: string, ...args: unknown[]) => void;
  readonly options: UpgradeOptions;
  readyState = 0;
  protocol = "";

  constructor(tell: RemoteSocket["tell"], options: UpgradeOptions) {
    super();
    this.tell = tell;
    this.options = options;
    tell("upgrade", options);
  }

  send(data: unknown): void {
    this.tell("send", toJSON(data));
  }
  close(...args: unknown[]): void {
    this.tell("close", ...args);
  }
  terminate(): void {
    this.tell("terminate");
  }
  subscribe(topic: string): void {
    this.tell("subscribe", topic);
  }

  /** Fires what has happened at the server. */
  fire(type: string, first: unknown, second: unknown): void {
    let event: Event;
    if (type === "open") {
      [this.readyState, this.protocol] = [1, first as string];
      event = new Event(type);
    } else if (type === "message") {
      const data = fromJSON(first);
      const isText = typeof data === "string";
      const isBuffer = this.options.binaryType === "arraybuffer";
      const given = isText || !isBuffer ? data : (data as Uint8Array).buffer;
      event = new MessageEvent(type, {
        data: isText || isBuffer ? given : new Blob([data as never]),
      });
    } else {
      this.readyState = 3;
      event = new CloseEvent(type, { code: first as number, reason: second as string });
    }
    this.dispatchEvent(event);
    const listener = (this as unknown as Record<string, unknown>)[`on${type}`];
    if (typeof listener === "function") listener.call(this, event);
  }
}

/** How each request becomes a socket. */
const upgrades = new WeakMap<Request, (options: UpgradeOptions) => RemoteSocket>();

/** Stands for `upgrade()`. */
export function upgrade(request: Request, options: UpgradeOptions = {}): object {
  return { socket: upgrades.get(request)!(options), response: new Response() };
}

/** Stands for `serve()`. */
export async function serve(
  _options: unknown,
  handler: (request: Request) => unknown,
): Promise<object> {
  const control = new globalThis.WebSocket("/control");
  const tell = (id: number, what: string, ...args: unknown[]): void =>
    control.send(JSON.stringify([id, what, ...args]));
  const ids = new Map<RemoteSocket, number>();
  const sockets = new Map<number, RemoteSocket>();
  const url = await new Promise<string>((resolve) => {
    control.onmessage = ({ data }) => {
      const [id, what, first, second] = JSON.parse(data) as Told;
      if (what === "url") return resolve(first as string);
      if (what !== "request") {
        sockets.get(id)!.fire(what, first, second);
        if (what === "close") sockets.delete(id);
        return;
      }
      const request = new Request(first as string);
      upgrades.set(request, (options) => {
        const socket = new RemoteSocket((what, ...args) => tell(id, what, ...args), options);
        sockets.set(id, socket);
        ids.set(socket, id);
        return socket;
      });
      handler(request);
    };
  });
  return {
    url,
    get sockets(): Iterable<RemoteSocket> {
      return [...sockets.values()];
    },
    publish(topic: string, data: unknown, { except }: { except?: ServerSocket } = {}): void {
      tell(ids.get(except as never) ?? 0, "publish", topic, toJSON(data));
    },
    close: () => Promise.resolve(control.close()),
  };
}
