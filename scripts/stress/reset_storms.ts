/** Clients that reset their connection, at every moment of it. @module */

import { attacked, type Subject } from "./subject.ts";
import { frame, MORE, TEXT } from "./frames.ts";
import { Random } from "./random.ts";
import { figure, mebibytes, type Scenario, type Trial } from "./trial.ts";
import { type Address, LoadClient, openTcp, upgradeRequest } from "./load_client.ts";

const CONNECTIONS = 20_000;
/** Number of concurrent connections. */
const TOGETHER = 128;
/** Number of local addresses of the clients: each has ports for some ten thousand connections. */
const ADDRESSES = 16;
/** Maximum growth of the memory. */
const FLAT = 1.05;
const SLACK = 24 * 1024 * 1024;

const HELLO = frame(TEXT, "hello");
const LONG = frame(TEXT, "x".repeat(200_000));

/** Resets as soon as it is connected, or has sent its request. */
function early(part: (whole: string) => string): (address: Address) => Promise<void> {
  return (address) =>
    new Promise((resolve) => {
      const stream = openTcp(address);
      stream.on("close", () => resolve());
      stream.on("connect", () => {
        const said = part(upgradeRequest(address));
        if (said === "") stream.resetAndDestroy();
        else stream.write(said, () => stream.resetAndDestroy());
      });
    });
}

/** Resets when it is open, and has sent something. */
function late(...said: readonly Uint8Array[]): (address: Address) => Promise<void> {
  return async (address) => {
    const client = new LoadClient(address);
    await client.opened;
    for (const bytes of said) client.write(bytes);
    if (said.length > 0) await new Promise((resolve) => client.stream.write("", resolve));
    client.reset();
    await client.ended;
  };
}

const WAYS: readonly ((address: Address) => Promise<void>)[] = [
  early(() => ""),
  early((whole) => whole.slice(0, 20)),
  early((whole) => whole.slice(0, -1)),
  early((whole) => whole),
  late(),
  late(HELLO),
  late(HELLO.subarray(0, 5)),
  late(frame(TEXT, "hel", TEXT), frame(MORE, "l", MORE)),
  late(LONG),
  late(LONG.subarray(0, 100_000)),
  late(...Array.from({ length: 20 }, () => HELLO)),
];

async function stormed(trial: Trial, subject: Subject): Promise<void> {
  const count = trial.count(CONNECTIONS);
  const random = new Random(trial.seed);
  let made = 0;
  let failed = "";
  const goOn = async (until: number): Promise<void> => {
    while (made < until) {
      if (made % 100 === 0) trial.progress(`${made} of ${count}`);
      const localAddress = `127.0.0.${10 + made++ % ADDRESSES}`;
      try {
        await random.pick(WAYS)({ port: subject.port, localAddress });
      } catch (error) {
        failed ||= (error as Error).message;
      }
    }
  };
  const together = (until: number): Promise<unknown> =>
    Promise.all(Array.from({ length: TOGETHER }, () => goOn(until)));
  await together(count / 2);
  await subject.left(2);
  const half = await subject.settled();
  await together(count);
  await subject.left(2);
  const end = await subject.settled();
  trial.found(
    `${figure(count)} connections that were reset`,
    "opened where they wanted to",
    failed || "so",
    failed === "",
  );
  const most = Math.max(half * FLAT, half + SLACK);
  trial.found(
    "memory after collection of garbage, after half of them and at the end",
    `≤ ${mebibytes(most)}`,
    `${mebibytes(half)} → ${mebibytes(end)}`,
    end <= most,
  );
}

export const resetStorms: Scenario = {
  about: "20,000 connections that are reset at every moment",
  connections: TOGETHER,

  run: (trial) => attacked(trial, {}, (subject) => stormed(trial, subject)),
};
