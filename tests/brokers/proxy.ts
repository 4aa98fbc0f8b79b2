/** A proxy that loses what a network can lose. @module */

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type Address, connectTo } from "./engine_process.ts";

/** A proxy between the clients of an engine and the engine. */
export class Proxy {
  readonly #server: Server;
  readonly #pairs: Set<readonly [Socket, Socket]> = new Set();
  #isStalled = false;

  private constructor(addressOf: () => Address | undefined) {
    this.#server = createServer((client) => {
      const address = addressOf();
      if (address === undefined) return void client.destroy(); // it does not listen yet
      const engine = connectTo(address);
      const pair = [client, engine] as const;
      this.#pairs.add(pair);
      for (const [from, to] of [pair, pair.toReversed() as [Socket, Socket]] as const) {
        from.on("data", (chunk) => void (to.write(chunk) || from.pause())); // keeps nothing itself
        to.on("drain", () => void (this.#isStalled || from.resume()));
        from.on("error", () => {}); // is followed by close
        from.on("close", () => {
          to.destroy();
          this.#pairs.delete(pair);
        });
        if (this.#isStalled) from.pause();
      }
    });
  }

  /**
   * Starts a proxy on a free port.
   *
   * @param addressOf Returns where the engine listens: another port after each start, perhaps.
   */
  static async start(addressOf: () => Address | undefined): Promise<Proxy> {
    const proxy = new Proxy(addressOf);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Port of the proxy. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Number of connections. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Lets nothing pass in either direction, and makes no connection. */
  stall(): void {
    this.#isStalled = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Goes on. */
  resume(): void {
    this.#isStalled = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Resets all connections. */
  cut(): void {
    for (const [client, engine] of [...this.#pairs]) {
      client.resetAndDestroy();
      engine.destroy();
    }
  }

  /** Ends. */
  async end(): Promise<void> {
    for (const [client, engine] of [...this.#pairs]) {
      client.destroy();
      engine.destroy();
    }
    this.#server.close();
    await once(this.#server, "close");
  }
}
