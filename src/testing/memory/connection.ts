/** A connection in memory: two ends, and a pipe for each direction. @module */

import { NO_STATUS, type Role, utf8Length } from "../../core/close_code.ts";
import type { Bytes, Link, LinkEvents, StartConnection } from "../../core/link.ts";
import { queueTask } from "../../core/task.ts";
import { checkFaults, type Direction, type FaultOptions, type Faults } from "./faults.ts";
import { Pipe } from "./pipe.ts";

/** Faults that a test can cause while a connection lasts. */
export interface Interference {
  /**
   * Breaks the connection. Messages on their way are lost; both ends get `error`, then `close` with
   * 1006.
   */
  cut(): void;
  /**
   * Delivers nothing, as when the reading end has stopped reading. Nothing is lost: what is sent
   * waits, and counts in `bufferedAmount`.
   *
   * @param direction Direction to stall; both, if it is left out.
   */
  stall(direction?: Direction): void;
  /**
   * Ends {@linkcode Interference.stall}.
   *
   * @param direction Direction to resume; both, if it is left out.
   */
  resume(direction?: Direction): void;
  /**
   * Makes the connection half open, as when a cable is pulled: messages on their way and all that
   * either end sends from now on are lost, and neither end gets an event.
   */
  vanish(): void;
}

/** Callbacks of an end to its connection. */
interface EndObserver {
  /** A message has arrived. */
  arrived(): void;
  /** The end is over. */
  ended(): void;
}

/** One end of a connection in memory, in the place of a runtime's adapter. */
export class MemoryEnd implements Link {
  /** The other end. */
  peer!: MemoryEnd;
  /** Stops reading. Only at a server: the platform's clients cannot either. */
  readonly pause?: () => void;
  /** Resumes reading. */
  readonly resume?: () => void;
  readonly #in: Pipe;
  readonly #out: Pipe;
  readonly #observer: EndObserver;
  #events: LinkEvents | undefined;
  /** Whether no more events are reported. */
  #over = false;

  /** Makes an end that has no socket yet. */
  constructor(role: Role, incoming: Pipe, outgoing: Pipe, observer: EndObserver) {
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

  /** Connects the end with a socket's events. Returns the function that gives the attempt up. */
  readonly begin: StartConnection = (events) => {
    this.#events = events;
    return () => this.terminate();
  };

  /** Reports that the opening handshake is done. */
  open(protocol: string): void {
    if (!this.#over) this.#events?.opened(this, protocol, "");
  }

  /** Reports that the connection was lost, without a Close frame. */
  lost(cause?: unknown): void {
    if (this.#over) return;
    this.#end();
    this.#events?.failed(cause);
  }

  get bufferedAmount(): number {
    return this.#out.bytesWaiting;
  }

  get bytesRead(): number {
    return this.#in.bytesPassed;
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
    this.#out.send(0, () => this.peer.#closedByPeer(code, wellFormed));
  }

  terminate(): void {
    if (this.#over) return;
    this.#end();
    this.#out.send(0, () => this.peer.lost());
  }

  // Deliveries of the other end.

  #received(data: string | ArrayBuffer): void {
    this.#events?.received(data);
    this.#observer.arrived();
  }

  #pinged(): void {
    this.#out.send(0, () => this.peer.#events?.heard()); // RFC 6455, 5.5.2: a Pong
  }

  #closedByPeer(code: number, reason: string): void {
    this.close(code, reason); // RFC 6455, 5.5.1: echoes the code, unless the peer is over
    this.#end();
    this.#events?.closed(code, reason);
  }

  #end(): void {
    this.#over = true;
    this.#in.end();
    this.#observer.ended();
  }
}

/** A connection, from the client's request on. */
export class MemoryConnection implements Interference {
  /** The client's end. */
  readonly client: MemoryEnd;
  /** The server's end. */
  readonly server: MemoryEnd;
  readonly #faults: Faults;
  readonly #toServer: Pipe;
  readonly #toClient: Pipe;
  /** Number of messages that have arrived, both directions together. */
  #messages = 0;
  #cancelDrop: (() => void) | undefined;

  /**
   * Makes a connection that is CONNECTING at both ends.
   *
   * @throws {RangeError} If an option is out of its range.
   */
  constructor(options: FaultOptions) {
    const faults = this.#faults = checkFaults(options);
    const cut = (): void => this.cut();
    this.#toServer = new Pipe(faults.toServer, cut);
    this.#toClient = new Pipe(faults.toClient, cut);
    const observer: EndObserver = {
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

  /** Sends the client's request. */
  request(arrived: () => void): void {
    this.#toServer.send(0, arrived);
  }

  /** Sends the server's 101. */
  accept(protocol: string): void {
    this.server.open(protocol);
    this.#toClient.send(0, () => {
      this.client.open(protocol);
      this.#startFaults();
    });
  }

  /** Returns the time of the connection's clock, in milliseconds. */
  now(): number {
    return this.#faults.clock.now();
  }

  /** Fails the handshake: by another answer than 101, or by none. */
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

  /** Starts the faults that count from the client's `open` on. */
  #startFaults(): void {
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
