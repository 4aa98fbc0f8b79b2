/** Talks to a server of a comparison, in the protocol that it speaks. @module */

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** A connection to a server, of which only this is needed. */
export interface Talk {
  /** Sends a message. */
  send(text: string): void;
  /** Resolves with an answer; with `undefined` if the connection ends, or nothing comes in time. */
  answer(patience?: number): Promise<string | undefined>;
  /** Whether the connection has ended. */
  readonly isOver: boolean;
  close(code: number, reason: string): void;
}

/** The part of socket.io-client that is used here. */
export interface SocketIo {
  readonly connected: boolean;
  readonly sendBuffer: readonly unknown[];
  on(name: string, listener: (...args: never[]) => void): void;
  emit(name: string, data: string): void;
  close(): void;
}

/** The function of socket.io-client that connects. */
export const io: (url: string, options: object) => SocketIo = require("socket.io-client").io;

/** Bytes around a text in a message of socket.io. */
export const OVERHEAD: Readonly<Record<string, number>> = { "socket.io": '42["m",""]'.length };

/** Connects to a server. Resolves when the connection is open; rejects if it fails. */
export async function talk(name: string, port: number): Promise<Talk> {
  const answers: string[] = [];
  let isOver = false;
  let wake = (): void => {};
  const heard = (text: unknown): void => {
    answers.push(String(text));
    wake();
  };
  const over = (): void => {
    isOver = true;
    wake();
  };
  let send: (text: string) => void;
  let close: (code: number, reason: string) => void;

  await new Promise<void>((resolve, reject) => {
    if (name === "socket.io") {
      const socket = io(`http://127.0.0.1:${port}`, {
        transports: ["websocket"],
        reconnection: false,
        forceNew: true,
      });
      socket.on("connect", resolve);
      socket.on("connect_error", reject);
      socket.on("m", heard);
      socket.on("disconnect", over);
      send = (text) => socket.emit("m", text);
      close = () => socket.close();
    } else {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
      socket.onopen = () => resolve();
      socket.onerror = reject;
      socket.onmessage = ({ data }) => heard(data);
      socket.onclose = over;
      send = (text) => socket.send(text);
      close = (code, reason) => socket.close(code, reason);
    }
  });

  return {
    send: send!,
    close: close!,
    get isOver() {
      return isOver;
    },
    async answer(patience = 1000) {
      const until = performance.now() + patience;
      while (answers.length === 0 && !isOver && performance.now() < until) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, until - performance.now());
          wake = () => (clearTimeout(timer), resolve());
        });
      }
      return answers.shift();
    },
  };
}
