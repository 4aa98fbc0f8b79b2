/** Messages of topics as clients that recover get them. @module */

import type { Bytes } from "../../core/link.ts";
import type { HistoryPosition } from "../broker/broker.ts";
import {
  ESCAPED,
  HELLO,
  isPosition,
  MARK,
  MARK_BYTE,
  MAX_HELLO,
  MAX_TOPICS,
  MESSAGE,
  STATE,
  type TopicState,
} from "../../protocol/recovery.ts";
import { asBytes } from "../broker/envelope.ts";
import { Publication } from "../publication.ts";

const encoder = new TextEncoder();

/** A message that has its mark already. */
export class MarkedPublication extends Publication {
  /** Makes one. */
  constructor(data: string | Bytes) {
    super(data, () => {}); // it is no Blob
  }
}

function withHeader(header: string, data: string | Bytes): string | Bytes {
  if (typeof data === "string") return header + data;
  const head = encoder.encode(header);
  const bytes = asBytes(data);
  const whole = new Uint8Array(head.length + bytes.length);
  whole.set(head);
  whole.set(bytes, head.length);
  return whole;
}

/** Makes a message of a topic. */
export function messageFrame(
  topic: string,
  offset: number,
  data: string | Bytes,
): MarkedPublication {
  const header = `${MARK}${MESSAGE}${offset} ${JSON.stringify(topic)}\n`;
  return new MarkedPublication(withHeader(header, data));
}

/** Makes the state of a topic. */
export function stateFrame(
  topic: string,
  { epoch, offset }: HistoryPosition,
  recovered: boolean | undefined,
): MarkedPublication {
  const state: TopicState = [topic, epoch, offset, recovered ?? null];
  return new MarkedPublication(MARK + STATE + JSON.stringify(state));
}

/** Returns a message of the program as it is sent. */
export function escaped(data: string | Bytes): string | Bytes {
  if (typeof data === "string") return data.startsWith(MARK) ? MARK + ESCAPED + data : data;
  return asBytes(data)[0] === MARK_BYTE ? withHeader(MARK + ESCAPED, data) : data;
}

/**
 * Reads a client's first message.
 *
 * @returns How far the client has come, by topics; `undefined` if the message is none.
 */
export function readHello(data: string | ArrayBuffer): Map<string, HistoryPosition> | undefined {
  if (typeof data !== "string" || data.length > MAX_HELLO) return undefined;
  if (!data.startsWith(MARK + HELLO)) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(data.slice(MARK.length + HELLO.length));
  } catch {
    return undefined;
  }
  if (!Array.isArray(list) || list.length > MAX_TOPICS) return undefined;
  const positions = new Map<string, HistoryPosition>();
  for (const entry of list) {
    if (!Array.isArray(entry) || entry.length !== 3) return undefined;
    const [topic, epoch, offset] = entry as [string, string, number];
    if (!isPosition(topic, epoch, offset)) return undefined;
    positions.set(topic, { epoch, offset });
  }
  return positions;
}
