/**
 * permessage-deflate (RFC 7692), from the judge's side: negotiation, and one message at a time.
 *
 * Context takeover is done with dictionaries: what a window remembers is exactly the last bytes of
 * the messages before, so each message is one call into zlib, and nothing has to be kept open.
 *
 * @module
 */

import {
  constants,
  createDeflateRaw,
  type DeflateRaw,
  deflateRawSync,
  inflateRawSync,
} from "node:zlib";
import type { Negotiation } from "../case.ts";
import { memorize, recall } from "./inflate_cache.ts";
import { longestDistance } from "./deflate_distance.ts";

/** What both sides agreed on. */
export interface Agreement {
  readonly clientNoTakeover: boolean;
  readonly serverNoTakeover: boolean;
  readonly clientBits: number;
  readonly serverBits: number;
}

/** One extension of a Sec-WebSocket-Extensions header. */
export interface Extension {
  readonly name: string;
  readonly params: ReadonlyMap<string, string | true>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAM = new RegExp(`^\\s*;\\s*(${TOKEN})(?:\\s*=\\s*(?:(${TOKEN})|"(${TOKEN})"))?`);
const NAME = new RegExp(`^\\s*(${TOKEN})`);

/** Reads a Sec-WebSocket-Extensions header (9.1). Undefined if it is malformed. */
export function parseExtensions(header: string): Extension[] | undefined {
  const found: Extension[] = [];
  let left = header;
  while (true) {
    const name = NAME.exec(left);
    if (name === null) return undefined;
    left = left.slice(name[0].length);
    const params = new Map<string, string | true>();
    for (let param = PARAM.exec(left); param !== null; param = PARAM.exec(left)) {
      if (params.has(param[1]!)) return undefined;
      params.set(param[1]!, param[2] ?? param[3] ?? true);
      left = left.slice(param[0].length);
    }
    found.push({ name: name[1]!, params });
    left = left.trimStart();
    if (left === "") return found;
    if (!left.startsWith(",")) return undefined;
    left = left.slice(1);
  }
}

const BITS = /^(?:[89]|1[0-5])$/; // 7692:7.1.2: no leading zeros

function bitsOf(value: string | true | undefined): number {
  return typeof value === "string" && BITS.test(value) ? Number(value) : NaN;
}

/**
 * As a client: what the server's answer means.
 *
 * @returns The agreement, undefined if the server declined, or a complaint with its section.
 */
export function readAnswer(
  answer: string,
  offers: readonly string[],
): Agreement | undefined | { section: string; note: string } {
  if (answer === "") return undefined;
  const extensions = parseExtensions(answer);
  if (extensions === undefined) {
    return { section: "9.1", note: `Sec-WebSocket-Extensions is malformed: ${answer}` };
  }
  if (offers.length === 0) {
    const note = `The server agreed to an extension where there was none to agree to: ${answer}`;
    return { section: "9.1", note };
  }
  const [first, ...others] = extensions;
  if (first!.name !== "permessage-deflate" || others.length > 0) {
    return { section: "9.1", note: `The server answered with an extension not offered: ${answer}` };
  }
  const offered = offers.flatMap((offer) => parseExtensions(offer) ?? []);
  for (const [name, value] of first!.params) {
    const complaint = paramComplaint(name, value, offered);
    if (complaint) return { section: "7692:7.1", note: `${complaint} in the answer: ${answer}` };
  }
  return agreementOf(first!);
}

function paramComplaint(
  name: string,
  value: string | true,
  offered: readonly Extension[],
): string | undefined {
  switch (name) {
    case "server_no_context_takeover":
    case "client_no_context_takeover":
      return value === true ? undefined : `${name} has a value`;
    case "server_max_window_bits":
      return Number.isNaN(bitsOf(value)) ? `${name} is not 8 to 15` : undefined;
    case "client_max_window_bits":
      if (!offered.some((offer) => offer.params.has(name))) return `${name} was not offered`;
      return Number.isNaN(bitsOf(value)) ? `${name} is not 8 to 15` : undefined;
    default:
      return `Unknown parameter ${name}`;
  }
}

function agreementOf({ params }: Extension): Agreement {
  return {
    clientNoTakeover: params.has("client_no_context_takeover"),
    serverNoTakeover: params.has("server_no_context_takeover"),
    clientBits: bitsOf(params.get("client_max_window_bits")) || 15,
    serverBits: bitsOf(params.get("server_max_window_bits")) || 15,
  };
}

/**
 * As a server: the first of our answers that the client's offers allow (7692:5.1).
 *
 * @returns The header to answer with and what it means; undefined if nothing can be agreed.
 */
export function chooseAnswer(
  offer: string,
  { answers }: Negotiation,
): { header: string; agreement: Agreement } | undefined {
  const offers = (parseExtensions(offer) ?? []).filter(({ name }) => name === "permessage-deflate");
  for (const header of answers) {
    const wanted = parseExtensions(header)?.[0];
    if (wanted === undefined) continue;
    for (const { params } of offers) {
      const limit = params.get("client_max_window_bits");
      if (wanted.params.has("client_max_window_bits") && limit === undefined) continue;
      // What the client asks of us has to be granted in the answer (7692:7.1.1.1, 7.1.2.1).
      const granted = new Map(wanted.params);
      if (params.has("server_no_context_takeover")) granted.set("server_no_context_takeover", true);
      const ours = params.get("server_max_window_bits");
      if (typeof ours === "string" && !granted.has("server_max_window_bits")) {
        granted.set("server_max_window_bits", ours);
      }
      const answer = { name: "permessage-deflate", params: granted };
      return { header: formatExtension(answer), agreement: agreementOf(answer) };
    }
  }
  return undefined;
}

function formatExtension({ name, params }: Extension): string {
  const parts = [...params].map(([key, value]) => value === true ? key : `${key}=${value}`);
  return [name, ...parts].join("; ");
}

const EMPTY = new Uint8Array(0);
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

/** How large a message may get when inflated; beyond, it counts as a bomb. */
export const MAX_INFLATED: number = 64 * 1024 * 1024;

const MAX_ROOM = 1024 * 1024;

/** Both directions of one connection. */
export class Deflate {
  readonly #out: Memory;
  readonly #in: Memory;
  #measured = 0;
  #room = 16 * 1024;

