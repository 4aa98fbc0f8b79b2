/** A sink that records events, and receiving in memory that is overwritten afterwards. @module */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Receiver } from "../../src/protocol/receiver.ts";
import type { ProtocolError } from "../../src/protocol/protocol_error.ts";
import type { ReceiverOptions } from "../../src/protocol/receiver_options.ts";
import type { SinkEvents } from "../../src/protocol/sink_events.ts";

/** An event: its name, and what came with it. Of a failure, the code and the message. */
export type ReceivedEvent = readonly [name: string, ...args: readonly unknown[]];

/** Records each event, with the very memory that was passed. */
export class RecordingSink implements SinkEvents {
  readonly events: ReceivedEvent[] = [];

  text(data: string): void {
    this.events.push(["text", data]);
  }

  binary(data: Uint8Array): void {
    this.events.push(["binary", data]);
  }

  ping(payload: Uint8Array): void {
    this.events.push(["ping", payload]);
  }

  pong(payload: Uint8Array): void {
    this.events.push(["pong", payload]);
  }

  close(code: number, reason: string): void {
    this.events.push(["close", code, reason]);
  }

  fail({ code, message }: ProtocolError): void {
    this.events.push(["fail", code, message]);
  }
}

/** Octet that fills received memory, to show views of it that escaped. */
const USED = 0xee;

/**
 * Passes a stream to a receiver in chunks, each in the same memory, as an adapter would that reads all
 * of its connections into one buffer: what an event still refers to there is overwritten.
 *
 * @param cuts Offsets at which the stream is cut.
 * @param memory Memory to receive in; larger than the stream, so that it is not at its beginning.
 */
export function receiveCut(
  receiver: Receiver,
  stream: Uint8Array,
  cuts: readonly number[] = [],
  memory: Uint8Array = new Uint8Array(stream.length + 8),
): void {
  const offsets = [...new Set([...cuts.filter((cut) => cut < stream.length), stream.length])];
  let from = 0;
  for (const to of offsets.sort((a, b) => a - b)) {
    const start = from % 8;
    const end = start + to - from;
    memory.set(stream.subarray(from, to), start);
    const stop = receiver.receive(memory, start, end);
    if (stop !== end) throw new Error(`Stopped at ${stop} of ${end}`);
    memory.fill(USED);
    from = to;
  }
}

/** Returns the events of a stream. */
export function eventsOf(
  options: ReceiverOptions,
  stream: Uint8Array,
  cuts?: readonly number[],
  memory?: Uint8Array,
): readonly ReceivedEvent[] {
  const sink = new RecordingSink();
  receiveCut(new Receiver(options, sink), stream, cuts, memory);
  return sink.events;
}

/** Longer data is compared by a hash: Node takes minutes to show a difference in 60,000 octets. */
const LONG = 300;

function brief(value: unknown): unknown {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) return value;
  if (value.length <= LONG) return value;
  const hash = createHash("sha1").update(value).digest("hex");
  return `${typeof value === "string" ? "text" : "octets"}: ${value.length}, ${hash}`;
}

/** Asserts that two payloads are the same. */
export function assertSamePayload(actual: Uint8Array, expected: Uint8Array): void {
  assert.deepEqual(brief(actual), brief(expected));
}

/** Asserts that two lists of events are the same. */
export function assertSame(
  actual: readonly ReceivedEvent[],
  expected: readonly (readonly unknown[])[],
  message?: string,
): void {
  assert.deepEqual(
    actual.map((event) => event.map(brief)),
    expected.map((event) => event.map(brief)),
    message,
  );
}

/** Returns the offsets at which a stream of so many octets is cut into pieces of `size`. */
export function everyCut(length: number, size = 1): number[] {
  return Array.from({ length: Math.floor(length / size) }, (_, index) => (index + 1) * size);
}

/** Joins octets. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
