/**
 * The steps of a conversation: what each does, and what it takes for an answer.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  expectGiveUp,
  expectRefusal,
  expectRequest,
  expectUpgrade,
  open,
  sendRequest,
  sendResponse,
} from "./handshake_steps.ts";
import { keyFor } from "../wire/handshake.ts";
import { Peer, type PeerEvent } from "./peer.ts";
import {
  type CaseContext,
  describeCodes,
  describeEvent,
  ExpectationFailed,
  Skipped,
} from "./context.ts";
import type {
  Either,
  Exchange,
  Expect,
  ExpectAlive,
  ExpectClose,
  ExpectEnd,
  ExpectFailure,
  HangUp,
  Raw,
  Send,
  Step,
} from "../step.ts";
import { bytesOf, close, type Frame, ping, text } from "../wire/frame.ts";
import { describePayload, nameOf, WireLog } from "./wire_log.ts";

/** How long a peer that ought to fail the connection is left alone before it is asked. */
const BEFORE_PROBE = 400;

/** How long TCP may outlive the closing handshake. */
const CLOSING = 1000;

const PROBE = "isosocket: still there?";

/** Performs one step; throws {@linkcode ExpectationFailed} or {@linkcode Skipped}. */
export async function perform(scene: CaseContext, step: Step): Promise<void> {
  switch (step.do) {
    case "send":
      return await performSend(scene, step);
    case "raw":
      return await performRaw(scene, step);
    case "exchange":
      return await performExchange(scene, step);
    case "expect":
      return await performExpect(scene, step);
    case "expect-nothing":
      return await probe(scene);
    case "expect-close":
      return await performExpectClose(scene, step);
    case "expect-failure":
      return await performExpectFailure(scene, step);
    case "expect-end":
      return await performExpectEnd(scene, step);
    case "expect-alive":
      return await performExpectAlive(scene, step);
    case "expect-fresh-keys":
      return performExpectFreshKeys(scene);
    case "pause":
      return await new Promise((resolve) => setTimeout(resolve, step.ms));
    case "reading":
      return scene.peer.read(step.on);
    case "hang-up":
      return performHangUp(scene, step);
    case "either":
      return await performEither(scene, step);
    case "request":
      return await sendRequest(scene, step);
    case "expect-upgrade":
      return await expectUpgrade(scene, step);
    case "expect-refusal":
      return await expectRefusal(scene, step);
    case "respond":
      return await sendResponse(scene, step);
    case "expect-request":
      return await expectRequest(scene, step);
    case "expect-give-up":
      return await expectGiveUp(scene);
  }
}

/** The next happening; a breach breaks the case there and then. */
async function next(scene: CaseContext, expected: string, within?: number): Promise<PeerEvent> {
  const happening = await scene.peer.next(within ?? scene.target.timeout);
  if (happening.what === "breach") {
    throw new ExpectationFailed(expected, happening.note, happening.section);
  }
  return happening;
}

async function performSend({ peer }: CaseContext, step: Send): Promise<void> {
  const { items, times = 1, ...how } = step;
  if (times === 1) return await peer.out.send(items, how);
  const octets = Buffer.concat(peer.out.pack(items));
  await peer.out.send([]);
  await peer.out.raw(octets);
  await peer.out.repeat(octets, times - 1);
}

async function performRaw({ peer, log }: CaseContext, { bytes, chop }: Raw): Promise<void> {
  const octets = bytesOf(bytes);
  log.add("judge", "bytes", () => describePayload(octets), octets);
  await peer.out.raw(octets, chop === undefined ? {} : { chop });
}

async function performExchange(scene: CaseContext, { message, times }: Exchange): Promise<void> {
  for (let round = 0; round < times; round++) {
    await scene.peer.out.send([message], { round });
    await performExpect(scene, { do: "expect", frame: message }, round);
  }
}

async function performExpect(scene: CaseContext, step: Expect, round = 0): Promise<void> {
  const { opcode, payload = "" } = step.frame;
  const wanted = bytesOf(payload, round);
  const words = (): string => `${nameOf(opcode)} ${describePayload(wanted)}`;
  while (true) {
    const happening = await next(scene, step.frame.opcode === 0x9 ? "Ping" : words());
    if (!("payload" in happening)) throw new ExpectationFailed(words(), describeEvent(happening));
    if (happening.opcode === opcode && Buffer.compare(happening.payload, wanted) === 0) return;
    if (step.pastPongs && happening.what === "pong") continue;
    throw new ExpectationFailed(
      words(),
      describeEvent(happening) + difference(happening, opcode, wanted),
    );
  }
}

