/** Rules about the end of connections. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import { observed, opened } from "../opened.ts";
import type { Rule } from "../rule.ts";
import { close as closeFrame, text } from "../frame.ts";
import type { EventLog } from "../event_log.ts";

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Returns code, reason and `wasClean` of the `close` event. */
async function end(log: EventLog): Promise<[number, string, boolean]> {
  const { code, reason, wasClean } = await log.next("close");
  return [code, reason, wasClean];
}

/** Asserts that a connection was lost: `error`, then `close` with 1006, both when CLOSED. */
async function broken(log: EventLog): Promise<void> {
  assert.deepEqual(await end(log), [1006, "", false]);
  assert.ok(log.errors.every((error) => error instanceof Error));
  assert.deepEqual(log.types.slice(-2), ["error", "close"]);
  assert.deepEqual(log.states.slice(-2), [Socket.CLOSED, Socket.CLOSED]);
}

/** Rules about the end of a connection. */
export const close: Readonly<{ [promise: string]: Rule }> = {
  "close() takes its code and reason to the peer": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.close(4001, "bye ✓");
      assert.deepEqual(await peer.part(), { kind: "close", code: 4001, reason: "bye ✓" });
      assert.deepEqual(await end(log), [4001, "bye ✓", true]);
    },
  },

  "close() without a code sends an empty Close frame": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.close();
      assert.deepEqual(await peer.part(), { kind: "close", code: undefined, reason: "" });
      assert.deepEqual(await end(log), [1005, "", true]);
    },
  },

  "close() with a reason and no code sends 1000": {
    async try(harness) {
      const { socket, peer } = await opened(harness);
      socket.close(undefined, "done");
      assert.deepEqual(await peer.part(), { kind: "close", code: 1000, reason: "done" });
    },
  },

  "the peer's Close is answered, and its code and reason are reported": {
    async try(harness) {
      const { peer, log } = await opened(harness);
      await peer.send(closeFrame(4002, "au revoir"));
      const answer = await peer.next();
      assert.equal(answer.kind === "close" && answer.code, 4002);
      await peer.wire.end();
      assert.deepEqual(await end(log), [4002, "au revoir", true]);
      assert.deepEqual(log.types, ["open", "close"]);
    },
  },

  "nothing can be sent any more when the peer's Close is answered": {
    only: "wire",
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      await peer.send(closeFrame(4002, "au revoir"));
      assert.equal((await peer.next()).kind, "close");
      await delay(50); // the answer may have come before this end knows of it
      assert.ok(socket.readyState >= Socket.CLOSING, `${socket.readyState}`);
      socket.send("too late");
      assert.ok(socket.bufferedAmount >= 8, `${socket.bufferedAmount}`);
      await peer.wire.end();
      assert.deepEqual(await end(log), [4002, "au revoir", true]);
    },
  },

  "an empty Close frame is 1005, and clean": {
    async try(harness) {
      const { peer, log } = await opened(harness);
      await peer.send(closeFrame());
      assert.equal((await peer.next()).kind, "close");
      await peer.wire.end();
      assert.deepEqual(await end(log), [1005, "", true]);
    },
  },

  "when the peer answers with another code, it is the peer's that counts": {
    only: "wire",
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.close(4000, "mine");
      await peer.next();
      await peer.send(closeFrame(4001, "yours"));
      await peer.wire.end();
      assert.deepEqual(await end(log), [4001, "yours", true]);
    },
  },

  "when both close at once, it is the peer's code that counts": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      await Promise.all([peer.send(closeFrame(4001, "yours")), socket.close(4000, "mine")]);
      assert.equal((await peer.next()).kind, "close");
      await peer.wire.end();
      assert.deepEqual(await end(log), [4001, "yours", true]);
    },
  },

  "a peer that ends TCP without Close is error, then close with 1006": {
    async try(harness) {
      const { peer, log } = await opened(harness);
      await peer.wire.end();
      await broken(log);
    },
  },

  "a peer that resets TCP is error, then close with 1006": {
    async try(harness) {
      const { peer, log } = await opened(harness);
      await peer.wire.reset();
      await broken(log);
    },
  },

  "what a peer sent before it ended TCP is delivered": {
    async try(harness) {
      const { peer, log } = await opened(harness);
      await peer.send("last words");
      await peer.wire.end();
      await broken(log);
      assert.deepEqual(log.data, ["last words"]);
    },
  },

  "a peer that ends TCP instead of answering Close is 1006": {
    only: "wire",
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.close(4000, "bye");
      assert.equal((await peer.next()).kind, "close");
      await peer.wire.end();
      await broken(log);
    },
  },

  "a peer that never answers Close is 1006 after closeTimeout": {
    only: "wire",
    async try(harness) {
      const { socket, peer, log } = await opened(harness, { closeTimeout: 200 });
      const before = Date.now();
      socket.close(4000, "bye");
      assert.equal((await peer.next()).kind, "close");
      await broken(log);
      assert.equal((log.errors[0] as DOMException).name, "TimeoutError");
      assert.ok(Date.now() - before >= 150, `${Date.now() - before} ms`);
      await peer.wire.reset();
    },
  },

  "the close of a peer that keeps TCP open is reported within closeTimeout": {
    only: "wire",
    async try(harness) {
      const { peer, log } = await opened(harness, { closeTimeout: 4000 }); // Chromium takes 2 s
      await peer.send(closeFrame(4005, "lingering"));
      assert.equal((await peer.next()).kind, "close");
      assert.deepEqual(await end(log), [4005, "lingering", true]);
      await peer.wire.reset();
    },
  },

  "what comes after the peer's Close is not delivered": {
    only: "wire",
    async try(harness) {
      const { peer, log } = await opened(harness);
      await peer.send(closeFrame(1000), text("too late"));
      assert.equal((await peer.next()).kind, "close");
      await peer.wire.end();
      assert.deepEqual(await end(log), [1000, "", true]);
      assert.deepEqual(log.types, ["open", "close"]);
    },
  },

  "a Close frame counts though TCP ends right behind it": {
    async try(harness) {
      const { peer, log } = await opened(harness);
      await peer.send("x", closeFrame(4003, "quick"));
      await peer.wire.end();
      assert.deepEqual(await end(log), [4003, "quick", true]);
      assert.deepEqual(log.types, ["open", "message", "close"]);
    },
  },

  "a code reaches a peer that is sending": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.onmessage = () => socket.close(4001, "stop");
      await peer.send("one", "two", "three");
      assert.deepEqual(await peer.part(), { kind: "close", code: 4001, reason: "stop" });
      assert.deepEqual(await end(log), [4001, "stop", true]);
    },
  },

  "a code given in the open event reaches a peer that was early": {
    only: "wire",
    async try(harness) {
      const { peer, log } = await observed(harness, {
        early: [text("early")],
        attach(socket) {
          socket.onopen = () => socket.close(4002, "no");
        },
      });
      assert.deepEqual(await peer.part(), { kind: "close", code: 4002, reason: "no" });
      assert.deepEqual(await end(log), [4002, "no", true]);
      assert.deepEqual(log.types, ["open", "close"]);
    },
  },

  "messages sent before close() come before it": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.send("one");
      socket.send(new Blob(["two"]));
      socket.send("three");
      socket.close(4004);
      assert.deepEqual(await peer.next(), { kind: "text", data: "one" });
      assert.deepEqual(await peer.next(), { kind: "binary", data: Uint8Array.of(116, 119, 111) });
      assert.deepEqual(await peer.next(), { kind: "text", data: "three" });
      assert.equal((await peer.part()).kind, "close");
      assert.deepEqual(await end(log), [4004, "", true]);
    },
  },

  "terminate() is error, then close with 1006, and sends no Close frame": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.terminate();
      assert.equal(socket.readyState, Socket.CLOSING);
      assert.deepEqual(log.types, ["open"]);
      await broken(log);
      assert.equal((await peer.next()).kind, "end");
    },
  },

  "terminate() after close() ends the wait": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.close(4000);
      socket.terminate();
      await broken(log);
      await peer.wire.reset();
    },
  },
};
