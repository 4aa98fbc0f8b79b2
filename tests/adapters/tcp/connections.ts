/** Connections that share a slab, and know what has to come out of each. @module */

import assert from "node:assert/strict";
import { writeLong } from "../../../src/adapters/tcp/long_message.ts";
import { FrameEncoder } from "../../../src/adapters/tcp/shared_frames.ts";
import { Slab } from "../../../src/adapters/tcp/slab.ts";
import { flushAll, TcpWriter } from "../../../src/adapters/tcp/tcp_writer.ts";
import { FrameBuffer } from "../../../src/protocol/frame_target.ts";
import { FrameWriter } from "../../../src/protocol/frame_writer.ts";
import { FakeStream, tick } from "./fake_stream.ts";

const encoder = new FrameEncoder({ role: "server" });
const EMPTY = new Uint8Array(0);

/** Connections that share a slab. */
export class Connections {
  readonly slab: Slab = new Slab(flushAll);
  readonly frames: FrameWriter = new FrameWriter({ role: "server" }, this.slab);

  /** Adds one. */
  add(room = Infinity, copies = false): Connection {
    return new Connection(this, room, copies);
  }

  /** Fails if a run is held: then what all-taking streams are given does not lead back to one offset. */
  async assertNoRuns(): Promise<void> {
    const one = this.add();
    one.text("?");
    await tick();
    const { end } = this.slab;
    one.text("?");
    await tick();
    assert.equal(this.slab.end, end);
    assert.ok(end <= 128 * 1024);
  }
}

/** A connection that knows what it has to send. */
export class Connection {
  readonly stream: FakeStream;
  readonly writer: TcpWriter;
  readonly #frames: FrameWriter;
  readonly #wanted: FrameBuffer = new FrameBuffer();
  readonly #judge: FrameWriter = new FrameWriter({ role: "server" }, this.#wanted);
  drained = 0;

  constructor({ slab, frames }: Connections, room: number, copies: boolean) {
    this.stream = new FakeStream(room);
    this.#frames = frames;
    this.writer = new TcpWriter(this.stream.socket, slab, copies, () => void this.drained++);
  }

  text(text: string): void {
    this.#frames.text(text);
    this.#took();
    this.#judge.text(text);
  }

  binary(data: Uint8Array): void {
    this.#frames.binary(data);
    this.#took();
    this.#judge.binary(data);
  }

  /** Sends a text that is written in parts, whatever its length. */
  inParts(text: string): void {
    writeLong(text, this.#frames, () => this.#took());
    this.#judge.text(text);
  }

  ping(): void {
    this.#frames.ping(EMPTY);
    this.#took();
    this.#judge.ping(EMPTY);
  }

  shared(message: { data: string }): void {
    this.writer.takeShared(message, encoder);
    this.#judge.text(message.data);
  }

  #took(): void {
    this.writer.took();
  }

  /** Number of bytes that were sent. */
  get size(): number {
    return this.#wanted.end;
  }

  /** Fails if the system has other bytes than the first of those that were sent. */
  assertPrefix(): void {
    const got = this.stream.take();
    const { size } = this.stream;
    const wanted = this.#wanted.bytes.subarray(size - got.length, size);
    assert.ok(got.equals(wanted), "other bytes came out");
    const { writer } = this;
    const most = writer.mostBuffered, exact = writer.bufferedAmount;
    assert.equal(exact, this.size - size, "bufferedAmount");
    assert.ok(most >= exact, `mostBuffered ${most} is below ${exact}`);
  }

  /** Fails unless everything has come out. */
  assertAll(): void {
    this.assertPrefix();
    assert.equal(this.stream.size, this.size);
  }
}