/** Where two long payloads of the same type part. */
function difference(
  got: { opcode: number; payload: Uint8Array },
  opcode: number,
  wanted: Uint8Array,
): string {
  if (got.opcode !== opcode || wanted.length <= 40) return "";
  const at = wanted.findIndex((octet, index) => octet !== got.payload[index]);
  return at < 0 ? `, longer than ${wanted.length} bytes` : `, which differs from byte ${at} on`;
}

/** A ping and its pong: nothing came before, and the connection lives. */
async function probe(scene: CaseContext): Promise<void> {
  await scene.peer.out.send([ping(PROBE)]);
  await performExpect(scene, { do: "expect", frame: { opcode: 0xa, payload: PROBE } });
}

async function performExpectClose(scene: CaseContext, step: ExpectClose): Promise<void> {
  const expected = describeCodes(step.codes);
  const happening = await next(scene, expected);
  if (happening.what !== "close") throw new ExpectationFailed(expected, describeEvent(happening));
  if (!step.codes.includes(happening.code)) {
    // 5.5.1 calls the echo of the code typical, no more.
    scene.warnings.push(`Expected ${expected}, got ${describeEvent(happening)}`);
  }
  if (step.reason !== undefined && happening.reason !== step.reason) {
    throw new ExpectationFailed(
      `reason ${JSON.stringify(step.reason)}`,
      JSON.stringify(happening.reason),
    );
  }
  await end(scene);
  // 7.1.1: a client may wait for us; a server has to end TCP.
  if (!scene.clean) {
    throw new ExpectationFailed("the end of TCP after both Close frames", "an open connection");
  }
}

async function performExpectFailure(scene: CaseContext, step: ExpectFailure): Promise<void> {
  const { peer, target: stage, warnings } = scene;
  const expected = `the connection to fail with ${describeCodes(step.codes)}`;
  const patience = step.within ?? Math.min(BEFORE_PROBE, stage.timeout);
  let happening = await next(scene, expected, patience);
  if (happening.what === "silence" && step.within === undefined) {
    // Asking makes it quick; a peer that is in the middle of a frame will not understand.
    await peer.out.send([ping(PROBE)]);
    happening = await next(scene, expected);
  }
  switch (happening.what) {
    case "end":
      // 7.1.7: a Close frame SHOULD be sent first.
      warnings.push(`Expected ${expected}, got no Close frame`);
      return;
    case "close":
      if (step.codes.includes(happening.code)) break;
      // 7.1.7: the code SHOULD be the appropriate one.
      scene.codeFits = happening.code === 1005;
      warnings.push(
        `Expected ${expected}, got ${
          happening.code === 1005 ? "an empty Close" : describeEvent(happening)
        }`,
      );
      break;
    case "silence":
      throw new ExpectationFailed(expected, "an open connection");
    default:
      throw new ExpectationFailed(
        expected,
        happening.what === "pong" && Buffer.compare(happening.payload, bytesOf(PROBE)) === 0
          ? "an open connection, which still answers pings"
          : describeEvent(happening),
      );
  }
  await end(scene);
}

async function performExpectEnd(scene: CaseContext, step: ExpectEnd): Promise<void> {
  const expected = "the end of TCP";
  let happening = await next(scene, expected);
  while (step.pastPongs && happening.what === "pong") happening = await next(scene, expected);
  if (happening.what === "close" && step.close !== false) {
    await end(scene);
    if (scene.peer.ended !== undefined) return;
    happening = { what: "silence", ms: CLOSING };
  }
  if (happening.what !== "end") throw new ExpectationFailed(expected, describeEvent(happening));
}

function performExpectFreshKeys({ peer }: CaseContext): void {
  const twice = peer.keys.find((key, at) => peer.keys.indexOf(key) !== at);
  if (twice === undefined) return;
  throw new ExpectationFailed(
    "a masking key of its own for each frame",
    `key ${twice} more than once`,
  );
}

function performHangUp({ peer }: CaseContext, { how }: HangUp): void {
  peer.hangUp(how);
}

async function performExpectAlive(
  scene: CaseContext,
  { connections = 1 }: ExpectAlive,
): Promise<void> {
  if (scene.target.subject !== "server") return;
  await Promise.all(Array.from({ length: connections }, () => expectEcho(scene)));
}

