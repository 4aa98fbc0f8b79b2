/** A link over a TCP connection, TLS or a unix socket: what RFC 6455 says around its frames. @module */

import { Buffer } from "node:buffer";
import { Socket as TcpSocket } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { failureOf } from "../../core/failure.ts";
import type { Bytes, Link, LinkEvents, SharedMessage } from "../../core/link.ts";
import { tooLong } from "../../core/max_payload.ts";
import { afterStall } from "../../core/stall.ts";
import { NO_STATUS } from "../../protocol/close_payload.ts";
import type { Inflated, Inflater } from "../../protocol/deflate_framing.ts";
import type { Role } from "../../protocol/frame_head.ts";
import { type ProtocolError, TOO_BIG } from "../../protocol/protocol_error.ts";
import type { Framing } from "./framing.ts";
import { isLong, writeLong } from "./long_message.ts";
import { viewOf } from "./shared_frames.ts";
import { type InputOwner, TcpInput } from "./tcp_input.ts";
import { TcpWriter } from "./tcp_writer.ts";

/** Close code for a fault of this end (7.4.1). */
const INTERNAL_ERROR = 1011;

/** ms: time for a peer to end a connection that has failed, where the program sets no limit. */
const LINGER = 10_000;

/** Number of buffered bytes from which on a Ping is not answered at once. */
const MAX_PONG_BACKLOG = 64 * 1024;

const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Options that the connections of one server, or of one client, have in common. */
export interface TcpLinkOptions {
  /** Role of this end. */
  readonly role: Role;
  /** Maximum size of a received message, in bytes. */
  readonly maxPayload: number;
  /** Time limit for the peer to end the connection, in milliseconds; 0 for none. */
  readonly closeTimeout: number;
  /** Source of time. */
  readonly clock: Clock;
  /** Called with faults of this end, which end the connection with 1011. */
  readonly onError: (error: unknown) => void;
}

const LINK: unique symbol = Symbol("link");

/** A stream that knows its link: so one function listens for all of them. */
interface LinkedStream extends TcpSocket {
  [LINK]?: TcpLink;
}

function onEnd(this: LinkedStream): void {
  this[LINK]?.atEnd();
}

function onError(this: LinkedStream, error: Error): void {
  this[LINK]?.broken(error);
}

function onClose(this: LinkedStream): void {
  this[LINK]?.closed();
}

/** A Close frame that the peer has sent. */
interface PeerClose {
  readonly code: number;
  readonly reason: string;
  /** Number of bytes that had not left when it came; for clients only. */
  readonly unsent: number | undefined;
}

/** Maximum size of a masked control frame (5.5): one that waits to leave is no message. */
const MAX_CONTROL_FRAME = 131;

/** Link over a TCP connection. */
export class TcpLink implements Link, InputOwner {
  readonly #stream: LinkedStream;
  readonly #events: LinkEvents;
  readonly #options: TcpLinkOptions;
  readonly #framing: Framing;
  readonly #writer: TcpWriter;
  readonly #input: TcpInput;
  /** Whether nothing may be sent any more: a Close frame was (5.5.1), or the connection has ended. */
  #isSealed = false;
  /** Whether the core has been told that the connection has ended. */
  #isReported = false;
  /** Number of bytes that were sent too late. */
  #unsent = 0;
  /** The peer's Close frame. */
  #peerClose: PeerClose | undefined;
  /** Error of the stream. */
  #error: Error | undefined;
  /** Payload of the latest Ping, while it cannot be answered. */
  #unanswered: Uint8Array | undefined;
  /** Cancels the time limit for the end of the connection. */
  #cancel: (() => void) | undefined;

  /**
   * Creates a link over a stream behind its handshake. It does not read yet.
   *
   * @param inflater Inflater, if permessage-deflate is negotiated.
   */
  constructor(
    stream: TcpSocket,
    events: LinkEvents,
    options: TcpLinkOptions,
    framing: Framing,
    inflater?: Inflater,
  ) {
    this.#stream = stream;
    this.#events = events;
    this.#options = options;
    this.#framing = framing;
    const { role, maxPayload } = options;
    // A client's memory is for masking: there is one of it only. Streams that are no sockets may hand
    // what they are given to others, as those of `stream.duplexPair()` do.
    const isBare = stream instanceof TcpSocket && !("encrypted" in stream);
    const copies = role === "client" || !isBare;
    this.#writer = new TcpWriter(stream, framing.slab, copies, () => this.#drained());
    this.#input = new TcpInput(stream, events, this, { role, maxPayload, inflater });
    this.#stream[LINK] = this;
    stream.on("end", onEnd).on("error", onError).on("close", onClose);
    if (stream instanceof TcpSocket) {
      stream.setTimeout(0);
      stream.setNoDelay(true);
    }
  }