  /** @param isClient Whether the judge plays the client. */
  constructor(agreement: Agreement, isClient: boolean) {
    const client = new Memory(agreement.clientBits, !agreement.clientNoTakeover);
    const server = new Memory(agreement.serverBits, !agreement.serverNoTakeover);
    this.#out = isClient ? client : server;
    this.#in = isClient ? server : client;
  }

  /** Compresses a message (7692:7.2.1). */
  compress(payload: Uint8Array): Uint8Array {
    const out = compressed(payload, this.#out);
    this.#out.remember(payload);
    return out;
  }

  /** Inflates a message (7692:7.2.2). Throws if the data is not deflate, or a bomb. */
  inflate(payload: Uint8Array): Uint8Array {
    const { bits, dictionary, mark } = this.#in;
    if (bits < 15 && this.#measured++ < MEASURED) {
      const reach = longestDistance(payload);
      if (reach > 1 << bits) {
        throw new RangeError(`It reaches ${reach} bytes back in a window of ${1 << bits}`);
      }
    }
    const known = mark && recall(mark, payload);
    if (known) {
      this.#in.remember(known);
      return known;
    }
    // What the window remembers goes first, as a stored block, and is cut off again: dictionaries
    // for raw deflate are not to be had on Deno.
    const primer = dictionary.length > 0 ? stored(dictionary) : EMPTY;
    const whole = new Uint8Array(primer.length + payload.length + TAIL.length);
    whole.set(primer);
    whole.set(payload, primer.length);
    whole.set(TAIL, primer.length + payload.length);
    const plain = inflateRawSync(whole, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_INFLATED,
      // Room for a message as large as the one before, so that it comes in one piece.
      chunkSize: dictionary.length + this.#room,
    }).subarray(dictionary.length);
    this.#room = Math.max(1024, Math.min(plain.length + 64, MAX_ROOM));
    const inflated = mark ? memorize(mark, payload, plain) : plain;
    this.#in.remember(inflated);
    return inflated;
  }
}

/** Of how many messages the reach is measured, on each connection with a small window. */
const MEASURED = 40;

/** Octets as a deflate block without compression, not the last. */
function stored(octets: Uint8Array): Uint8Array {
  const block = new Uint8Array(5 + octets.length);
  const view = new DataView(block.buffer);
  view.setUint16(1, octets.length, true);
  view.setUint16(3, ~octets.length & 0xffff, true);
  block.set(octets, 5);
  return block;
}

/** Stands for a window that holds nothing yet. */
const NOTHING: object = {};

/** What a sliding window remembers of the messages before. */
class Memory {
  readonly bits: number;
  readonly keeps: boolean;
  dictionary: Uint8Array = EMPTY;
  #stream: DeflateRaw | undefined;

