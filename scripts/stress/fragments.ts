/** Messages in a million fragments of one byte, or of none, that never end (RFC 6455, 10.4). @module */

import { Buffer } from "node:buffer";
import { frame, MORE, TEXT } from "./frames.ts";
import { attacked, type Subject } from "./subject.ts";
import { figure, mebibytes, type Scenario, type Trial } from "./trial.ts";
import { Wire } from "./wire.ts";

const CONNECTIONS = 20;
/** Number of fragments that each of them sends at most. */
const FRAGMENTS = 1_000_000;
/** Number of fragments that are written at a time. */
const BATCH = 1000;
const MAX_PAYLOAD = 1024 * 1024;
/** Maximum number of bytes that a connection may take: the message, and the overhead of fragments. */
const EACH = 6 * MAX_PAYLOAD;
/** Number of bytes that a process may grow by itself. */
const SLACK = 64 * 1024 * 1024;
/** ms: how long a server that has had enough may take to say so. */
const PATIENCE = 2000;

/** Sends fragments until the server ends the connection; returns its code, and how many were sent. */
async function send(wire: Wire, payload: string): Promise<string> {
  const batch = Buffer.concat(Array.from({ length: BATCH }, () => frame(MORE, payload, MORE)));
  wire.write(frame(TEXT, payload, TEXT));
  let sent = 0;
  for (; sent < FRAGMENTS && !wire.over; sent += BATCH) {
    wire.write(batch);
    await Promise.race([wire.drained(), wire.ended]);
  }
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE);
  });
  const end = await Promise.race([wire.ended, late]);
  if (end === undefined) return `takes ${figure(sent)}`;
  return end.code === undefined ? "dropped" : `${end.code}`;
}

async function fragmented(trial: Trial, subject: Subject, payload: string): Promise<void> {
  const wires = await Wire.open(trial.count(CONNECTIONS), subject);
  const before = await subject.settled();
  using memory = subject.watch();
  const ends = await Promise.all(wires.map((wire) => send(wire, payload)));
  const most = before + wires.length * EACH + SLACK;
  const each = Math.max(0, memory.peak() - before) / wires.length;
  const counts = Map.groupBy(ends, (end) => end);
  const words = [...counts].map(([end, all]) => `${end} × ${all.length}`).join(", ");
  trial.found(
    `fragments of ${payload.length} bytes: memory at its peak`,
    `≤ ${mebibytes(most)}, of which ${mebibytes(EACH)} for a connection`,
    `${mebibytes(memory.peak())}, ${mebibytes(each)} for a connection; ${words}`,
    memory.peak() <= most,
  );
  for (const wire of wires) wire.reset();
}

export const fragments: Scenario = {
  about: "1,000,000 fragments of one byte, or of none, of a message that never ends",
  connections: CONNECTIONS,

  async run(trial) {
    const options = { maxPayload: MAX_PAYLOAD };
    for (const [name, payload] of [["one byte", "x"], ["empty", ""]] as const) {
      await attacked(trial, { name, options }, (it) => fragmented(trial, it, payload));
    }
  },
};
