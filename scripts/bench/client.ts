/**
 * A measured client: one round trip after another. `bare` is the runtime's own `WebSocket`,
 * otherwise it is isosocket's; "tcp" chooses that engine.
 *
 * @module
 */

import process from "node:process";
import { connect } from "../../mod.ts";
import { answerQuestions } from "../processes/answering.ts";

/** Result of a run of round trips. */
export interface Trips {
  /** Number of round trips. */
  readonly count: number;
  /** Time that the run took, in milliseconds. */
  readonly ms: number;
  /** CPU time of the client's whole process, user and system, in microseconds. */
  readonly cpu: number;
}

const [url, kind, engine = "native"] = process.argv.slice(2) as [string, string, "tcp"?];
const socket = kind === "bare" ? new WebSocket(url) : connect(url, { engine });
await new Promise<void>((resolve, reject) => {
  socket.onopen = () => resolve();
  socket.onclose = () => reject(new Error(`Cannot open ${url}`));
});
socket.onclose = () => {
  throw new Error("Cannot go on: the server closed");
};

function run(size: number, ms: number): Promise<Trips> {
  const data = "x".repeat(size);
  const before = process.cpuUsage();
  const begun = performance.now();
  let count = 0;
  return new Promise((resolve) => {
    socket.onmessage = () => {
      count++;
      const now = performance.now();
      if (now < begun + ms) return socket.send(data);
      const { user, system } = process.cpuUsage(before);
      resolve({ count, ms: now - begun, cpu: user + system });
    };
    socket.send(data);
  });
}

answerQuestions("ready", ({ size, ms }) => run(size as number, ms as number));
