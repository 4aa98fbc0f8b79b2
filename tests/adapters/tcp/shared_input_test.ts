// Reading of connections: into memory that all of them share, or by `data` events.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { after, afterEach, test } from "node:test";
import { type InputReader, readFrom } from "../../../src/adapters/tcp/shared_input.ts";
import { runtime } from "../../runtime.ts";
import { removePaths } from "../../server/places.ts";
import { closeAll, connectUpgraded, hideSharing, TRANSPORTS, until } from "./upgraded.ts";

afterEach(closeAll);
after(removePaths);

/** Whether this runtime lets programs bring the memory. */
const SHARES = runtime !== "bun";

/** Copies what it reads. */
class Copies implements InputReader {
  size = 0;
  chunks = 0;
  readonly #hash = createHash("sha1");
  readonly memories: Set<ArrayBufferLike> = new Set();
  text = "";

  read(bytes: Uint8Array, to: number): void {
    const part = Buffer.from(bytes.subarray(0, to));
    this.memories.add(bytes.buffer);
    bytes.fill(0, 0, to); // as unmasking changes it
    this.chunks++;
    this.size += to;
    this.#hash.update(part);
    if (this.size < 1000) this.text += part.toString("latin1");
  }

  get digest(): string {
    return this.#hash.digest("hex");
  }
}

function digest(bytes: Buffer): string {
  return createHash("sha1").update(bytes).digest("hex");
}

for (const transport of TRANSPORTS) {
  test(`over ${transport}, ${runtime} ${SHARES ? "shares memory" : "has data events"}`, async () => {
    const one = await connectUpgraded(transport);
    const two = await connectUpgraded(transport);
    const readers = [one, two].map(({ server, client }) => {
      const reader = new Copies();
      assert.equal(readFrom(server, reader), SHARES);
      server.resume();
      client.write("hello");
      return reader;
    });
    await until(() => readers.every(({ size }) => size === 5), "both are read");
    const memories = new Set(readers.flatMap((it) => [...it.memories]));
    assert.equal(memories.size === 1, SHARES);
    assert.deepEqual(readers.map(({ text }) => text), ["hello", "hello"]);
    assert.equal(one.server.listenerCount("data"), SHARES ? 0 : 1);
  });

  for (const isShared of SHARES ? [true, false] : [false]) {
    const how = `over ${transport}, ${isShared ? "in shared memory" : "by data events"}`;

    test(`all that comes is read, in order, and the end: ${how}`, async () => {
      const ends = await connectUpgraded(transport);
      const { server, client } = ends;
      if (!isShared) hideSharing(server);
      const reader = new Copies();
      let ended = false;
      server.on("end", () => ended = true);
      assert.equal(readFrom(server, reader), isShared);
      server.resume();
      const before = server.bytesRead;
      const sent = Buffer.alloc(1_500_000);
      for (let i = 0; i < sent.length; i++) sent[i] = i * 7 ^ i >> 8;
      client.end(sent);
      await until(() => ended, "the end");
      assert.equal(reader.size, sent.length);
      assert.equal(reader.digest, digest(sent));
      assert.ok(server.bytesRead - before >= sent.length, "bytesRead counts");
    });

    test(`what waits in the stream comes first: ${how}`, async () => {
      const ends = await connectUpgraded(transport, "with the request,");
      const { server, head, client } = ends;
      if (!isShared) hideSharing(server);
      client.write(" before it is read,");
      await new Promise((resolve) => setTimeout(resolve, 30));
      const reader = new Copies();
      if (head.length > 0) reader.read(head, head.length);
      assert.equal(readFrom(server, reader), isShared);
      server.resume();
      await new Promise((resolve) => setTimeout(resolve, 30));
      client.write(" later");
      const wanted = "with the request, before it is read, later";
      await until(() => reader.size >= wanted.length, "all of it");
      assert.equal(reader.text, wanted);
    });

    test(`nothing is read while it is paused, and nothing is lost: ${how}`, async () => {
      const ends = await connectUpgraded(transport);
      const { server, client } = ends;
      if (!isShared) hideSharing(server);
      const sent = Buffer.alloc(3_000_000, "0123456");
      class Pausing extends Copies {
        override read(bytes: Uint8Array, to: number): void {
          super.read(bytes, to);
          server.pause();
        }
      }
      const reader = new Pausing();
      readFrom(server, reader);
      server.resume();
      client.write(sent);
      await until(() => reader.chunks > 0, "the first chunk");
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { size } = reader;
      assert.ok(size < sent.length / 2, `${size} bytes were read`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(reader.size, size);
      for (let turn = 0; reader.size < sent.length && turn < 2000; turn++) {
        server.resume();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      assert.equal(reader.size, sent.length);
      assert.equal(reader.digest, digest(sent));
    });
  }
}
