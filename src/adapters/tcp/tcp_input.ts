/** The incoming half of a TCP connection: octets become events. @module */

import type { Socket as TcpSocket } from "node:net";
import type { LinkEvents } from "../../core/link.ts";
import type { Inflated } from "../../protocol/deflate_framing.ts";
import type { ProtocolError } from "../../protocol/protocol_error.ts";
import { Receiver } from "../../protocol/receiver.ts";
import type { ReceiverOptions } from "../../protocol/receiver_options.ts";
import type { SinkEvents } from "../../protocol/sink_events.ts";
import { nodeCodec } from "./node_codec.ts";
import { type InputReader, readFrom, unmask } from "./shared_input.ts";

/** Outgoing half of a connection, as the incoming one sees it. */
export interface InputOwner {
  /** Collects what is sent until {@linkcode InputOwner.uncork}: it leaves together. */
  cork(): void;
  /** Sends what was collected. */
  uncork(): void;
  /** A Ping frame came, which is to be answered (RFC 6455, 5.5.2). */
  pinged(payload: Uint8Array): void;
  /** The peer's Close frame came: the last one. */
  peerClosed(code: number, reason: string): void;
  /** The peer has broken a rule. */
  peerFailed(error: ProtocolError): void;
  /** This end has a fault. */
  faulted(error: unknown): void;
  /** The peer sends nothing more, and all that it has sent is handled. */
  ended(): void;
}

/** Reads a connection, and reports its messages. */
export class TcpInput implements SinkEvents, InputReader {
  readonly #stream: TcpSocket;
  readonly #events: LinkEvents;
  readonly #owner: InputOwner;
  readonly #receiver: Receiver;
  /** Whether it has begun to read: a stream that is resumed before loses what comes. */
  #isReading = false;
  #isPaused = false;
  #isAtEnd = false;
  /** Octets behind a message that is being inflated. */
  #unread: Uint8Array | undefined;

  /** Creates the reader of a connection, which does not read yet. */
  constructor(
    stream: TcpSocket,
    events: LinkEvents,
    owner: InputOwner,
    options: Omit<ReceiverOptions, "codec" | "unmask">,
  ) {
    this.#stream = stream;
    this.#events = events;
    this.#owner = owner;
    this.#receiver = new Receiver({ ...options, codec: nodeCodec, unmask }, this);
  }

  /**
   * Begins to read.
   *
   * @param head Octets that came with the handshake.
   */
  start(head: Uint8Array): void {
    if (head.length > 0) this.read(head, head.length);
    readFrom(this.#stream, this);
    this.#isReading = true;
    this.#readOn();
    if (this.#isAtEnd) this.atEnd();
  }

  /** Ignores all that comes from now on. It is still read, so that the end is noticed. */
  ignore(): void {
    this.#receiver.stop();
    this.#unread = undefined;
    this.#isPaused = false;
    this.#readOn();
  }

  /** Stops reading. */
  pause(): void {
    if (this.#receiver.ended) return;
    this.#isPaused = true;
    this.#stream.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#isPaused = false;
    this.#readOn();
  }

  #readOn(): void {
    if (this.#isReading && !this.#isPaused && this.#unread === undefined) this.#stream.resume();
  }

  read(bytes: Uint8Array, to: number): void {
    if (this.#unread !== undefined) { // a stream may have more at hand than it was asked for
      this.#unread = joined(this.#unread, bytes, to);
      return;
    }
    this.#owner.cork();
    try {
      const at = this.#receiver.receive(bytes, 0, to);
      if (this.#receiver.inflating) this.#waitWith(bytes.slice(at, to));
    } catch (error) {
      this.#owner.faulted(error);
    } finally {
      this.#owner.uncork();
    }
  }

  #waitWith(unread: Uint8Array): void {
    this.#unread = unread;
    this.#stream.pause();
  }

  /** Goes on with the outcome of a message that was inflated asynchronously. */
  inflated(outcome: Inflated): void {
    const unread = this.#unread;
    if (unread === undefined) return;
    this.#unread = undefined;
    this.#owner.cork();
    try {
      this.#receiver.inflated(outcome);
    } catch (error) {
      this.#owner.faulted(error);
    } finally {
      this.#owner.uncork();
    }
    if (unread.length > 0) this.read(unread, unread.length);
    this.#readOn();
    if (this.#isAtEnd) this.atEnd();
  }

  /**
   * Called when the stream has ended, which Deno reports before what came with the handshake is read.
   * What is still being inflated came before that, too.
   */
  atEnd(): void {
    this.#isAtEnd = true;
    if (this.#isReading && this.#unread === undefined) this.#owner.ended();
  }

  text(data: string): void {
    this.#events.received(data);
  }

  binary(data: Uint8Array<ArrayBuffer>): void {
    this.#events.received(data.buffer);
  }

  ping(payload: Uint8Array<ArrayBuffer>): void {
    this.#events.heard("ping", payload);
    this.#owner.pinged(payload);
  }

  pong(payload: Uint8Array): void {
    this.#events.heard("pong", payload);
  }

  close(code: number, reason: string): void {
    this.#owner.peerClosed(code, reason);
  }

  fail(error: ProtocolError): void {
    this.#owner.peerFailed(error);
  }
}

function joined(before: Uint8Array, bytes: Uint8Array, to: number): Uint8Array {
  const all = new Uint8Array(before.length + to);
  all.set(before);
  all.set(bytes.subarray(0, to), before.length);
  return all;
}
