/** Checks of what a proxy delays, holds back and ends: RFC 6455 sections 5.4, 7.1 and 10.4. @module */

import { ExpectationFailed } from "../player/context.ts";
import { binary, encode, fill, ping, split, text } from "../wire/frame.ts";
import { type Check, type CheckContext, openTunnel } from "./check.ts";

const AT_ONCE = "A message does not wait for another";
const IN_PARTS = "The beginning of a frame does not wait for its rest";
const HELD = "A proxy that cannot pass octets on stops reading them";
const ENDS = "The end of a connection on one side is its end on the other";
const IDLE = "A connection stays open while nothing is sent";
const PINGED = "Pings keep a connection open";

/** Milliseconds of a message through the proxy above which it has waited for something. */
const SLOW = 30;

/** Number of messages that are timed. */
const ROUNDS = 21;

/** Octets that are sent to an end that does not read, at most, and at a time. */
const MOST_HELD = 32 * 1024 * 1024;
const PART = 256 * 1024;

/** Milliseconds in which a proxy takes nothing more when it has stopped reading. */
const STUCK = 500;

/** Sends small messages, each when the one before has arrived; returns the middle time. */
async function timeMessages(context: CheckContext, isClient: boolean): Promise<number> {
  const { client, server } = await openTunnel(context);
  const [from, to] = isClient ? [client, server] : [server, client];
  const octets = encode(text("?"), isClient);
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const begun = performance.now();
    await from.write(octets);
    if (!await to.until(() => to.received >= round * octets.length, context.timeout)) {
      const expected = "a small message, though no other follows";
      throw new ExpectationFailed(expected, `nothing in ${context.timeout} ms`, { timedOut: true });
    }
    times.push(performance.now() - begun);
  }
  return times.sort((one, other) => one - other)[ROUNDS >> 1]!;
}

/** Counts the octets that a proxy takes which nobody reads behind it. */
async function fillUp(context: CheckContext, isClient: boolean): Promise<void> {
  const { client, server } = await openTunnel(context);
  const [from, to] = isClient ? [client, server] : [server, client];
  to.read(false);
  const [frame] = split(binary(fill("octets", PART)));
  const octets = encode(frame!, isClient);
  let taken = 0;
  while (taken < MOST_HELD) {
    let isTaken = false;
    const timer = new Promise<void>((resolve) => setTimeout(resolve, STUCK));
    await Promise.race([from.write(octets).then(() => isTaken = true), timer]);
    if (!isTaken) break;
    taken += octets.length;
  }
  const mib = (taken / 1024 / 1024).toFixed(1);
  const whose = isClient ? "client" : "server";
  context.fact(`It and the system hold ${mib} MiB of the ${whose}'s that nobody reads`);
  if (taken >= MOST_HELD) {
    throw new ExpectationFailed("it to stop reading", `${mib} MiB that it has taken`);
  }
}

/** Ends one side of a connection; the other has to see an end. */
async function ends(
  context: CheckContext,
  isClient: boolean,
  how: "fin" | "reset",
): Promise<void> {
  const { client, server } = await openTunnel(context);
  const [from, to] = isClient ? [client, server] : [server, client];
  from.hangUp(how);
  await to.until(() => false, context.timeout);
  if (to.ended !== undefined) return;
  const got = `an open connection after ${context.timeout} ms`;
  throw new ExpectationFailed("the end of TCP", got, { timedOut: true });
}

/** Keeps a connection open for a while, with or without pings of the server. */
async function idles(context: CheckContext, isPinged: boolean): Promise<void> {
  const { client, server } = await openTunnel(context);
  const begun = performance.now();
  const octets = encode(ping("still there?"), false);
  const isOver = (): boolean => client.ended !== undefined || server.ended !== undefined;
  while (!isOver() && performance.now() - begun < context.idle) {
    if (isPinged) await server.write(octets);
    const left = context.idle - (performance.now() - begun);
    const ms = isPinged ? Math.min(left, context.idle / 12) : left;
    await client.until(isOver, Math.max(1, ms));
  }
  const ms = Math.round(performance.now() - begun);
  if (isOver()) throw new ExpectationFailed("an open connection", `its end after ${ms} ms`);
  context.fact(`A connection was open for ${ms} ms${isPinged ? " with pings" : " without a word"}`);
}

/** Checks of time. */
export const timeChecks: readonly Check[] = [
  ...[true, false].flatMap((isClient): Check[] => {
    const whose = isClient ? "client" : "server";
    return [
      {
        id: `6.1/passes-small-messages-of-the-${whose}-at-once`,
        section: "6.1",
        level: "should",
        requirement: AT_ONCE,
        async run(context): Promise<void> {
          const ms = await timeMessages(context, isClient);
          context.fact(`A small message of the ${whose} takes ${ms.toFixed(2)} ms`);
          if (ms > SLOW) throw new ExpectationFailed(`at most ${SLOW} ms`, `${Math.round(ms)} ms`);
        },
      },
      {
        id: `5.4/passes-half-a-frame-of-the-${whose}`,
        section: "5.4",
        level: "should",
        requirement: IN_PARTS,
        async run(context): Promise<void> {
          const { client, server } = await openTunnel(context);
          const [from, to] = isClient ? [client, server] : [server, client];
          await from.write(encode(text("a frame in two halves"), isClient).subarray(0, 10));
          if (await to.until(() => to.received >= 10, context.timeout / 2)) return;
          throw new ExpectationFailed("half a frame", `${to.received} bytes of it`);
        },
      },
      {
        id: `10.4/stops-reading-the-${whose}`,
        section: "10.4",
        level: "should",
        requirement: HELD,
        run: (context) => fillUp(context, isClient),
      },
      ...(["fin", "reset"] as const).map((how): Check => ({
        id: `7.1.1/passes-the-${how === "fin" ? "end" : "reset"}-of-the-${whose}`,
        section: "7.1.1",
        level: "should",
        requirement: ENDS,
        run: (context) => ends(context, isClient, how),
      })),
    ];
  }),
  {
    id: "7.1.1/keeps-an-idle-connection",
    section: "7.1.1",
    level: "should",
    requirement: IDLE,
    run: (context) => idles(context, false),
  },
  {
    id: "5.5.2/keeps-a-connection-with-pings",
    section: "5.5.2",
    level: "should",
    requirement: PINGED,
    run: (context) => idles(context, true),
  },
];
