/**
 * The functions that make the steps of cases about WebSockets over HTTP/2 (RFC 8441).
 *
 * A case with {@linkcode connect} makes its own opening handshake, for which `expectUpgrade()` waits;
 * others find it done. The connection of HTTP/2 is the case's own: what happens
 * there is no other case's affair.
 *
 * @module
 */

import type { Http2Step, Step } from "./step.ts";
import type { Item } from "./wire/frame.ts";
import type { Headers } from "./wire/handshake.ts";
import type { Carriage } from "./wire/http2/stream.ts";

/** Sends the extended CONNECT, with changes to its fields. */
export function connect(fields: Headers = {}, endStream = false): Http2Step {
  return { do: "http2", act: "connect", fields, endStream };
}

/** Sends SETTINGS by their identifiers, and expects the acknowledgement. */
export function settings(values: Readonly<Record<number, number>>): Http2Step {
  return { do: "http2", act: "settings", values };
}

/** Expects SETTINGS_ENABLE_CONNECT_PROTOCOL to be 1, and always to have been. */
export function expectSetting(): Http2Step {
  return { do: "http2", act: "expect-setting" };
}

/** Decides how octets are put into DATA from now on. */
export function carry(how: Carriage): Http2Step {
  return { do: "http2", act: "carry", how };
}

/** Leaves the window as it is from now on, although we read. */
export function hold(): Http2Step {
  return { do: "http2", act: "hold" };
}

/** Adds octets to the window of the stream, so many times. */
export function grant(octets: number, times = 1): Http2Step {
  return { do: "http2", act: "grant", octets, times };
}

/** Sends items, and the end of the stream in the same DATA. */
export function sendAndEnd(...items: readonly Item[]): Http2Step {
  return { do: "http2", act: "send-and-end", items };
}

/** Resets the stream. */
export function reset(code: number): Http2Step {
  return { do: "http2", act: "reset", code };
}

/** Expects the stream to have ended by END_STREAM ("end"), or a reset with one of these codes. */
export function expectEnding(...by: readonly (number | "end")[]): Http2Step {
  return { do: "http2", act: "expect-ending", by };
}

/** Sends a PING of the connection, and expects its acknowledgement. */
export function pingConnection(): Http2Step {
  return { do: "http2", act: "ping" };
}

/** Sends a frame of the connection. */
export function connectionFrame(type: number, payload: Uint8Array): Http2Step {
  return { do: "http2", act: "frame", type, payload };
}

/** Performs steps on another socket of the connection, opened when it is first named. */
export function on(socket: string, ...steps: readonly Step[]): Http2Step {
  return { do: "http2", act: "on", socket, steps };
}
