/** Messages of a few hundred kilobytes that inflate to many megabytes. @module */

import { Buffer } from "node:buffer";
import { constants, deflateRawSync } from "node:zlib";
import { frame, TEXT } from "./frames.ts";
import { attacked, type Subject } from "./subject.ts";
import { mebibytes, type Scenario, type Trial } from "./trial.ts";
import { LoadClient } from "./load_client.ts";

const BOMBS = 1000;
/** Number of connections that send them concurrently. */
const TOGETHER = 50;
const MAX_PAYLOAD = 1024 * 1024;
/** Bytes that a process may grow by itself, and for each bomb until it is detected. */
const SLACK = 160 * 1024 * 1024;
const EACH = 2 * MAX_PAYLOAD;

const OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; " +
  "server_no_context_takeover\r\n";
/** First byte of a compressed text (RFC 7692, 6). */
const COMPRESSED = 0xc0 | TEXT;
const MIB = 1024 * 1024;

/** Compresses a message for a frame: without its last four bytes (RFC 7692, 7.2.1). */
function compress(message: Buffer, times = 1): Buffer {
  const whole = deflateRawSync(message, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat(Array.from({ length: times }, () => whole)).subarray(0, -4);
}

/** Sends one. Resolves with the end of the connection. */
async function send(subject: Subject, bomb: Buffer): Promise<string> {
  const client = new LoadClient({ port: subject.port, lines: OFFER });
  await client.opened;
  let echoed = false;
  client.onmessage = () => echoed = true;
  client.write(bomb);
  const { code } = await client.gone();
  return echoed ? "echoed" : code === undefined ? "dropped" : `${code}`;
}

async function bombed(trial: Trial, subject: Subject): Promise<void> {
  const first = new LoadClient({ port: subject.port, lines: OFFER });
  const agreed = (await first.opened).toLowerCase().includes("permessage-deflate");
  if (agreed) {
    const echo = new Promise((resolve) => first.onmessage = (data) => resolve(data.toString()));
    first.write(frame(TEXT, compress(Buffer.from("hello")), COMPRESSED));
    const read = String(await Promise.race([echo, first.ended]));
    trial.found("what is compressed well is read", "hello", read, read === "hello");
  }
  first.reset();

  const payload = compress(Buffer.alloc(64 * MIB), 4);
  const bomb = frame(TEXT, payload, COMPRESSED);
  const before = await subject.settled();
  using memory = subject.watch();
  const count = trial.count(BOMBS);
  const ends = new Map<string, number>();
  for (let sent = 0; sent < count; sent += TOGETHER) {
    trial.progress(`${sent} bombs of ${count}`);
    for (
      const end of await Promise.all(Array.from({ length: TOGETHER }, () => send(subject, bomb)))
    ) {
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
  }
  const most = before + TOGETHER * EACH + SLACK;
  const size = `${mebibytes(payload.length)} that inflate to 256 MiB`;
  trial.found(
    `${count} bombs of ${size}: memory at its peak`,
    `≤ ${mebibytes(most)}`,
    mebibytes(memory.peak()),
    memory.peak() <= most,
  );
  // Deno drops the connection without a Close frame.
  const wanted = agreed ? ["1009"] : ["1002", "dropped"];
  trial.found(
    `compression is ${agreed ? "" : "not "}agreed on: what the bombers are told`,
    wanted.join(" or "),
    [...ends].map(([end, times]) => `${end} × ${times}`).join(", "),
    [...ends.keys()].every((end) => wanted.includes(end)),
  );
}

export const deflateBombs: Scenario = {
  about: "1,000 deflate bombs",
  connections: TOGETHER,

  run: (trial) =>
    attacked(
      trial,
      { options: { compression: true, maxPayload: MAX_PAYLOAD } },
      (subject) => bombed(trial, subject),
    ),
};
