/** A port that speaks TLS, whose connections can be reset, on every runtime that has `node:tls`. @module */

import net from "node:net";
import tls from "node:tls";
import type { Identity } from "../client/certificates.ts";
import { type Port, TcpWire } from "./tcp_wire.ts";

/** A connection within TLS. What resets it is TCP below, where no `close_notify` is sent. */
class TlsWire extends TcpWire {
  readonly #below: net.Socket;

  constructor(socket: net.Socket, below: net.Socket) {
    super(socket);
    this.#below = below;
  }

  override reset(): Promise<void> {
    this.#below.resetAndDestroy();
    return Promise.resolve();
  }
}

function listening(server: net.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.unref(); // nobody may come
      resolve((server.address() as net.AddressInfo).port);
    });
  });
}

/** Bytes go on in both directions, and so does the end of each. */
function join(one: net.Socket, other: net.Socket): void {
  for (const [from, to] of [[one, other], [other, one]] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroySoon());
  }
}

/**
 * Listens for one connection within TLS. In front of the server that speaks it is one that passes
 * bytes on: there a connection can be reset on every runtime.
 */
export async function listenTls(identity: Identity): Promise<Port> {
  let below!: net.Socket;
  const inner = tls.createServer({ ...identity, allowHalfOpen: true } as tls.TlsOptions);
  inner.on("tlsClientError", () => {}); // the client's socket reports it
  const accepted = new Promise<TcpWire>((take) => {
    inner.on("secureConnection", (socket) => take(new TlsWire(socket, below)));
  });
  const innerPort = await listening(inner);
  const outer = net.createServer({ allowHalfOpen: true }, (socket) => {
    below = socket;
    TcpWire.watch(socket);
    const onward = net.connect({ port: innerPort, host: "127.0.0.1", allowHalfOpen: true });
    join(socket, onward);
  });
  const port = await listening(outer);
  const close = (): void => {
    outer.close();
    inner.close();
  };
  return { port, accepted, close };
}
