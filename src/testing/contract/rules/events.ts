/** Rules about events, listeners and the class itself. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import { opened, part } from "../opened.ts";
import type { Rule } from "../mod.ts";

/** Events and listeners. */
export const events: Readonly<{ [promise: string]: Rule }> = {
  "a socket is an EventTarget with the shape of a WebSocket": {
    async try(ground) {
      const { near, far } = await opened(ground);
      assert.ok(near instanceof EventTarget);
      assert.equal(String(near), "[object WebSocket]");
      const constants = [near.CONNECTING, near.OPEN, near.CLOSING, near.CLOSED];
      assert.deepEqual(constants, [0, 1, 2, 3]);
      assert.deepEqual([Socket.CONNECTING, Socket.OPEN, Socket.CLOSING, Socket.CLOSED], constants);
      assert.deepEqual(Object.keys(near), []);
      assert.ok(/^wss?:\/\//.test(near.url));
      await part({ near, far });
    },
  },

  "events are instances of the platform's interfaces": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      await far.send("x");
      const message = await record.next("message");
      assert.ok(message instanceof MessageEvent && message instanceof Event);
      assert.deepEqual([message.type, message.target, message.bubbles], ["message", near, false]);
      assert.equal(message.origin, new URL(near.url).origin);
      near.close();
      await far.part();
      const end = await record.next("close");
      assert.ok(end instanceof Event);
      if ("CloseEvent" in globalThis) assert.ok(end instanceof CloseEvent);
      assert.deepEqual([end.target, end.currentTarget, end.eventPhase], [near, null, 0]);
    },
  },

  "listeners run in the order in which they were added, in their target": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      const order: string[] = [];
      near.addEventListener("message", function (event) {
        order.push("first");
        assert.equal(this, near);
        assert.deepEqual([event.currentTarget, event.eventPhase], [near, 2]);
      });
      near.onmessage = () => order.push("replaced");
      near.addEventListener("message", { handleEvent: () => order.push("third") });
      near.addEventListener("message", () => order.push("once"), { once: true });
      near.onmessage = () => order.push("attribute");
      const twice = (): unknown => order.push("twice");
      near.addEventListener("message", twice);
      near.addEventListener("message", twice);
      await far.send("x", "y");
      await record.next("message");
      await record.next("message");
      assert.deepEqual(order, [
        ...["first", "attribute", "third", "once", "twice"],
        ...["first", "attribute", "third", "twice"],
      ]);
      await part({ near, far });
    },
  },

  "removed, aborted and stopped listeners do not run": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      const order: string[] = [];
      const removed = (): unknown => order.push("removed");
      const abort = new AbortController();
      near.addEventListener("message", removed);
      near.addEventListener("message", () => order.push("aborted"), { signal: abort.signal });
      near.addEventListener("message", (event) => {
        order.push("stops");
        near.removeEventListener("message", later);
        near.addEventListener("message", () => order.push("added meanwhile"));
        if (event.data === "y") event.stopImmediatePropagation();
      });
      const later = (): unknown => order.push("removed meanwhile");
      near.addEventListener("message", later);
      near.addEventListener("message", () => order.push("last"));
      near.onmessage = () => order.push("attribute");
      near.onmessage = null;
      near.removeEventListener("message", removed);
      abort.abort();
      await far.send("x", "y");
      await record.next("message");
      await record.next("message");
      assert.deepEqual(order, ["stops", "last", "stops"]);
      assert.equal(near.onmessage, null);
      await part({ near, far });
    },
  },

  "a program's own events can be dispatched, a socket's cannot again": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      const heard: Event[] = [];
      near.addEventListener("custom", (event) => {
        heard.push(event);
        event.preventDefault();
      });
      const event = new Event("custom", { cancelable: true });
      assert.equal(near.dispatchEvent(event), false);
      assert.deepEqual([heard[0], event.target], [event, near]);
      await far.send("x");
      const message = await record.next("message");
      assert.throws(() => near.dispatchEvent(message), { name: "InvalidStateError" });
      await part({ near, far });
    },
  },

  "a server's listener that throws closes that socket with 1011, and its error is told": {
    only: "server",
    async try(ground) {
      for (const asynchronous of [false, true]) {
        const { near, far, record } = await opened(ground);
        const failure = new Error("a bug");
        const order: string[] = [];
        // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the server gets it
        near.addEventListener("message", () => {
          if (asynchronous) return Promise.reject(failure);
          throw failure;
        });
        near.addEventListener("message", () => order.push("the next one runs"));
        await far.send("x", "y");
        assert.equal((await record.next("error")).error, failure);
        const { kind, code } = await far.part() as { kind: string; code?: number };
        assert.deepEqual([kind, code], ["close", 1011]);
        await record.next("close");
        assert.equal(order[0], "the next one runs");
        assert.equal(record.types.filter((type) => type === "error").length, 1);
      }
      const { near, far } = await opened(ground);
      near.send("still here");
      assert.deepEqual(await far.next(), { kind: "text", data: "still here" });
      await part({ near, far });
    },
  },
};
