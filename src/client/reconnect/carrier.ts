/** One connection as the state machine of `reconnect()` sees it. @module */

import type { ReadyState } from "../../core/ready_state.ts";

/** A connection: a `Socket`, or what a page has in its place. */
export interface Carrier {
  /** Absolute address. */
  readonly url: string;
  /** Subprotocol agreed on; `""` if none. */
  readonly protocol: string;
  /** Extensions agreed on; `""` if none. */
  readonly extensions: string;
  /** Its state: what is sent to one that is not OPEN does not leave. */
  readonly readyState: ReadyState;
  /** Number of bytes that have not left. */
  readonly bufferedAmount: number;
  /** Form of binary messages. */
  binaryType: BinaryType;
  /** Sends a message. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void;
  /** Begins the closing handshake. Reports follow in later tasks. */
  close(code?: number, reason?: string): void;
  /** Drops the connection. Its end is reported in a later task. */
  terminate(): void;
}

/** Reports of a connection, each in a task of its own; the end is the last, and comes once. */
export interface CarrierEvents {
  /** The connection is established. */
  readonly onOpened: () => void;
  /** A message has arrived. */
  readonly onReceived: (event: MessageEvent) => void;
  /** The connection has ended. With 1006 there is an error. */
  readonly onEnded: (code: number, reason: string, error: unknown) => void;
}

/** Makes the events of a reconnecting socket, and fires them; reports errors of a program. */
export interface EventMaker {
  /** Makes an event `open`. */
  open(): Event;
  /** Makes an event `message` of that of a connection. */
  message(event: MessageEvent): Event;
  /** Makes an event `error`. */
  error(error: unknown): Event;
  /** Makes an event `close`. */
  close(code: number, reason: string): CloseEvent;
  /** Runs the listeners of an event. */
  fire(event: Event): void;
  /** Reports an error as the platform does for any listener. */
  report(error: unknown): void;
}
