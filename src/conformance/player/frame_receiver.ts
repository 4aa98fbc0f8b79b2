/**
 * Octets of the peer in, events out: frames are read, logged, checked and assembled. No I/O.
 *
 * @module
 */

import { HEX_BYTES } from "../result.ts";
import { FrameReader, FrameTooLarge, type ReadFrame } from "../wire/frame_reader.ts";
import { type Inflate, MessageAssembler } from "./message_assembler.ts";
import { MAX_EVENTS, type PeerEvent } from "./peer_events.ts";
import { type PeerClose, readClose, violation, violationIn } from "./violations.ts";
import { describeFrame, type WireLog } from "./wire_log.ts";

/** A Ping of the peer, to be answered at once; cases never see it. */
export interface PeerPing {
  /** Kind of event. */
  readonly what: "ping";

  /** The payload that the Pong has to repeat. */
  readonly payload: Uint8Array;
}

/**
 * Number of octets in the largest message: twice the largest that any case sends, and some more.
 */
const MAX_MESSAGE = 40 * 1024 * 1024;

/** Number of masking keys that are remembered. */
const MAX_KEYS = 64;

/** Options for a {@linkcode FrameReceiver}. */
export interface FrameReceiverOptions {
  /** Whether the judge plays the client. */
  readonly isClient: boolean;

  /** Whether our Close frame has been sent. */
  readonly hasSentClose: () => boolean;
}

/** The receiving side of one connection, after the handshake. */
export class FrameReceiver {
  readonly #log: WireLog;
  readonly #options: FrameReceiverOptions;
  readonly #reader = new FrameReader(MAX_MESSAGE, HEX_BYTES);
  readonly #assembler = new MessageAssembler(MAX_MESSAGE);
  readonly #keys: string[] = [];
  #close: PeerClose | undefined;
  #pings = 0;

  /** @param log Every frame is logged here. */
  constructor(log: WireLog, options: FrameReceiverOptions) {
    this.#log = log;
    this.#options = options;
  }

  /** The peer's Close frame, once it has arrived. */
  get close(): PeerClose | undefined {
    return this.#close;
  }

  /** The masking keys of the first {@linkcode MAX_KEYS} frames, in hex. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  /** Whether a frame has begun and is not complete. */
  get isInFrame(): boolean {
    return this.#reader.pending > 0;
  }

  /** Compression was negotiated: messages may be compressed from now on. */
  enableInflate(inflate: Inflate): void {
    this.#assembler.inflate = inflate;
  }

  /**
   * Reads octets, cut anywhere. Lazy: the caller can answer an event before the next frame is read.
   * No more may be read after a violation.
   */
  *receive(octets: Uint8Array): Generator<PeerEvent | PeerPing> {
    try {
      for (const frame of this.#reader.push(octets)) {
        const event = this.#eventOf(frame);
        if (event !== undefined) yield event;
      }
    } catch (error) {
      if (!(error instanceof FrameTooLarge)) throw error;
      yield violation("10.4", `The peer announces a frame of ${error.length} bytes`);
    }
  }

  #eventOf(frame: ReadFrame): PeerEvent | PeerPing | undefined {
    const { opcode, payload } = frame;
    this.#record(frame);
    const wrong = violationIn(frame, {
      isClient: this.#options.isClient,
      isClosed: this.#close !== undefined,
      isInMessage: this.#assembler.isInMessage,
      deflates: this.#assembler.inflate !== undefined,
    });
    if (wrong !== undefined) return wrong;
    switch (opcode) {
      case 0x8:
        return this.#receiveClose(payload);
      case 0x9:
        if (++this.#pings > MAX_EVENTS) return violation("10.4", "The peer pings without end");
        return { what: "ping", payload };
      case 0xa:
        return { what: "pong", opcode, payload };
      default:
        return this.#assembler.push(frame);
    }
  }

  #record(frame: ReadFrame): void {
    const { opcode, fin, rsv, masked, key, payload, wire, head } = frame;
    const header = { opcode, fin, rsv, masked, length: payload.length };
    const size = head + payload.length;
    this.#log.add("peer", "frame", () => describeFrame(frame), wire, size, header);
    if (masked && this.#keys.length < MAX_KEYS) this.#keys.push(key);
  }

  #receiveClose(payload: Uint8Array): PeerEvent {
    const event = readClose(payload, this.#options.hasSentClose());
    if (event.what === "close") this.#close = event;
    return event;
  }
}
