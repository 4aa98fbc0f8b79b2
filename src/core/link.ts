/**
 * The seam between the core and a runtime.
 *
 * An adapter gives the core one {@linkcode Link} per connection, and tells it what happens to that
 * connection through {@linkcode LinkEvents}. Nothing else crosses. States, order, time limits and
 * argument checks belong to the core, so an adapter has no policy of its own: where two runtimes
 * differ, the difference ends here.
 *
 * @module
 */

/** What is sent as binary. */
export type Bytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

/** One message for many. */
export interface SharedMessage {
  /** The message. */
  readonly data: string | Bytes;
  /** What the first link made of it, for the next ones. Only links look at it. */
  frame?: unknown;
}

/** What a runtime can do for many connections at once: its own topics. */
export interface Broadcast {
  /** Bytes that may wait for one link, for the rest of a tick, and not be in `bufferedAmount`. */
  readonly hidden: number;

  /**
   * Sends a message to each link that has joined a topic, but for one.
   *
   * @returns Whether bytes wait for any of them.
   */
  publish(topic: string, data: string | Bytes, except: Link | undefined): boolean;
}

/** What a runtime can do with one open connection. Adapters implement this. */
export interface Link {
  /** Bytes taken by {@linkcode Link.send} and not yet handed to the network. */
  readonly bufferedAmount: number;

  /** Bytes of memory that what waits takes beside its own, where it is a lot for each message. */
  readonly overhead?: number;

  /** As much as may wait, overhead and all, where it takes the runtime long to tell how much does. */
  readonly mostBuffered?: number;

  /** Bytes that have come so far, where the runtime tells: a sign of life in a long message. */
  readonly bytesRead?: number;

  /**
   * Sends one message: text for a string, binary for bytes. Called only between `opened` and
   * {@linkcode Link.close}. The bytes are the caller's again as soon as this returns.
   */
  send(data: string | Bytes): void;

  /** Sends a message that others are sent too. Without it, {@linkcode Link.send} is called. */
  sendShared?(shared: SharedMessage): void;

  /** The runtime's own topics, which the link can join and leave. It may have joined already. */
  readonly broadcast?: Broadcast;

  /** Joins one of them, where there are some. */
  join?(topic: string): void;

  /** Leaves it. */
  part?(topic: string): void;

  /** Sends an empty Ping frame. Without it, the runtime finds out by itself if a peer is dead. */
  ping?(): void;

  /**
   * Called now and then: tells of {@linkcode LinkEvents.closing} where the runtime has begun to close
   * by itself, and may never say so.
   */
  look?(): void;

  /**
   * Starts the closing handshake. Called at most once; the arguments are already valid.
   * Without a code, the Close frame is empty.
   */
  close(code?: number, reason?: string): void;

  /** Drops the connection now, without a closing handshake, as far as the runtime can. */
  terminate(): void;

  /** Stops reading from the network, where the runtime can. */
  pause?(): void;

  /** Reads again after {@linkcode Link.pause}. */
  resume?(): void;
}

/**
 * What can happen to one connection. The core implements this; adapters call it, at any time and in
 * any number: the core keeps only what the promises allow.
 */
export interface LinkEvents {
  /**
   * The opening handshake succeeded.
   *
   * @param link What the core sends through from now on.
   * @param protocol The subprotocol agreed on, or `""`.
   * @param extensions The extensions agreed on, or `""`.
   */
  opened(link: Link, protocol: string, extensions: string): void;

  /** A whole message arrived. An `ArrayBuffer` is the receiver's own: no memory that is used again. */
  received(data: string | ArrayBuffer): void;

  /** A Ping or Pong frame arrived: the peer lives. */
  heard(): void;

  /** The closing handshake has begun at the peer's wish. Told only where the runtime may stop there. */
  closing(): void;

  /**
   * The connection ended with a closing handshake.
   *
   * @param code The code in the peer's Close frame; 1005 if it had none.
   * @param reason The reason in the peer's Close frame, or `""`.
   */
  closed(code: number, reason: string): void;

  /** The connection could not be opened, or ended without a Close frame from the peer. */
  failed(cause?: unknown): void;
}

/**
 * Begins one connection. The core calls it once for each socket.
 *
 * @returns What gives the attempt up, called at most once and only before `opened`.
 */
export type StartConnection = (events: LinkEvents) => () => void;
