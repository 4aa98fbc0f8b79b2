/**
 * The seam between the core and a runtime.
 *
 * An adapter gives the core one {@linkcode Link} per connection, and reports what happens to that
 * connection through {@linkcode LinkEvents}. Nothing else crosses. States, order, time limits and
 * argument checks belong to the core, so an adapter has no policy of its own: where two runtimes
 * differ, the difference ends here.
 *
 * @module
 */

/** Data of a binary message. */
export type Bytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

/** One message for many connections. */
export interface SharedMessage {
  /** Data of the message. */
  readonly data: string | Bytes;
  /** Encoded form, cached by the first link that sends it. Only links use it. */
  frame?: unknown;
}

/** A runtime's own topics, which send to many connections at once. */
export interface Broadcast {
  /** Maximum number of bytes buffered for a link that `bufferedAmount` may omit for a tick. */
  readonly hidden: number;

  /**
   * Sends a message to each link that has joined a topic, but for one.
   *
   * @returns Whether bytes are buffered for any of them.
   */
  publish(topic: string, data: string | Bytes, except: Link | undefined): boolean;
}

/** One open connection of a runtime. Adapters implement this. */
export interface Link {
  /** Number of bytes taken by {@linkcode Link.send} and not yet handed to the network. */
  readonly bufferedAmount: number;

  /** Memory that buffered messages take besides their own bytes, where it is much for each. */
  readonly overhead?: number;

  /** Upper bound of the buffered bytes, overhead included; cheaper to read than the exact amount. */
  readonly mostBuffered?: number;

  /**
   * Whether the runtime gives each report a turn of its own: microtasks run between two. Then the core
   * does not hold what follows an event that has to end its turn. A runtime that answers the peer's Close
   * by itself would have answered before a program hears what is held.
   */
  readonly hasTurns?: boolean;

  /**
   * Runs a function when the microtasks of the present turn are done, and before the runtime reads on,
   * where that can be had: a task would let the runtime answer the peer's Close in between. The function
   * must not throw.
   */
  readonly queueTurn?: ((turn: () => void) => void) | undefined;

  /** Number of bytes read so far, where the runtime knows: a sign of life in a long message. */
  readonly bytesRead?: number;

  /**
   * Sends one message: text for a string, binary for bytes. Called only between `opened` and
   * {@linkcode Link.close}. The bytes are the caller's again as soon as this returns.
   */
  send(data: string | Bytes): void;

  /** Sends a message that other links are sent too. Without it, {@linkcode Link.send} is called. */
  sendShared?(shared: SharedMessage): void;

  /** Topics of the runtime, which the link can join and leave. It may have joined already. */
  readonly broadcast?: Broadcast;

  /** Joins a topic of {@linkcode Link.broadcast}. */
  join?(topic: string): void;

  /** Leaves a topic. */
  part?(topic: string): void;

  /**
   * Sends a Ping frame. Without it, the runtime detects dead peers by itself.
   *
   * @param payload At most 125 bytes; none by default.
   */
  ping?(payload?: Uint8Array): void;

  /**
   * Called regularly, and when a program asks for the state: calls {@linkcode LinkEvents.closing} if the
   * runtime has begun to close by itself, and may never report it.
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
 * Reports of what happens to one connection. The core implements this; adapters call it, at any time
 * and in any number: the core delivers only what its promises allow.
 */
export interface LinkEvents {
  /**
   * The opening handshake succeeded.
   *
   * @param link Link that the core sends through from now on.
   * @param protocol Subprotocol agreed on, or `""`.
   * @param extensions Extensions agreed on, or `""`.
   */
  opened(link: Link, protocol: string, extensions: string): void;

  /** A whole message arrived. An `ArrayBuffer` belongs to the receiver: its memory is not reused. */
  received(data: string | ArrayBuffer): void;

  /**
   * A Ping or Pong frame arrived: the peer is alive.
   *
   * @param kind Which of them, where the runtime says so.
   * @param payload Its payload, where the runtime has it.
   */
  heard(kind?: "ping" | "pong", payload?: Uint8Array): void;

  /**
   * The peer has begun the closing handshake. Reported where the runtime may stop there, and by a link
   * that leaves the time of the answer to the core.
   *
   * @param answer Sends the answer. Called once what came before the Close frame has been delivered, so
   * that a program can still answer it.
   */
  closing(answer?: () => void): void;

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
 * @returns A function that gives the attempt up, called at most once and only before `opened`.
 */
export type StartConnection = (events: LinkEvents) => () => void;
