/** The harness in memory: sockets of `pair()` and `scriptedServer()`. The far end is a socket too. @module */

import {
  type Direction,
  type Interference,
  pair,
  scriptedServer,
  type Socket,
} from "@isosocket/isosocket/testing";
import type { Role } from "../../src/core/close_code.ts";
import type { Connected, ConnectSettings, Harness } from "../../src/testing/contract/mod.ts";
import type { ByteStream, Heard, RawPeer } from "../../src/testing/contract/raw_peer.ts";
import { type Frame, join } from "../../src/testing/contract/frame.ts";

const noBytes = (): Promise<never> => Promise.reject(new Error("Cannot write: no bytes in memory"));

class MemoryPeer implements RawPeer {
  readonly wire: ByteStream = {
    write: noBytes,
    read: noBytes,
    pause: () => Promise.resolve(this.#line.stall(this.#direction)),
    resume: () => Promise.resolve(this.#line.resume(this.#direction)),
    end: () => Promise.resolve(this.#socket.terminate()), // behind what was sent
    reset: () => Promise.resolve(this.#line.cut()),
  };
  readonly #socket: Socket;
  readonly #line: Interference;
  readonly #direction: Direction;
  #pieces: Frame[] = [];
  readonly #heard: Heard[] = [];
  #wake: (() => void) | undefined;

  /**
   * Takes the far end of a line.
   *
   * @param direction The way to it.
   */
  constructor(socket: Socket, line: Interference, direction: Direction) {
    this.#socket = socket;
    this.#line = line;
    this.#direction = direction;
    socket.binaryType = "arraybuffer";
    const hear = (heard: Heard): void => {
      this.#heard.push(heard);
      this.#wake?.();
    };
    socket.onmessage = ({ data }) => {
      hear(
        typeof data === "string"
          ? { kind: "text", data }
          : { kind: "binary", data: new Uint8Array(data) },
      );
    };
    socket.onclose = ({ code, reason }) => {
      if (code === 1006) hear({ kind: "end" });
      else hear({ kind: "close", code: code === 1005 ? undefined : code, reason });
    };
  }

  send(...frames: readonly (Frame | string)[]): Promise<void> {
    for (const frame of frames) this.#send(frame);
    return Promise.resolve();
  }

  #send(frame: Frame | string): void {
    if (typeof frame === "string") return this.#socket.send(frame);
    const { opcode, payload, fin = true } = frame;
    if (opcode < 8) {
      this.#pieces.push(frame);
      if (fin) this.#sendWhole(this.#pieces.splice(0));
    } else if (payload.length === 0) this.#socket.close();
    else {
      const reason = new TextDecoder().decode(payload.subarray(2));
      this.#socket.close(payload[0]! << 8 | payload[1]!, reason);
    }
  }

  /** In memory, messages come in one piece. */
  #sendWhole(pieces: readonly Frame[]): void {
    const data = join(pieces.map(({ payload }) => payload));
    this.#socket.send(pieces[0]!.opcode === 1 ? new TextDecoder().decode(data) : data);
  }

  async next(): Promise<Heard> {
    while (this.#heard.length === 0) await new Promise<void>((wake) => this.#wake = wake);
    return this.#heard.shift()!;
  }

  part(): Promise<Heard> {
    return this.next();
  }
}

/** Sockets of servers: the far end is a client. */
function serverHarness(): Harness {
  const connect = async (how: ConnectSettings = {}): Promise<Connected> => {
    const { attach, binaryType, closeTimeout, offered = [], spoken = [] } = how;
    const protocol = spoken.find((name) => offered.includes(name));
    const made = pair({
      onError() {},
      ...how.server,
      ...(protocol === undefined ? {} : { protocol }),
      ...(closeTimeout === undefined ? {} : { closeTimeout }),
    });
    const { client, server, hub } = made;
    if (binaryType !== undefined) server.binaryType = binaryType;
    attach?.(server);
    const peer = new MemoryPeer(client, made, "toClient");
    await new Promise((resolve) => {
      client.addEventListener("open", resolve);
      client.addEventListener("close", resolve);
    });
    return { socket: server, peer, hub };
  };
  return { name: "memory server", role: "server", wired: false, connect };
}

/** Sockets of clients: the far end is a server that does what it is told. */
function clientHarness(): Harness {
  const connect = async (how: ConnectSettings = {}): Promise<Connected> => {
    const { attach, binaryType, closeTimeout, offered = [], answered, signal, maxPayload } = how;
    const server = scriptedServer(undefined, { onError() {}, ...how.server });
    const socket = server.connect("ws://memory.invalid/", {
      protocols: offered,
      ...(binaryType === undefined ? {} : { binaryType }),
      ...(closeTimeout === undefined ? {} : { closeTimeout }),
      ...(signal === undefined ? {} : { signal }),
      ...(maxPayload === undefined ? {} : { maxPayload }),
    });
    attach?.(socket);
    const peer = await server.accept({ protocol: answered ?? "" });
    return { socket, peer: new MemoryPeer(peer.socket, peer, "toServer") };
  };
  const dial = (how: Pick<ConnectSettings, "signal"> = {}): Promise<Socket> =>
    Promise.resolve(scriptedServer().connect("ws://memory.invalid/", { timeout: 100, ...how }));
  return { name: "memory client", role: "client", wired: false, connect, dial };
}

/** A harness in memory, for either end. */
export function memoryHarness(role: Role): Harness {
  return role === "server" ? serverHarness() : clientHarness();
}
