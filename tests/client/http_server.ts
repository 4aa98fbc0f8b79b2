/** HTTP servers that refuse or redirect clients. @module */

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens on a free port of 127.0.0.1. */
export interface HttpServer {
  /** The port. */
  readonly port: number;
  /** The server of `node:http`. */
  readonly server: Server;
  /** Ends the server and its connections. */
  close(): Promise<void>;
}

/** Starts a server. Without a listener, it answers nothing. */
export async function listenHttp(listener?: RequestListener): Promise<HttpServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
