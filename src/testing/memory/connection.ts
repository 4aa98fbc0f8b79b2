/** One connection in memory: two ends, and what lies between. @module */

import { NO_STATUS, type Role, utf8Length } from "../../core/close_code.ts";
import type { Bytes, Link, LinkEvents, StartConnection } from "../../core/link.ts";
import { queueTask } from "../../core/task.ts";
import { checkFaults, type Direction, type FaultOptions, type Faults } from "./faults.ts";
import { Pipe } from "./pipe.ts";

/** What a test can do to a connection while it lasts. */
export interface Interference {
  /**
   * Breaks the connection. What is on its way is lost; both ends get `error`, then `close` with 1006.
   */
  cut(): void;
  /**
   * Lets nothing through, as when the end that reads has stopped to. Nothing is lost: what is sent
   * waits, in `bufferedAmount`.
   *
   * @param direction One of the two; both, if it is left out.
   */
  stall(direction?: Direction): void;
  /**
   * Ends {@linkcode Interference.stall}.
   *
   * @param direction One of the two; both, if it is left out.
   */
  resume(direction?: Direction): void;
  /**
   * Makes the connection half open, as when a cable is pulled: what either end sends from now on
   * vanishes, with what is on its way, and neither is told.
   */
  vanish(): void;
}

/** Who is told what happens at an end. */
interface Observer {
  arrived(): void;
  ended(): void;
}

/** One end's way to the other: what a runtime's adapter is on a network. */
export class MemoryEnd implements Link {
  /** The other end. */
  peer!: MemoryEnd;
  /** Stops reading: what servers can, and the platform's clients cannot. */
  readonly pause?: () => void;
  /** Reads again. */
  readonly resume?: () => void;
  readonly #in: Pipe;
  readonly #out: Pipe;
  readonly #observer: Observer;
  #events: LinkEvents | undefined;
  /** Nothing is told any more. */
  #over = false;

  /** Makes an end that nobody has. */
  constructor(role: Role, incoming: Pipe, outgoing: Pipe, observer: Observer) {
    if (role === "server") {
      this.pause = () => incoming.hold("reader");
      this.resume = () => incoming.release("reader");
    }
    this.#in = incoming;
    this.#out = outgoing;
    this.#observer = observer;
  }

  /** Whether the connection has ended here. */
  get over(): boolean {
    return this.#over;
  }

  /** Gives the end to a socket. */
  readonly begin: StartConnection = (events) => {
    this.#events = events;
    return () => this.terminate();
  };

  /** The opening handshake is done. */
  open(protocol: string): void {
    if (!this.#over) this.#events?.opened(this, protocol, "");
  }

  /** The connection is gone, without a Close frame. */
  lost(cause?: unknown): void {
    if (this.#over) return;
    this.#end();
    this.#events?.failed(cause);
  }

  get bufferedAmount(): number {
    return this.#out.waiting;
  }

  get bytesRead(): number {
    return this.#in.passed;
  }

  send(data: string | Bytes): void {
    if (typeof data === "string") {
      const text = data.toWellFormed();
      this.#out.send(utf8Length(text), () => this.peer.#received(text));
    } else {
      const bytes = data instanceof ArrayBuffer ? data.slice(0) : data.slice().buffer;
      this.#out.send(bytes.byteLength, () => this.peer.#received(bytes));
    }
  }

  ping(): void {
    this.#out.send(0, () => this.peer.#pinged());
  }

  close(code: number = NO_STATUS, reason: string = ""): void {
    const wellFormed = reason.toWellFormed();
    this.#out.send(0, () => this.peer.#parted(code, wellFormed));
  }

  terminate(): void {
    if (this.#over) return;
    this.#end();
    this.#out.send(0, () => this.peer.lost());
  }

  // What arrives.

  #received(data: string | ArrayBuffer): void {
    this.#events?.received(data);
    this.#observer.arrived();
  }

  #pinged(): void {
    this.#out.send(0, () => this.peer.#events?.heard()); // 5.5.2: a Pong
  }

  #parted(code: number, reason: string): void {
    this.close(code, reason); // 5.5.1: the code is repeated, for whom it has not ended yet
    this.#end();
    this.#events?.closed(code, reason);
  }

  #end(): void {
    this.#over = true;
    this.#in.end();
    this.#observer.ended();
  }
}

/** A connection, from the moment when a client wants one. */
export class MemoryConnection implements Interference {
  /** The client's end. */
  readonly client: MemoryEnd;
  /** The server's end. */
  readonly server: MemoryEnd;
  readonly #faults: Faults;
  readonly #toServer: Pipe;
  readonly #toClient: Pipe;
  /** How many messages have arrived. */
  #messages = 0;
  #cancelDrop: (() => void) | undefined;

  /**
   * Makes a connection that is still to be opened.
   *
   * @throws {RangeError} If an option is out of its range.
   */
  constructor(options: FaultOptions) {
    const faults = this.#faults = checkFaults(options);
    const cut = (): void => this.cut();
    this.#toServer = new Pipe(faults.toServer, cut);
    this.#toClient = new Pipe(faults.toClient, cut);
    const observer: Observer = {
      arrived: () => {
        if (++this.#messages === faults.dropAfter.messages) this.cut();
      },
      ended: () => {
        if (this.client.over && this.server.over) this.#cancelDrop?.();
      },
    };
    this.client = new MemoryEnd("client", this.#toClient, this.#toServer, observer);
    this.server = new MemoryEnd("server", this.#toServer, this.#toClient, observer);
    this.client.peer = this.server;
    this.server.peer = this.client;
  }

  /** The client's request is on its way. */
  request(arrived: () => void): void {
    this.#toServer.send(0, arrived);
  }

  /** The server has answered with 101. */
  accept(protocol: string): void {
    this.server.open(protocol);
    this.#toClient.send(0, () => {
      this.client.open(protocol);
      this.#begin();
    });
  }

  /** The time by the line's clock, in milliseconds. */
  now(): number {
    return this.#faults.clock.now();
  }

  /** The server has answered with something else, or not at all. */
  refuse(cause: Error): void {
    this.#toClient.send(0, () => this.client.lost(cause));
    this.server.terminate();
  }

  cut(): void {
    this.#toServer.end();
    this.#toClient.end();
    for (const end of [this.server, this.client]) queueTask(() => end.lost());
  }

  stall(direction?: Direction): void {
    for (const pipe of this.#pipes(direction)) pipe.hold("test");
  }

  resume(direction?: Direction): void {
    for (const pipe of this.#pipes(direction)) pipe.release("test");
  }

  vanish(): void {
    this.#toServer.vanish();
    this.#toClient.vanish();
  }

  /** Both ends are open. */
  #begin(): void {
    const { halfOpen, dropAfter: { milliseconds }, clock } = this.#faults;
    if (halfOpen) this.vanish();
    if (milliseconds !== undefined) {
      this.#cancelDrop = clock.after(milliseconds, () => this.cut());
    }
  }

  #pipes(direction: Direction | undefined): Pipe[] {
    if (direction === undefined) return [this.#toServer, this.#toClient];
    if (direction === "toServer") return [this.#toServer];
    if (direction === "toClient") return [this.#toClient];
    throw new TypeError(
      `Cannot hold "${direction}": the direction must be "toServer" or "toClient"`,
    );
  }
}
