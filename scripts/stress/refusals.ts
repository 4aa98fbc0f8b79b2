/** Upgrades that are refused, for each reason. @module */

import { attacked, type Subject } from "./subject.ts";
import { figure, mebibytes, type Scenario, type Trial } from "./trial.ts";
import { type Address, LoadClient, openTcp, upgradeRequest } from "./load_client.ts";

const REFUSALS = 10_000;
/** Number of concurrent requests. */
const TOGETHER = 100;
/** Number of local addresses of the other requests: pending requests count per address too. */
const ADDRESSES = 100;
/** Local address that has the maximum number of sockets. */
const CROWDED = { localAddress: "127.0.0.9" };
const PER_ADDRESS = 20;
/** Maximum growth of the memory. */
const FLAT = 1.05;
const SLACK = 12 * 1024 * 1024;

/** A request that is refused. */
interface Refusal {
  /** Status of the answer. */
  readonly status: number;
  /** Reason under which the server counts it, if it does. */
  readonly reason?: string;
  /** Whether it is a bug, which is reported to `onError`. */
  readonly isReported?: boolean;
  readonly path?: string;
  readonly localAddress?: string;
  /** Replacement in the request. */
  readonly replace?: readonly [from: string, to: string];
}

const REQUESTS: readonly Refusal[] = [
  { path: "/response", status: 403 },
  { path: "/late", status: 403 },
  { path: "/error", status: 401, reason: "handler" },
  { path: "/bug", status: 500, isReported: true },
  { path: "/other", status: 403, isReported: true },
  { status: 400, reason: "handshake", replace: ["dGhlIHNhbXBsZSBub25jZQ==", "short"] },
  { status: 426, reason: "handshake", replace: ["Version: 13", "Version: 8"] },
  {
    status: 400,
    reason: "handshake",
    replace: ["\r\n\r\n", "\r\nSec-WebSocket-Protocol: ,\r\n\r\n"],
  },
  { ...CROWDED, status: 503, reason: "full" },
];

/** Sends a request. Resolves with the status of the answer; with 0 for none. */
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
  const crowded = await LoadClient.open(PER_ADDRESS, { port, ...CROWDED });
  const count = trial.count(REFUSALS);
  const wrong = new Map<string, number>();
  const counts: Record<string, number> = {};
  let sent = 0;
  let bugs = 0;
  const goOn = async (until: number): Promise<void> => {
    while (sent < until) {
      if (sent % 100 === 0) trial.progress(`${sent} of ${count}`);
      const own = `127.0.0.${30 + sent % ADDRESSES}`;
      const { status, reason, isReported, path = "/", localAddress = own, replace = ["", ""] } =
        REQUESTS[sent++ % REQUESTS.length]!;
      if (isReported) bugs++;
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
  await Promise.all(crowded.map((client) => client.close()));
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
