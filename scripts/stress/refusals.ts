/** Upgrades that are refused, for all the reasons that there are. @module */

import { attacked, type Subject } from "./subject.ts";
import { figure, mebibytes, type Scenario, type Trial } from "./trial.ts";
import { type Address, LoadClient, openTcp, upgradeRequest } from "./load_client.ts";

const REFUSALS = 10_000;
/** How many are asked side by side. */
const TOGETHER = 100;
/** Addresses that the others come from, by turns: what is under way counts for an address too. */
const ADDRESSES = 100;
/** An address of its own, which has as many sockets as it may. */
const CROWDED = { localAddress: "127.0.0.9" };
const PER_ADDRESS = 20;
/** How much more memory there may be afterwards. */
const FLAT = 1.05;
const SLACK = 12 * 1024 * 1024;

/** One way to be refused. */
interface Way {
  /** The status of the answer. */
  readonly status: number;
  /** What the server counts it as, if it does. */
  readonly reason?: string;
  /** Whether it is a bug, and told. */
  readonly told?: boolean;
  readonly path?: string;
  readonly localAddress?: string;
  /** Changes the request. */
  readonly replace?: readonly [from: string, to: string];
}

const WAYS: readonly Way[] = [
  { path: "/response", status: 403 },
  { path: "/late", status: 403 },
  { path: "/error", status: 401, reason: "handler" },
  { path: "/bug", status: 500, told: true },
  { path: "/other", status: 403, told: true },
  { status: 400, reason: "handshake", replace: ["dGhlIHNhbXBsZSBub25jZQ==", "short"] },
  { status: 426, reason: "handshake", replace: ["Version: 13", "Version: 8"] },
  {
    status: 400,
    reason: "handshake",
    replace: ["\r\n\r\n", "\r\nSec-WebSocket-Protocol: ,\r\n\r\n"],
  },
  { ...CROWDED, status: 503, reason: "full" },
];

/** Asks once; returns the status of the answer, 0 for none. */
function ask(address: Address, [from, to]: readonly [string, string]): Promise<number> {
  const stream = openTcp(address);
  stream.write(upgradeRequest(address).replace(from, to));
  return new Promise((resolve) => {
    stream.once("data", (data) => {
      resolve(Number(data.toString("latin1").split(" ")[1]));
      stream.resetAndDestroy();
    });
    stream.once("close", () => resolve(0));
  });
}

async function refused(trial: Trial, subject: Subject): Promise<void> {
  const { port } = subject;
  const crowd = await LoadClient.open(PER_ADDRESS, { port, ...CROWDED });
  const count = trial.count(REFUSALS);
  const wrong = new Map<string, number>();
  const counts: Record<string, number> = {};
  let asked = 0;
  let bugs = 0;
  const goOn = async (until: number): Promise<void> => {
    while (asked < until) {
      if (asked % 100 === 0) trial.progress(`${asked} of ${count}`);
      const own = `127.0.0.${30 + asked % ADDRESSES}`;
      const { status, reason, told, path = "/", localAddress = own, replace = ["", ""] } =
        WAYS[asked++ % WAYS.length]!;
      if (told) bugs++;
      if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
      const address = { port, path, localAddress };
      const got = await ask(address, replace);
      const what = `${got} instead of ${status}`;
      if (got !== status) wrong.set(what, (wrong.get(what) ?? 0) + 1);
    }
  };
  const together = (until: number): Promise<unknown> =>
    Promise.all(Array.from({ length: TOGETHER }, () => goOn(until)));
  await together(count / 2);
  const half = await subject.settled();
  await together(count);
  const end = await subject.settled();

  const misanswered = [...wrong].map(([what, times]) => `${what} × ${times}`).join(", ");
  trial.found(
    `answers of ${figure(count)} refused upgrades`,
    "each as it should be",
    misanswered || "so",
    misanswered === "",
  );
  const { stats, errors } = await subject.report();
  trial.foundEqual("bugs told to onError", bugs, errors.count);
  const counted = Object.entries(stats.refused).filter(([, times]) => times > 0);
  const said = counted.map(([reason, times]) => `${reason} ${times}`).sort().join(", ");
  const wanted = Object.entries(counts).map(([reason, times]) => `${reason} ${times}`);
  trial.found("what stats() counts", wanted.sort().join(", "), said, said === wanted.join(", "));
  const most = Math.max(half * FLAT, half + SLACK);
  trial.found(
    "memory after collection of garbage, after half of them and at the end",
    `≤ ${mebibytes(most)}`,
    `${mebibytes(half)} → ${mebibytes(end)}`,
    end <= most,
  );
  await Promise.all(crowd.map((client) => client.close()));
}

export const refusals: Scenario = {
  about: "10,000 upgrades that are refused",
  connections: TOGETHER + PER_ADDRESS,

  run: (trial) =>
    attacked(
      trial,
      {
        file: "refusing.ts",
        options: { maxConnectionsPerAddress: PER_ADDRESS },
        expectsErrors: true,
      },
      (subject) => refused(trial, subject),
    ),
};
