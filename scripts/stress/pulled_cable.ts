/** Clients whose network fails: no FIN, no RST, nothing. @module */

import { execFileSync } from "node:child_process";
import process from "node:process";
import { Child } from "../processes/child.ts";
import { command } from "../processes/runtime.ts";
import type { Opening } from "./client.ts";
import type { ServerReport } from "./servers/attend.ts";
import { attacked, type Subject } from "./subject.ts";
import { type Scenario, type Trial, Unable } from "./trial.ts";

const EACH = 100;
/** ms. */
const HEARTBEAT = 1000;
const IDLE_TIMEOUT = 4000;
const CLOSE_TIMEOUT = 1000;
/** Milliseconds: dead peers are checked four times in each heartbeat; the rest is for a busy machine. */
const LATE = HEARTBEAT / 4 + 750;
/** Number of sockets of the prober. */
const PROBING = 2;

const SERVER = "10.99.0.1";
const CLIENT = "10.99.0.2";
/** Runs a command in a network of its own, which ends with the last process in it. */
const APART = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];

function run(...command: readonly string[]): void {
  execFileSync(command[0]!, command.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
}

/** Throws if the system allows no second network. */
function check(): void {
  try {
    if (process.platform !== "linux") throw new Error("this is no Linux");
    run(...APART, "true");
  } catch (error) {
    const { stderr, message } = error as { stderr?: object; message: string };
    throw new Unable(
      `Cannot lay a cable: ${`${stderr ?? ""}`.trim() || message}. ` +
        "It takes Linux, root, and Debian's iproute2",
    );
  }
}

/** Returns a command that runs in the network of a process. */
function within(pid: number, ...command: readonly string[]): string[] {
  return ["nsenter", `--net=/proc/${pid}/ns/net`, ...command];
}

/** Connects the networks of two processes. Returns the function that cuts the connection. */
function lay(server: number, client: number): () => void {
  const cable = ["ip", "link", "add", "name", "cable0", "netns", `${server}`];
  run(...cable, "type", "veth", "peer", "name", "cable1", "netns", `${client}`);
  const ends = [[server, SERVER, "cable0"], [client, CLIENT, "cable1"]] as const;
  for (const [pid, address, device] of ends) {
    run(...within(pid, "ip", "address", "add", `${address}/24`, "dev", device));
    run(...within(pid, "ip", "link", "set", device, "up"));
  }
  return () => run(...within(client, "ip", "link", "set", "cable1", "down"));
}

async function pulled(trial: Trial, subject: Subject): Promise<void> {
  const run = command("node24", new URL("client.ts", import.meta.url));
  await using client = new Child([...APART, ...run]);
  await client.hear();
  const pull = lay(subject.pid, client.pid);
  let count = 0;
  for (const path of ["/", "/tick"]) {
    const address = { port: subject.port, host: SERVER, path };
    const opening: Opening = { ...address, count: trial.count(EACH), unfinished: false };
    count += await client.ask<number>(opening);
  }
  // Live peers must stay connected, however long they are silent.
  trial.progress("waiting for longer than a dead peer is left alone");
  await new Promise((resolve) => setTimeout(resolve, IDLE_TIMEOUT + 2 * HEARTBEAT));
  const { stats } = await subject.report();
  const before = stats.closed[1006] ?? 0;
  trial.foundEqual("live peers that are lost", 0, before);
  const began = performance.now();
  pull();
  trial.progress("waiting for the end");
  const took = async (over: (report: ServerReport) => boolean): Promise<number> => {
    await subject.until(over);
    return performance.now() - began;
  };
  const lost = ({ stats }: ServerReport): number => (stats.closed[1006] ?? 0) - before;
  const noticed = await took(({ stats }) => stats.open <= PROBING);
  const ended = await took((report) => lost(report) === count);
  const most = IDLE_TIMEOUT + LATE;
  trial.foundAtMost(`${count} peers without a network are OPEN no more`, most, noticed, " ms");
  trial.foundAtMost("they are CLOSED", most + CLOSE_TIMEOUT, ended, " ms");
  trial.foundEqual("sockets that end with 1006", count, lost(await subject.report()));
}

export const pulledCable: Scenario = {
  about: "clients whose network is gone",
  connections: 2 * EACH,

  async run(trial) {
    check();
    const options = {
      hostname: "0.0.0.0",
      heartbeat: HEARTBEAT,
      idleTimeout: IDLE_TIMEOUT,
      closeTimeout: CLOSE_TIMEOUT,
    };
    const init = { file: "ticking.ts", options, prefix: APART, within };
    await attacked(trial, init, (subject) => pulled(trial, subject));
  },
};