  /**
   * Begins to read. Called once, when `opened` has been reported.
   *
   * @param head Octets that came with the handshake.
   */
  start(head: Uint8Array): void {
    this.#input.start(head);
    if (this.#stream.destroyed) this.closed(); // and its event may have been before
  }

  /** Goes on with the outcome of a message that was inflated asynchronously. */
  inflated(outcome: Inflated): void {
    this.#input.inflated(outcome);
  }

  // Commands of the core.

  get bufferedAmount(): number {
    return (this.#peerClose?.unsent ?? this.#writer.bufferedAmount) + this.#unsent;
  }

  get mostBuffered(): number {
    return this.#writer.mostBuffered + this.#unsent;
  }

  get bytesRead(): number {
    return this.#stream.bytesRead;
  }

  send(data: string | Bytes): void {
    if (this.#isSealed) return this.#sendTooLate(data);
    const { frames, isPlain } = this.#framing;
    if (isPlain && isLong(data)) return writeLong(data, frames, () => this.#writer.took());
    if (typeof data === "string") frames.text(data);
    else frames.binary(viewOf(data));
    this.#writer.took();
  }

  sendShared(shared: SharedMessage): void {
    const { encoder } = this.#framing;
    if (encoder === undefined || this.#isSealed) this.send(shared.data);
    else this.#writer.takeShared(shared, encoder);
  }

  /** Counts a message behind the Close frame: the core may not know yet that the peer closes. */
  #sendTooLate(data: string | Bytes): void {
    this.#unsent += typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
  }

  ping(payload: Uint8Array = EMPTY): void {
    if (this.#isSealed) return;
    this.#framing.frames.ping(payload);
    this.#writer.took();
  }

  close(code?: number, reason?: string): void {
    this.#sendClose(code, reason);
    this.#limitEnd(this.#options.closeTimeout);
  }

  terminate(): void {
    this.#isSealed = true;
    this.#input.ignore();
    this.#stream.destroy();
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    this.#input.resume();
  }

  // Reports of the incoming half.

  cork(): void {
    this.#writer.cork();
  }

  uncork(): void {
    this.#writer.uncork();
  }

  /**
   * Answers a Ping. If the peer does not read, many answers would wait, and take more memory than it
   * took to ask for them: then the latest Ping is answered when they have left (5.5.3).
   */
  pinged(payload: Uint8Array): void {
    if (this.#isSealed) return;
    const writer = this.#writer;
    if (
      writer.mostBuffered > MAX_PONG_BACKLOG && writer.isWaiting &&
      writer.bufferedAmount > MAX_PONG_BACKLOG
    ) {
      this.#unanswered = payload;
      return;
    }
    this.#framing.frames.pong(payload);
    writer.took();
  }

  #drained(): void {
    const payload = this.#unanswered;
    this.#unanswered = undefined;
    if (payload !== undefined) this.pinged(payload);
  }

  /**
   * Takes the peer's Close frame. What has not left by then may not be read any more: for a client, it
   * counts as unsent, so that nobody takes it for delivered.
   */
  peerClosed(code: number, reason: string): void {
    const buffered = this.#writer.bufferedAmount;
    const unsent = buffered > MAX_CONTROL_FRAME ? buffered : 0;
    this.#peerClose = {
      code,
      reason,
      unsent: this.#options.role === "client" ? unsent : undefined,
    };
    this.#events.closing(() => this.#answerClose(code, reason));
  }

  /**
   * Answers the peer's Close frame with the same code. The server ends the connection then; a client
   * waits for that (7.1.1).
   */
  #answerClose(code: number, reason: string): void {
    if (code === NO_STATUS) this.#sendClose();
    else this.#sendClose(code, reason);
    const { role, closeTimeout } = this.#options;
    if (role === "client") return this.#limitEnd(closeTimeout);
    this.#writer.end();
    this.#limitEnd(closeTimeout || LINGER); // a server's idleTimeout is for sockets that are OPEN
  }

  peerFailed(error: ProtocolError): void {
    this.#input.ignore();
    this.#error = error.code === TOO_BIG
      ? new DOMException(tooLong(this.#options.maxPayload), "QuotaExceededError")
      : error;
    // What came before may be held for a program, which can still answer it.
    this.#events.closing(() => this.#fail(error.code, this.#error));
  }

  faulted(error: unknown): void {
    this.#fail(INTERNAL_ERROR, error);
    this.#options.onError(error);
  }

  ended(): void {
    this.#events.closing(() => {
      this.#isSealed = true;
      this.#writer.end();
      this.#limitEnd(this.#options.closeTimeout || LINGER);
    });
  }

  // Reports of the stream.

  /** The peer has ended its side. */
  atEnd(): void {
    this.#input.atEnd();
  }

  /** The stream has failed: its end follows. */
  broken(error: Error): void {
    this.#error ??= failureOf(error);
  }

  /** The stream has ended. */
  closed(): void {
    this.#cancel?.();
    this.#isSealed = true;
    this.#input.ignore();
    this.#report();
  }

  // The end.

  #sendClose(code?: number, reason?: string): void {
    if (this.#isSealed) return;
    this.#framing.frames.close(code, reason);
    this.#writer.took();
    this.#isSealed = true;
  }

  /** Limits the time until the connection ends, from when what is buffered has left. */
  #limitEnd(milliseconds: number): void {
    if (milliseconds === 0 || this.#cancel !== undefined || this.#stream.destroyed) return;
    const buffered = (): number => this.#writer.bufferedAmount;
    this.#cancel = afterStall(this.#options.clock, milliseconds, buffered, () => {
      this.#report();
      this.#stream.destroy();
    });
  }

  /** Fails the connection (7.1.7). */
  #fail(code: number, error: unknown): void {
    this.#sendClose(code, "");
    this.#input.ignore();
    this.#writer.end();
    this.#limitEnd(this.#options.closeTimeout || LINGER);
    this.#report(error);
  }

  #report(failure?: unknown): void {
    if (this.#isReported) return;
    this.#isReported = true;
    const close = this.#peerClose;
    if (failure === undefined && close !== undefined) this.#events.closed(close.code, close.reason);
    else this.#events.failed(failure ?? this.#error);
  }
}
