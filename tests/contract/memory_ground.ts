/** The ground in memory: sockets of `pair()`. The far end is a socket too. @module */

import { pair, type Socket } from "@isosocket/isosocket/testing";
import type { Role } from "../../src/close_code.ts";
import type { Ground, Meeting, Met } from "../../src/testing/contract.ts";
import type { Far, Heard, Wire } from "../../src/testing/far.ts";
import type { Frame } from "../../src/testing/frame.ts";

const noBytes = (): Promise<never> => Promise.reject(new Error("Cannot write: no bytes in memory"));

class MemoryFar implements Far {
  readonly wire: Wire = {
    write: noBytes,
    read: noBytes,
    pause: noBytes,
    resume: noBytes,
    end: () => Promise.resolve(), // ends with the closing handshake
    reset: () => Promise.resolve(this.#socket.terminate()),
  };
  readonly #socket: Socket;
  readonly #heard: Heard[] = [];
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
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
    const { opcode, payload } = frame;
    if (opcode === 1) this.#socket.send(new TextDecoder().decode(payload));
    else if (opcode === 2) this.#socket.send(payload);
    else if (payload.length === 0) this.#socket.close();
    else {
      const reason = new TextDecoder().decode(payload.subarray(2));
      this.#socket.close(payload[0]! << 8 | payload[1]!, reason);
    }
  }

  async next(): Promise<Heard> {
    while (this.#heard.length === 0) await new Promise<void>((wake) => this.#wake = wake);
    return this.#heard.shift()!;
  }

  part(): Promise<Heard> {
    return this.next();
  }
}

/** A ground in memory, for either end. */
export function memoryGround(role: Role): Ground {
  const meet = async (how: Meeting = {}): Promise<Met> => {
    const { attach, binaryType, closeTimeout } = how;
    const { client, server, hub } = pair({
      onError() {},
      ...how.server,
      ...(closeTimeout === undefined ? {} : { closeTimeout }),
    });
    const [near, other] = role === "client" ? [client, server] : [server, client];
    if (binaryType !== undefined) near.binaryType = binaryType;
    attach?.(near);
    const far = new MemoryFar(other);
    const opened = new Promise((resolve) => {
      other.addEventListener("open", resolve);
      other.addEventListener("close", resolve);
    });
    await opened;
    return { near, far, ...(role === "server" ? { hub } : {}) };
  };
  return { name: `memory ${role}`, role, wired: false, meet };
}
