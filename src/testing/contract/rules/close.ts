/** Rules about how connections end. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import { opened } from "../opened.ts";
import type { Rule } from "../mod.ts";
import { close as closeFrame, text } from "../frame.ts";
import { Record } from "../event_log.ts";

/** The end as a listener sees it. */
async function end(record: Record): Promise<[number, string, boolean]> {
  const { code, reason, wasClean } = await record.next("close");
  return [code, reason, wasClean];
}

/** A connection that breaks: `error`, then `close` with 1006, both when CLOSED. */
async function broken(record: Record): Promise<void> {
  assert.deepEqual(await end(record), [1006, "", false]);
  assert.ok(record.errors.every((error) => error instanceof Error));
  assert.deepEqual(record.types.slice(-2), ["error", "close"]);
  assert.deepEqual(record.states.slice(-2), [Socket.CLOSED, Socket.CLOSED]);
}

/** The end of a connection. */
export const close: Readonly<{ [promise: string]: Rule }> = {
  "close() takes its code and reason to the peer": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.close(4001, "bye ✓");
      assert.deepEqual(await far.part(), { kind: "close", code: 4001, reason: "bye ✓" });
      assert.deepEqual(await end(record), [4001, "bye ✓", true]);
    },
  },

  "close() without a code sends an empty Close frame": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.close();
      assert.deepEqual(await far.part(), { kind: "close", code: undefined, reason: "" });
      assert.deepEqual(await end(record), [1005, "", true]);
    },
  },

  "close() with a reason and no code sends 1000": {
    async try(ground) {
      const { near, far } = await opened(ground);
      near.close(undefined, "done");
      assert.deepEqual(await far.part(), { kind: "close", code: 1000, reason: "done" });
    },
  },

  "the peer's Close is answered, and its code and reason are told": {
    async try(ground) {
      const { far, record } = await opened(ground);
      await far.send(closeFrame(4002, "au revoir"));
      const answer = await far.next();
      assert.equal(answer.kind === "close" && answer.code, 4002);
      await far.wire.end();
      assert.deepEqual(await end(record), [4002, "au revoir", true]);
      assert.deepEqual(record.types, ["open", "close"]);
    },
  },

  "an empty Close frame is 1005, and clean": {
    async try(ground) {
      const { far, record } = await opened(ground);
      await far.send(closeFrame());
      assert.equal((await far.next()).kind, "close");
      await far.wire.end();
      assert.deepEqual(await end(record), [1005, "", true]);
    },
  },

  "when the peer answers with another code, it is the peer's that counts": {
    only: "wire",
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.close(4000, "mine");
      await far.next();
      await far.send(closeFrame(4001, "yours"));
      await far.wire.end();
      assert.deepEqual(await end(record), [4001, "yours", true]);
    },
  },

  "when both close at once, it is the peer's code that counts": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      await Promise.all([far.send(closeFrame(4001, "yours")), near.close(4000, "mine")]);
      assert.equal((await far.next()).kind, "close");
      await far.wire.end();
      assert.deepEqual(await end(record), [4001, "yours", true]);
    },
  },

  "a peer that ends TCP without Close is error, then close with 1006": {
    async try(ground) {
      const { far, record } = await opened(ground);
      await far.wire.end();
      await broken(record);
    },
  },

  "a peer that resets TCP is error, then close with 1006": {
    async try(ground) {
      const { far, record } = await opened(ground);
      await far.wire.reset();
      await broken(record);
    },
  },

  "what a peer sent before it ended TCP is heard": {
    async try(ground) {
      const { far, record } = await opened(ground);
      await far.send("last words");
      await far.wire.end();
      await broken(record);
      assert.deepEqual(record.data, ["last words"]);
    },
  },

  "a peer that ends TCP instead of answering Close is 1006": {
    only: "wire",
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.close(4000, "bye");
      assert.equal((await far.next()).kind, "close");
      await far.wire.end();
      await broken(record);
    },
  },

  "a peer that never answers Close is 1006 after closeTimeout": {
    only: "wire",
    async try(ground) {
      const { near, far, record } = await opened(ground, { closeTimeout: 200 });
      const before = Date.now();
      near.close(4000, "bye");
      assert.equal((await far.next()).kind, "close");
      await broken(record);
      assert.equal((record.errors[0] as DOMException).name, "TimeoutError");
      assert.ok(Date.now() - before >= 150, `${Date.now() - before} ms`);
      await far.wire.reset();
    },
  },

  "a peer that closes, but keeps TCP open, is told within closeTimeout": {
    only: "wire",
    async try(ground) {
      const { far, record } = await opened(ground, { closeTimeout: 4000 }); // Chromium takes 2 s
      await far.send(closeFrame(4005, "lingering"));
      assert.equal((await far.next()).kind, "close");
      assert.deepEqual(await end(record), [4005, "lingering", true]);
      await far.wire.reset();
    },
  },

  "what comes after the peer's Close is not heard": {
    only: "wire",
    async try(ground) {
      const { far, record } = await opened(ground);
      await far.send(closeFrame(1000), text("too late"));
      assert.equal((await far.next()).kind, "close");
      await far.wire.end();
      assert.deepEqual(await end(record), [1000, "", true]);
      assert.deepEqual(record.types, ["open", "close"]);
    },
  },

  "a Close frame counts though TCP ends right behind it": {
    async try(ground) {
      const { far, record } = await opened(ground);
      await far.send("x", closeFrame(4003, "quick"));
      await far.wire.end();
      assert.deepEqual(await end(record), [4003, "quick", true]);
      assert.deepEqual(record.types, ["open", "message", "close"]);
    },
  },

  "a code reaches a peer that is sending": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.onmessage = () => near.close(4001, "stop");
      await far.send("one", "two", "three");
      assert.deepEqual(await far.part(), { kind: "close", code: 4001, reason: "stop" });
      assert.deepEqual(await end(record), [4001, "stop", true]);
    },
  },

  "a code given in the open event reaches a peer that was early": {
    only: "wire",
    async try(ground) {
      let record!: Record;
      const { far } = await ground.meet({
        early: [text("early")],
        attach(socket) {
          record = new Record(socket);
          socket.onopen = () => socket.close(4002, "no");
        },
      });
      assert.deepEqual(await far.part(), { kind: "close", code: 4002, reason: "no" });
      assert.deepEqual(await end(record), [4002, "no", true]);
      assert.deepEqual(record.types, ["open", "close"]);
    },
  },

  "messages sent before close() come before it": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.send("one");
      near.send(new Blob(["two"]));
      near.send("three");
      near.close(4004);
      assert.deepEqual(await far.next(), { kind: "text", data: "one" });
      assert.deepEqual(await far.next(), { kind: "binary", data: Uint8Array.of(116, 119, 111) });
      assert.deepEqual(await far.next(), { kind: "text", data: "three" });
      assert.equal((await far.part()).kind, "close");
      assert.deepEqual(await end(record), [4004, "", true]);
    },
  },

  "terminate() is error, then close with 1006, and sends no Close frame": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.terminate();
      assert.equal(near.readyState, Socket.CLOSING);
      assert.deepEqual(record.types, ["open"]);
      await broken(record);
      assert.equal((await far.next()).kind, "end");
    },
  },

  "terminate() after close() ends the wait": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.close(4000);
      near.terminate();
      await broken(record);
      await far.wire.reset();
    },
  },
};
