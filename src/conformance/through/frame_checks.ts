/** Checks of what a proxy makes of frames: RFC 6455 sections 5 and 7.4. @module */

import { describeFrame } from "../player/wire_log.ts";
import { ExpectationFailed } from "../player/context.ts";
import {
  binary,
  close,
  encode,
  fill,
  type Frame,
  more,
  ping,
  pong,
  split,
  text,
} from "../wire/frame.ts";
import { FrameReader } from "../wire/frame_reader.ts";
import { join } from "../wire/octets.ts";
import { type Check, type CheckContext, openTunnel } from "./check.ts";
import { compareFrames } from "./differences.ts";

const MESSAGES = "Messages arrive whole, in order, and as they were sent";
const FRAGMENTS = "Fragments are passed on as they are, or joined where nothing is reserved";
const CONTROL = "Control frames are passed on, and answered by nobody but the ends";
const RESERVED = "What is reserved for extensions is theirs, not the proxy's";
const CODES = "The code and the reason of a Close frame arrive";
const EARLY = "Frames right behind the answer arrive";

type Row = readonly [
  section: string,
  name: string,
  level: Check["level"],
  requirement: string,
  frames: readonly Frame[],
];

const ROWS: readonly Row[] = [
  [
    "5.6",
    "messages-of-many-sizes",
    "must",
    MESSAGES,
    [0, 1, 125, 126, 127, 65_535, 65_536].flatMap((size) => [
      text(fill("text", size)),
      binary(fill("octets", size)),
    ]),
  ],
  ["5.6", "a-message-of-1-mib", "must", MESSAGES, [binary(fill("octets", 1024 * 1024))]],
  ["5.6", "1000-small-messages", "must", MESSAGES, Array.from({ length: 1000 }, () => text("x"))],
  ["5.4", "fragments", "should", FRAGMENTS, [
    text("one", { fin: false }),
    more("", { fin: false }),
    more(" two", { fin: false }),
    more(" three"),
  ]],
  ["5.4", "control-frames-between-fragments", "must", FRAGMENTS, [
    text("one", { fin: false }),
    ping("between"),
    more(" two"),
  ]],
  ["5.5.2", "pings-and-pongs", "must", CONTROL, [
    ping(""),
    ping("hello"),
    ping(fill("octets", 125)),
    pong("unasked"),
  ]],
  ["5.2", "reserved-bits", "should", RESERVED, [
    text("first", { rsv: 4 }),
    text("second", { rsv: 2 }),
    text("third", { rsv: 1 }),
  ]],
  ["5.2", "reserved-opcodes", "should", RESERVED, [
    { opcode: 0x3, payload: "data" },
    { opcode: 0xb, payload: "control" },
  ]],
  ...[1000, 1001, 1011, 3000, 4999].map((code): Row => [
    "7.4",
    `close-code-${code}`,
    "must",
    CODES,
    [close(code, "the reason")],
  ]),
  ["7.4", "an-empty-close", "must", CODES, [close()]],
];

/** Sends frames from one end, and compares what comes to the other. */
async function passes(
  context: CheckContext,
  frames: readonly Frame[],
  isClient: boolean,
): Promise<void> {
  const { client, server } = await openTunnel(context);
  const [from, to] = isClient ? [client, server] : [server, client];
  const octets = join(
    frames.flatMap((frame) => split(frame)).map((frame) => encode(frame, isClient)),
  );
  context.log.add("judge", "bytes", `${frames.length} frames`, octets);
  await from.write(octets);
  // What is written otherwise may have another size: then silence ends it.
  await to.until(() => to.received >= octets.length, context.timeout);
  const got = to.octets;
  context.log.add("peer", "bytes", `${got.length} bytes`, got);
  const [answer] = new FrameReader(65_536, 0).push(from.octets);
  if (answer !== undefined) {
    throw new ExpectationFailed(
      "nothing from the proxy itself",
      `its own ${describeFrame(answer)}`,
    );
  }
  const { broken, looser } = compareFrames(octets, got);
  if (broken !== undefined) throw new ExpectationFailed("the same frames", broken);
  for (const note of looser) context.warn(note);
}

/** Checks of frames, in both directions. */
export const frameChecks: readonly Check[] = [
  ...ROWS.flatMap(([section, name, level, requirement, frames]) =>
    ["client", "server"].map((from): Check => ({
      id: `${section}/passes-${name}-of-the-${from}`,
      section,
      level,
      requirement,
      run: (context) => passes(context, frames, from === "client"),
    }))
  ),
  {
    id: "5.1/passes-a-frame-in-the-packet-of-the-answer",
    section: "5.1",
    level: "must",
    requirement: EARLY,
    async run(context): Promise<void> {
      const early = encode(text("early"), false);
      const { client } = await openTunnel(context, {}, { body: early });
      await client.until(() => client.received >= early.length, context.timeout);
      const { broken } = compareFrames(early, client.octets);
      if (broken !== undefined) throw new ExpectationFailed("the same frame", broken);
    },
  },
];
