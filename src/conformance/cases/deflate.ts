/**
 * A thousand compressed messages of each size and kind: RFC 7692 sections 5.1, 7.1 and 7.2. @module
 */

import {
  type Case,
  covers,
  deflated,
  type Draft,
  exchange,
  family,
  must,
  only,
  type Part,
  section,
} from "../case.ts";
import type { CorpusName } from "../wire/corpus.ts";
import type { Negotiation } from "../wire/extensions.ts";
import { binary, type Frame, type FrameOptions, moving, text } from "../wire/frame.ts";

const KIB = 1024;
const MESSAGES = 1000;

/** Sizes of messages and, for some, of the fragments into which their compressed form is cut. */
const SIZES: readonly (readonly [size: number, fragment?: number])[] = [
  [16],
  [64],
  [256],
  [KIB],
  [4 * KIB],
  [8 * KIB],
  [16 * KIB],
  [32 * KIB],
  [64 * KIB],
  [128 * KIB],
  [8 * KIB, 256],
  [16 * KIB, 256],
  [32 * KIB, 256],
  [64 * KIB, 256],
  [128 * KIB, 256],
  [128 * KIB, KIB],
  [128 * KIB, 4 * KIB],
  [128 * KIB, 32 * KIB],
];

/** Messages: the name of the data in a case's name, their corpus, and their type. */
interface Data {
  readonly name: string;
  readonly corpus: CorpusName;
  readonly make: (payload: ReturnType<typeof moving>, options: FrameOptions) => Frame;
}

const JSON_TEXT: Data = { name: "json", corpus: "json", make: text };

/** The corpora of Autobahn's 12.1 to 12.5. */
const DATA: readonly Data[] = [
  JSON_TEXT,
  { name: "bitmap", corpus: "bitmap", make: binary },
  { name: "prose", corpus: "prose", make: binary },
  { name: "html", corpus: "html", make: text },
  { name: "packed-data", corpus: "packed", make: binary },
];

const BASE = "permessage-deflate; client_no_context_takeover; client_max_window_bits";
const NO_TAKEOVER = "server_no_context_takeover";

/** Our offer as a client: every parameter that a server may request of us, and no request of it. */
const PLAIN: Negotiation = { offers: [BASE], answers: ["permessage-deflate"] };

/** A negotiation, with the end of its cases' names, their section and their requirement. */
interface Parameters extends Negotiation {
  readonly name: string;
  readonly section: string;
  readonly requirement: string;
}

const WITHIN_THE_WINDOW =
  "Each side compresses within the window that the other has asked for, and inflates with its own";
const NO_CONTEXT =
  "A side that is asked for no context takeover compresses each message as if it were the first";

const CLIENT_9 = "permessage-deflate; client_max_window_bits=9";
const CLIENT_15 = "permessage-deflate; client_max_window_bits=15";
const CLIENT_FRESH = "permessage-deflate; client_no_context_takeover";
const CLIENT_FRESH_9 = `${CLIENT_FRESH}; client_max_window_bits=9`;

/** Autobahn's 13.1 to 13.7. Our offer binds a server under test, our answer a client. */
const PARAMETERS: readonly Parameters[] = [
  {
    name: "without-parameters",
    section: "7.1",
    requirement: "Without parameters both sides may remember and have a window of 32 KiB",
    ...PLAIN,
  },
  {
    name: "without-context",
    section: "7.1.1",
    requirement: NO_CONTEXT,
    offers: [`${BASE}; ${NO_TAKEOVER}`],
    answers: [CLIENT_FRESH],
  },
  {
    name: "in-a-window-of-9-bits",
    section: "7.1.2",
    requirement: WITHIN_THE_WINDOW,
    offers: [`${BASE}; server_max_window_bits=9`],
    answers: [CLIENT_9],
  },
  {
    name: "in-a-window-of-15-bits",
    section: "7.1.2",
    requirement: WITHIN_THE_WINDOW,
    offers: [`${BASE}; server_max_window_bits=15`],
    answers: [CLIENT_15],
  },
  {
    name: "without-context-in-a-window-of-9-bits",
    section: "7.1.2",
    requirement: WITHIN_THE_WINDOW,
    offers: [`${BASE}; ${NO_TAKEOVER}; server_max_window_bits=9`],
    answers: [CLIENT_FRESH_9],
  },
  {
    name: "without-context-in-a-window-of-15-bits",
    section: "7.1.2",
    requirement: WITHIN_THE_WINDOW,
    offers: [`${BASE}; ${NO_TAKEOVER}; server_max_window_bits=15`],
    answers: [`${CLIENT_FRESH}; client_max_window_bits=15`],
  },
  {
    name: "with-the-best-of-three-offers",
    section: "5.1",
    requirement: "Of several offers, in order of preference, the server takes one that it can keep",
    offers: [`${BASE}; ${NO_TAKEOVER}; server_max_window_bits=9`, `${BASE}; ${NO_TAKEOVER}`, BASE],
    answers: [CLIENT_FRESH_9, CLIENT_FRESH, "permessage-deflate"],
  },
];

function sized(size: number): string {
  return size >= KIB ? `${size / KIB}-kib` : `${size}`;
}

/** Makes a draft for each size, in the order of Autobahn's numbers. */
function thousands(
  { corpus, make, name }: Data,
  suffix: string,
  group: string,
  requirement: string,
  ...parts: readonly Part[]
): Record<string, Draft> {
  const drafts = SIZES.map(([size, fragment], index): [string, Draft] => {
    const cut = fragment === undefined ? "" : `-in-fragments-of-${sized(fragment)}`;
    const options = { deflate: true, ...(fragment !== undefined && { fragment }) };
    return [
      `repeats-${MESSAGES}-times-${sized(size)}-of-${name}${cut}${suffix}`,
      must(
        requirement,
        covers(`${group}.${index + 1}`),
        family(`deflate-${group}`),
        ...parts,
        exchange(MESSAGES, make(moving(corpus, size), options)),
      ),
    ];
  });
  return Object.fromEntries(drafts);
}

/** Messages that a side without context takeover compresses each for itself. */
const REPEATED = text("Hello, hello, hello, hello", { deflate: true });

/** Cases about compressed messages of many sizes and kinds, with many sets of parameters. */
export const deflate: Case[] = [
  ...DATA.flatMap((data, index) =>
    section(
      "7692:7.2",
      thousands(
        data,
        "",
        `12.${index + 1}`,
        "What one side has compressed, the other inflates to what it was",
        deflated(PLAIN),
      ),
    )
  ),
  // A server may agree to less than a client has offered to do without (7.1.1.2): the client then
  // simply does what it said.
  ...section("7692:7.1.1.2", {
    "takes-an-answer-without-the-client-no-context-takeover-that-it-offered": must(
      "An offer of client_no_context_takeover is a hint: the answer need not repeat it",
      only("client"),
      deflated({
        offers: [],
        answers: ["permessage-deflate"],
        withholds: "client_no_context_takeover",
      }),
      exchange(3, REPEATED),
    ),
  }),
  ...PARAMETERS.flatMap(({ name, section: number, requirement, offers, answers }, index) =>
    section(
      `7692:${number}`,
      thousands(
        JSON_TEXT,
        `-${name}`,
        `13.${index + 1}`,
        requirement,
        deflated({ offers, answers }),
      ),
    )
  ),
];