  /** An object that is the same when the content is; undefined when that cannot be told. */
  mark: object | undefined = NOTHING;

  constructor(bits: number, keeps: boolean) {
    this.bits = bits;
    this.keeps = keeps;
  }

  /** Compresses through a stream of its own that stays open, where there are no dictionaries. */
  squeeze(payload: Uint8Array): Uint8Array {
    this.#stream ??= createDeflateRaw(optionsFor(this.bits));
    // Without what the messages before have left, it is still right, only longer.
    return writeSync(this.#stream, payload) ?? deflateRawSync(payload, optionsFor(this.bits));
  }

  remember(payload: Uint8Array): void {
    if (!this.keeps || payload.length === 0) return;
    const size = 1 << this.bits;
    if (payload.length >= size) {
      this.dictionary = payload.subarray(payload.length - size);
      this.mark = payload;
      return;
    }
    const kept = this.dictionary.subarray(
      Math.max(0, this.dictionary.length + payload.length - size),
    );
    const joined = new Uint8Array(kept.length + payload.length);
    joined.set(kept);
    joined.set(payload, kept.length);
    this.dictionary = joined;
    this.mark = undefined;
  }
}

// The large exchanges run through the same few stretches of a corpus, in case after case, and those
// are the same objects every time (corpus.ts). So what was compressed once is looked up.
const cache = new WeakMap<Uint8Array, WeakMap<object, Map<number, Uint8Array>>>();

function compressed(payload: Uint8Array, memory: Memory): Uint8Array {
  const { bits, dictionary, mark } = memory;
  if (!HAS_DICTIONARIES && memory.keeps) return cutTail(memory.squeeze(payload));
  if (mark === undefined) return deflated(payload, bits, dictionary);
  const byMark = cache.get(payload) ?? new WeakMap<object, Map<number, Uint8Array>>();
  cache.set(payload, byMark);
  const byBits = byMark.get(mark) ?? new Map<number, Uint8Array>();
  byMark.set(mark, byBits);
  const known = byBits.get(bits) ?? deflated(payload, bits, dictionary);
  byBits.set(bits, known);
  return known;
}

function optionsFor(bits: number): { windowBits: number; strategy: number; finishFlush: number } {
  return {
    windowBits: Math.max(bits, 9),
    // In a window of 256 bytes, which zlib cannot do, only entropy coding is safe.
    strategy: bits === 8 ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY,
    finishFlush: constants.Z_SYNC_FLUSH,
  };
}

function deflated(payload: Uint8Array, bits: number, dictionary: Uint8Array): Uint8Array {
  const options = { ...optionsFor(bits), ...(dictionary.length > 0 && { dictionary }) };
  return cutTail(deflateRawSync(payload, options));
}

/** 7692:7.2.1: the last four octets, 00 00 ff ff, do not travel; an empty message is one octet. */
function cutTail(out: Uint8Array): Uint8Array {
  return out.length > TAIL.length ? out.subarray(0, out.length - TAIL.length) : Uint8Array.of(0);
}

/** Whether raw deflate can be given a dictionary: not on Deno 2.9, which ignores it. */
const HAS_DICTIONARIES = ((): boolean => {
  const [dictionary, finishFlush] = [TAIL, constants.Z_SYNC_FLUSH];
  const [plain, primed] = [{ finishFlush }, { finishFlush, dictionary }]
    .map((options) => deflateRawSync(TAIL, options));
  return !primed!.every((octet, at) => octet === plain![at]);
})();

/** What lies below a zlib stream, the same on Deno, Bun and Node. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    from: number,
    size: number,
    output: Uint8Array,
    at: number,
    room: number,
  ): void;
}

/** Writes into a stream that stays open, and takes what comes out, at once. */
function writeSync(stream: DeflateRaw, input: Uint8Array): Uint8Array | undefined {
  const { _handle: handle, _writeState: state } = stream as unknown as {
    _handle?: Handle;
    _writeState?: Uint32Array;
  };
  if (!handle?.writeSync || !state) return undefined;
  const output = new Uint8Array(input.length + (input.length >> 3) + 64);
  handle.writeSync(constants.Z_SYNC_FLUSH, input, 0, input.length, output, 0, output.length);
  return state[0]! > 0 ? output.subarray(0, output.length - state[0]!) : undefined;
}
