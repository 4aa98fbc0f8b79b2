/**
 * The wire log of one case: everything on the wire in words and in hex, bounded.
 *
 * @module
 */

import {
  HEX_BYTES,
  LOG_HEAD,
  LOG_TAIL,
  type Side,
  type WireEntry,
  type WireFrame,
} from "../result.ts";

/** Names by opcode. */
const NAMES: Readonly<Record<number, string>> = {
  0x0: "Continuation",
  0x1: "Text",
  0x2: "Binary",
  0x8: "Close",
  0x9: "Ping",
  0xa: "Pong",
};

/** Returns the name of an opcode. */
export function nameOf(opcode: number): string {
  return NAMES[opcode] ?? `Opcode ${opcode}`;
}

/** Number of octets of a payload that are shown as text. */
const SHOWN = 40;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Describes a payload: text in quotes if it is text, else hex; cut if long. */
export function describePayload(payload: Uint8Array): string {
  if (payload.length === 0) return "empty";
  const size = payload.length > SHOWN ? ` (${payload.length} bytes)` : "";
  try {
    const shown = decoder.decode(payload.subarray(0, SHOWN), { stream: true });
    decoder.decode(); // flush half a character at the cut
    if (size || !/\ufffd/.test(shown)) return JSON.stringify(shown) + (size && "…") + size;
  } catch {
    // Not text: an incomplete or invalid sequence. Flush the decoder.
    try {
      decoder.decode();
    } catch {
      // The rest of that sequence.
    }
  }
  const octets = Array.from(
    payload.subarray(0, SHOWN / 2),
    (octet) => octet.toString(16).padStart(2, "0"),
  );
  return octets.join(" ") + (payload.length > SHOWN / 2 ? ` … (${payload.length} bytes)` : "");
}

/** Describes a frame. */
export function describeFrame(
  frame: { opcode: number; fin: boolean; rsv: number; payload: Uint8Array },
): string {
  const marks = [
    !frame.fin && "not final",
    frame.rsv & 4 && "RSV1",
    frame.rsv & 2 && "RSV2",
    frame.rsv & 1 && "RSV3",
  ].filter(Boolean);
  return `${nameOf(frame.opcode)}${marks.length ? ` [${marks.join(", ")}]` : ""} ${
    frame.opcode === 0x8 ? describeClose(frame.payload) : describePayload(frame.payload)
  }`;
}

/** Describes the payload of a Close frame. */
function describeClose(payload: Uint8Array): string {
  if (payload.length < 2) return describePayload(payload);
  const code = payload[0]! << 8 | payload[1]!;
  return payload.length === 2 ? `${code}` : `${code} ${describePayload(payload.subarray(2))}`;
}

/** Returns the first octets in hex. */
function hexOf(octets: Uint8Array): string {
  let digits = "";
  for (const octet of octets.subarray(0, HEX_BYTES)) digits += octet.toString(16).padStart(2, "0");
  return digits;
}

/** Collects the entries of one case, and keeps those at the beginning and at the end. */
export class WireLog {
  readonly #start = performance.now();
  readonly #head: WireEntry[] = [];
  #tail: WireEntry[] = [];
  #skipped = 0;
  #skippedOctets = 0;

  /** Number of octets written by each side. */
  readonly octets: Record<Side, number> = { judge: 0, peer: 0 };

  /** Milliseconds since the case began. */
  now(): number {
    return Math.round((performance.now() - this.#start) * 100) / 100;
  }

  /**
   * Adds an entry.
   *
   * @param text Description. A function is only called if the entry is kept.
   * @param octets The octets, if the entry shows them.
   * @param size Number of octets. Default: that of `octets`.
   */
  add(
    from: Side,
    what: WireEntry["what"],
    text: string | (() => string),
    octets?: Uint8Array,
    size: number = octets?.length ?? 0,
    frame?: WireFrame,
  ): void {
    this.octets[from] += size;
    const entry = {
      at: this.now(),
      from,
      what,
      size,
      get text(): string {
        return typeof text === "string" ? text : text();
      },
      ...(octets && { octets: octets.length > HEX_BYTES ? octets.slice(0, HEX_BYTES) : octets }),
      ...(frame && { frame }),
    };
    if (this.#head.length < LOG_HEAD) {
      this.#head.push(finish(entry));
      return;
    }
    this.#tail.push(entry);
    if (this.#tail.length > LOG_TAIL * 8) this.#trim();
  }

  #trim(): void {
    for (const { size } of this.#tail.splice(0, this.#tail.length - LOG_TAIL)) {
      this.#skipped++;
      this.#skippedOctets += size;
    }
  }

  /** Returns the entries so far. */
  entries(): WireEntry[] {
    if (this.#tail.length > LOG_TAIL) this.#trim();
    const gap: WireEntry = {
      at: this.#tail[0]?.at ?? 0,
      from: "judge",
      what: "gap",
      text: `${this.#skipped} entries left out`,
      size: this.#skippedOctets,
    };
    return [...this.#head, ...(this.#skipped ? [gap] : []), ...this.#tail.map(finish)];
  }
}

/** The log of one of several sockets of a case: its entries stand in the log of the case. */
export class SocketLog extends WireLog {
  readonly #log: WireLog;
  readonly #socket: string;

  /** @param socket Name of the socket, in front of each entry. */
  constructor(log: WireLog, socket: string) {
    super();
    this.#log = log;
    this.#socket = socket;
  }

  override add(...[from, what, text, ...rest]: Parameters<WireLog["add"]>): void {
    const named = (): string => `${this.#socket}: ${typeof text === "string" ? text : text()}`;
    this.#log.add(from, what, named, ...rest);
  }
}

function finish(entry: WireEntry & { octets?: Uint8Array }): WireEntry {
  const { octets, ...rest } = entry;
  return octets ? { ...rest, hex: hexOf(octets) } : { ...rest };
}
