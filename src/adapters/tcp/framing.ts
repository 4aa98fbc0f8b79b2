/** How the frames of a connection are written: connections with the same parameters share one. @module */

import type { Deflater } from "../../protocol/deflate_framing.ts";
import { FrameWriter, type FrameWriterOptions } from "../../protocol/frame_writer.ts";
import { allocateUnmaskMemory } from "../../protocol/unmask_wasm.ts";
import { nodeCodec } from "./node_codec.ts";
import { FrameEncoder } from "./shared_frames.ts";
import { Slab } from "./slab.ts";
import { flushAll } from "./tcp_writer.ts";

/** Way in which the frames of connections are written. */
export interface Framing {
  /** Memory that the frames are written to. */
  readonly slab: Slab;
  /** Writes frames to it. */
  readonly frames: FrameWriter;
  /** Encodes messages for many; `undefined` if each connection needs a frame of its own. */
  readonly encoder: FrameEncoder | undefined;
  /** Whether frames are neither masked nor compressed: then long ones are written in parts. */
  readonly isPlain: boolean;
}

/** Compression of what is sent. */
export interface FramingCompression {
  /** Compresses messages; with context takeover, those of one connection only. */
  readonly deflater: Deflater;
  /** Number of bytes from which on a message is compressed. */
  readonly threshold: number;
}

const serverSlab = new Slab(flushAll);

/** Framing of the connections of servers that compress nothing. */
export const plainFraming: Framing = serverFraming();

function serverFraming(compression?: FramingCompression): Framing {
  const options: FrameWriterOptions = { role: "server", codec: nodeCodec, ...compression };
  const isShared = compression?.deflater.contextTakeover !== true;
  return {
    slab: serverSlab,
    frames: new FrameWriter(options, serverSlab),
    encoder: isShared ? new FrameEncoder(options) : undefined,
    isPlain: compression === undefined,
  };
}

/** Framings of the connections of one server that compress. */
export class ServerFramings {
  readonly #threshold: number;
  /** Framings by deflater, which connections share unless it has the context of one. */
  readonly #shared: Map<Deflater, Framing> = new Map();

  /** Creates the framings of a server that compresses messages of at least so many bytes. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** Returns the framing of a connection with a deflater. */
  framingFor(deflater: Deflater): Framing {
    const known = this.#shared.get(deflater);
    if (known !== undefined) return known;
    const framing = serverFraming({ deflater, threshold: this.#threshold });
    if (deflater.contextTakeover !== true) this.#shared.set(deflater, framing);
    return framing;
  }
}

/** Number of bytes of the slab of clients. */
const CLIENT_SLAB = 256 * 1024;

let client: { readonly slab: Slab; readonly options: FrameWriterOptions } | undefined;

/** Returns the framing of a client's connections, whose frames are masked (RFC 6455, 5.3). */
export function clientFraming(compression?: FramingCompression): Framing {
  if (client === undefined) {
    const { bytes, unmask } = allocateUnmaskMemory(CLIENT_SLAB);
    const options: FrameWriterOptions = { role: "client", codec: nodeCodec, unmask };
    client = { slab: new Slab(flushAll, bytes), options };
  }
  const { slab, options } = client;
  return {
    slab,
    frames: new FrameWriter({ ...options, ...compression }, slab),
    encoder: undefined, // each frame has a masking key of its own
    isPlain: false,
  };
}
