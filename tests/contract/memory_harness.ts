/** Harness in memory: sockets of `pair()` and `scriptedServer()`. The peer is a socket too. @module */

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
    pause: () => Promise.resolve(this.#connection.stall(this.#direction)),
    resume: () => Promise.resolve(this.#connection.resume(this.#direction)),
    end: () => Promise.resolve(this.#socket.terminate()), // behind what was sent
    reset: () => Promise.resolve(this.#connection.cut()),
  };
  readonly #socket: Socket;
  readonly #connection: Interference;
  readonly #direction: Direction;
  #pieces: Frame[] = [];
  readonly #heard: Heard[] = [];
  #wake: (() => void) | undefined;

  /**
   * Makes a peer of the other socket of a connection.
   *
   * @param direction Direction to the peer.
   */
  constructor(socket: Socket, connection: Interference, direction: Direction) {
    this.#socket = socket;
    this.#connection = connection;
    this.#direction = direction;
    socket.binaryType = "arraybuffer";
    const add = (heard: Heard): void => {
      this.#heard.push(heard);
      this.#wake?.();
    };
    socket.onmessage = ({ data }) => {
      add(
        typeof data === "string"
          ? { kind: "text", data }
          : { kind: "binary", data: new Uint8Array(data) },
      );
    };
    socket.onclose = ({ code, reason }) => {
      if (code === 1006) add({ kind: "end" });
      else add({ kind: "close", code: code === 1005 ? undefined : code, reason });
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

  /** Sends the fragments as one message: in memory there are no frames. */
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

/** Makes a harness of servers' sockets, whose peer is a client's socket. */
function serverHarness(): Harness {
  const connect = async (settings: ConnectSettings = {}): Promise<Connected> => {
    const { attach, binaryType, closeTimeout, offered = [], spoken = [] } = settings;
    const protocol = spoken.find((name) => offered.includes(name));
    const made = pair({
      onError() {},
      ...settings.server,
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

/** Makes a harness of clients' sockets, whose peer is a scripted server's socket. */
function clientHarness(): Harness {
  const connect = async (settings: ConnectSettings = {}): Promise<Connected> => {
    const { attach, binaryType, closeTimeout, offered = [], answered, signal, maxPayload } =
      settings;
    const server = scriptedServer(undefined, { onError() {}, ...settings.server });
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
  const dial = (settings: Pick<ConnectSettings, "signal"> = {}): Promise<Socket> =>
    Promise.resolve(
      scriptedServer().connect("ws://memory.invalid/", { timeout: 100, ...settings }),
    );
  return { name: "memory client", role: "client", wired: false, connect, dial };
}

/** Makes a harness in memory, for either end. */
export function memoryHarness(role: Role): Harness {
  return role === "server" ? serverHarness() : clientHarness();
}