/** Opens one more connection, which has to echo and to close. */
async function expectEcho({ test, target: stage }: CaseContext): Promise<void> {
  const log = new WireLog();
  const peer = new Peer(await stage.open(), log, true, stage.timeout);
  const { deflate: _, ...plain } = test;
  const scene: CaseContext = newScene({ ...plain, steps: [] }, stage, peer, log);
  try {
    await open(scene);
    const hello: Frame = text("hello");
    await peer.out.send([hello]);
    await performExpect(scene, { do: "expect", frame: hello });
    await finish(scene);
  } catch (error) {
    if (!(error instanceof ExpectationFailed)) throw error;
    throw new ExpectationFailed("the server to serve a new connection", error.got);
  } finally {
    peer.drop();
  }
}

/** A scene before its first step. */
export function newScene(
  test: CaseContext["test"],
  stage: CaseContext["target"],
  peer: Peer,
  log: WireLog,
): CaseContext {
  return {
    test,
    target: stage,
    peer,
    log,
    key: keyFor(test.id),
    warnings: [],
    offered: [],
    isOpen: false,
    extensions: "",
    clean: false,
    codeFits: true,
  };
}

async function performEither(scene: CaseContext, { ways }: Either): Promise<void> {
  let first: ExpectationFailed | undefined;
  for (const way of ways) {
    const mark = scene.peer.mark();
    const count = scene.warnings.length;
    try {
      for (const step of way.steps) await perform(scene, step);
      scene.peer.rewind(mark, false);
      if (way.verdict === "warn") scene.warnings.push(way.note);
      return;
    } catch (error) {
      scene.peer.rewind(mark, true);
      scene.warnings.length = count;
      if (!(error instanceof ExpectationFailed) || error.breach !== undefined) throw error;
      first ??= error;
    }
  }
  throw first ?? new Skipped("There is no way to go on");
}

/** Waits for TCP to end once both Close frames are over; the server ends it (7.1.1). */
async function end(scene: CaseContext): Promise<void> {
  const { peer, target: stage } = scene;
  if (stage.subject === "client") peer.hangUp("fin");
  const happening = await next(scene, "the end of TCP", Math.min(CLOSING, stage.timeout));
  scene.clean = happening.what === "end" && peer.close !== undefined && peer.out.sentClose;
}

/** Steps after which nothing more need be shown: what they expect has come last. */
const SETTLED: readonly string[] = [
  "expect",
  "exchange",
  "expect-nothing",
  "either",
  "expect-alive",
];

/** Steps that may leave a connection that has ended. */
const ENDING: readonly string[] = ["expect-close", "expect-failure", "expect-end", "hang-up"];

/** Looks at what a peer that has left already had to say. */
async function finishEnded(scene: CaseContext, last: string | undefined): Promise<void> {
  // What we have left lying on purpose is no fault of the peer's.
  if (scene.test.steps.some((step) => step.do === "hang-up" || step.do === "reading")) return;
  const settled = last === undefined || SETTLED.includes(last) || ENDING.includes(last);
  for (let left = true; left;) {
    const happening = await next(scene, "nothing more");
    left = happening.what !== "end";
    if (left && happening.what !== "close" || !left && !settled) {
      throw new ExpectationFailed(
        left ? "nothing more" : "the peer to stay",
        describeEvent(happening),
      );
    }
  }
}

/** Ends a conversation that its script has left open: see the head of `case.ts`. */
export async function finish(scene: CaseContext): Promise<void> {
  const { peer, test, target: stage } = scene;
  if (!scene.isOpen) return;
  const last = test.steps.at(-1)?.do;
  if (peer.ended !== undefined) return await finishEnded(scene, last);
  if (peer.close === undefined && !peer.out.sentClose) {
    // That the peer lives and has nothing more to say: shown by an echo.
    if (last !== undefined && !SETTLED.includes(last)) {
      if (peer.out.open) await probe(scene);
      else await performExchange(scene, { do: "exchange", message: text(PROBE), times: 1 });
    }
    await peer.out.send([close(1000)]);
  }
  if (peer.close === undefined) {
    const happening = await next(scene, "Close 1000", stage.timeout);
    if (happening.what === "end" || happening.what === "silence") return; // Not clean: noted there.
    if (happening.what !== "close") {
      throw new ExpectationFailed("nothing more", describeEvent(happening));
    }
    const { code } = happening;
    if (code !== 1000 && code !== 1005 && code < 3000 && peer.closedBy === "peer") {
      throw new ExpectationFailed("nothing more", describeEvent(happening));
    }
  }
  await end(scene);
}
