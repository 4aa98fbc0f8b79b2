/**
 * A measured client: messages that come back are sent again. `bare` is the runtime's own `WebSocket`,
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

const [url, program, engine = "native"] = process.argv.slice(2) as [string, string, "tcp"?];
const socket = program === "bare" ? new WebSocket(url) : connect(url, { engine });
await new Promise<void>((resolve, reject) => {
  socket.onopen = () => resolve();
  socket.onclose = () => reject(new Error(`Cannot open ${url}`));
});
socket.onclose = () => {
  throw new Error("Cannot go on: the server closed");
};

/** What is asked of the client. */
interface TripsRequest {
  readonly size: number;
  readonly inFlight: number;
  readonly ms: number;
}

function run({ size, inFlight, ms }: TripsRequest): Promise<Trips> {
  const data = "x".repeat(size);
  const before = process.cpuUsage();
  const begun = performance.now();
  let count = 0;
  let missing = inFlight;
  return new Promise((resolve) => {
    socket.onmessage = () => {
      count++;
      const now = performance.now();
      if (now < begun + ms) return socket.send(data);
      if (--missing > 0) return;
      const { user, system } = process.cpuUsage(before);
      resolve({ count, ms: now - begun, cpu: user + system });
    };
    for (let i = 0; i < inFlight; i++) socket.send(data);
  });
}

answerQuestions("ready", (request) => run(request as unknown as TripsRequest));
