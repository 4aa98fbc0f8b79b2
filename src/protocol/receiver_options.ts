/** Options for a receiver. @module */

import type { Inflater } from "./deflate_framing.ts";
import type { Role } from "./frame_head.ts";
import type { TextCodec } from "./text_codec.ts";
import type { Unmask } from "./unmask.ts";

/** Options for `Receiver`. */
export interface ReceiverOptions {
  /** Role of this end: a server requires masked frames, a client forbids them (RFC 6455, 5.1). */
  readonly role: Role;

  /**
   * Maximum number of octets of a message, after inflation. A longer one fails with 1009 as soon as its
   * length is announced. Without a limit, a message for which the runtime has no memory, or a text
   * longer than its strings may be, makes `receive()` throw.
   *
   * @default {Infinity}
   */
  readonly maxPayload?: number;

  /** Inflater, if permessage-deflate is negotiated: only then RSV1 is legal (RFC 7692, 6). */
  readonly inflater?: Inflater | undefined;

  /**
   * Conversions of text by the runtime.
   *
   * @default {portableCodec}
   */
  readonly codec?: TextCodec;

  /**
   * Unmasks the input in place.
   *
   * @default {unmaskWords}
   */
  readonly unmask?: Unmask;
}
