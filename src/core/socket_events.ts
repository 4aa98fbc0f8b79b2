/** The events of a socket, and its listeners, as types. @module */

/** The events of a `Socket`. */
export interface SocketEventMap {
  /** The connection is established: messages can be sent. */
  open: Event;
  /** A message arrived: a string, or binary data of the type that `binaryType` names. */
  message: MessageEvent;
  /** No more than the low-water mark is buffered again, after more was. */
  drain: Event;
  /** Something went wrong; `close` follows. The event has the `error` and its `message`. */
  error: Event & { readonly error?: unknown; readonly message?: string };
  /** The connection is gone. Last, and exactly once. */
  close: CloseEvent;
}

/** A listener of one kind of event. It may be asynchronous. */
export type SocketListener<K extends keyof SocketEventMap> = (
  this: WebSocket,
  event: SocketEventMap[K],
) => unknown;
