/**
 * What goes through a broker: a line of ASCII, and the message behind it.
 *
 * ```text
 * 1 <name of the server> <number of the message> <kind>
 * ```
 *
 * The number counts the messages of one server in one topic. The kind is `t` for text, `b` for bytes,
 * `T` and `B` for the same in base64, and `m` for no message at all, but a mark: the server has come
 * as far as this number. A `+` behind it says that the server has begun to count here.
 *
 * @module
 */

import type { Bytes } from "../../core/link.ts";
import { fromBase64, toBase64 } from "./base64.ts";

/** Number of a message, and whether its server has begun to count there. */
export interface Position {
  /** Number of the message among those of one server in one topic. */
  readonly number: number;
  /** Whether the numbers before it have no meaning. */
  readonly first: boolean;
}

/** A message as it came through a broker. */
export interface Envelope extends Position {
  /** Name of the server that published it. */
  readonly node: string;
  /** The message; `undefined` for a mark. */
  readonly payload: string | Bytes | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Maximum length of the first line. */
const MAX_HEADER = 64;

const HEADER = /^1 ([\w-]{12}) ([1-9]\d{0,15}) ([tbTBm])(\+?)$/;

/** Returns bytes as a view of the same memory. */
export function asBytes(payload: Bytes): Uint8Array<ArrayBuffer> {
  return payload instanceof Uint8Array
    ? payload as Uint8Array<ArrayBuffer>
    : new Uint8Array(payload as ArrayBuffer);
}

/**
 * Encodes a message, or a mark.
 *
 * @param payload The message; `undefined` for a mark.
 * @param binary Whether the broker carries bytes.
 */
export function encode(
  node: string,
  { number, first }: Position,
  payload: string | Bytes | undefined,
  binary: boolean,
): string | Uint8Array<ArrayBuffer> {
  const header = (kind: string): string => `1 ${node} ${number} ${kind}${first ? "+" : ""}\n`;
  const asText = (text: string): string | Uint8Array<ArrayBuffer> =>
    binary ? encoder.encode(text) : text;
  if (payload === undefined) return asText(header("m"));
  if (typeof payload === "string") {
    if (binary || !payload.includes("\0")) return asText(header("t") + payload);
    return header("T") + toBase64(encoder.encode(payload));
  }
  const bytes = asBytes(payload);
  if (!binary) return header("B") + toBase64(bytes);
  const head = encoder.encode(header("b"));
  const message = new Uint8Array(head.length + bytes.length);
  message.set(head);
  message.set(bytes, head.length);
  return message;
}

/** Thrown for bytes that came as text, and are not the same any more. */
export class BytesAsText extends Error {}

/**
 * Decodes what came through a broker.
 *
 * @throws {BytesAsText} If the message is bytes, and came through a connection that carries only text.
 * @throws {Error} If it is not of this package, or of another version.
 */
export function decode(message: string | Uint8Array): Envelope {
  const isText = typeof message === "string";
  const end = isText
    ? message.slice(0, MAX_HEADER).indexOf("\n")
    : message.subarray(0, MAX_HEADER).indexOf(10);
  if (end < 0) throw new SyntaxError("Cannot read a message: it has no header");
  const line = isText
    ? message.slice(0, end)
    : String.fromCharCode.apply(null, message.subarray(0, end) as unknown as number[]);
  const [, node, digits, kind, plus] = HEADER.exec(line) ?? [];
  if (node === undefined) throw new SyntaxError("Cannot read a message: its header is unknown");
  if (isText && kind === "b") {
    throw new BytesAsText("Cannot read bytes: this client of the broker carries only text");
  }
  const body = isText ? message.slice(end + 1) : bytesFrom(message, end + 1);
  const position = { node, number: Number(digits), first: plus === "+" };
  return { ...position, payload: payloadOf(kind!, body as string | Uint8Array<ArrayBuffer>) };
}

/** Returns the rest of some bytes as a plain Uint8Array: `slice()` of a Buffer would not copy it. */
function bytesFrom({ buffer, byteOffset, byteLength }: Uint8Array, at: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + at, byteLength - at);
}

function payloadOf(
  kind: string,
  body: string | Uint8Array<ArrayBuffer>,
): string | Bytes | undefined {
  if (kind === "m") return undefined;
  if (kind === "b") return body;
  const text = typeof body === "string" ? body : decoder.decode(body);
  if (kind === "t") return text;
  const bytes = fromBase64(text);
  return kind === "T" ? decoder.decode(bytes) : bytes;
}
