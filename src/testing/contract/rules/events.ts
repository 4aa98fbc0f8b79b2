/** Rules about events, listeners and the class itself. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import { opened, part } from "../opened.ts";
import type { Rule } from "../rule.ts";

/** Rules about events and listeners. */
export const events: Readonly<{ [promise: string]: Rule }> = {
  "a socket is an EventTarget with the shape of a WebSocket": {
    async try(harness) {
      const { socket, peer } = await opened(harness);
      assert.ok(socket instanceof EventTarget);
      assert.equal(String(socket), "[object WebSocket]");
      const constants = [socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED];
      assert.deepEqual(constants, [0, 1, 2, 3]);
      assert.deepEqual([Socket.CONNECTING, Socket.OPEN, Socket.CLOSING, Socket.CLOSED], constants);
      assert.deepEqual(Object.keys(socket), []);
      assert.ok(/^wss?:\/\//.test(socket.url));
      await part({ socket, peer });
    },
  },

  "events are instances of the platform's interfaces": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      await peer.send("x");
      const message = await log.next("message");
      assert.ok(message instanceof MessageEvent && message instanceof Event);
      assert.deepEqual([message.type, message.target, message.bubbles], ["message", socket, false]);
      assert.equal(message.origin, new URL(socket.url).origin);
      socket.close();
      await peer.part();
      const end = await log.next("close");
      assert.ok(end instanceof Event);
      if ("CloseEvent" in globalThis) assert.ok(end instanceof CloseEvent);
      assert.deepEqual([end.target, end.currentTarget, end.eventPhase], [socket, null, 0]);
    },
  },

  "listeners run in the order in which they were added, in their target": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const order: string[] = [];
      socket.addEventListener("message", function (event) {
        order.push("first");
        assert.equal(this, socket);
        assert.deepEqual([event.currentTarget, event.eventPhase], [socket, 2]);
      });
      socket.onmessage = () => order.push("replaced");
      socket.addEventListener("message", { handleEvent: () => order.push("third") });
      socket.addEventListener("message", () => order.push("once"), { once: true });
      socket.onmessage = () => order.push("attribute");
      const twice = (): unknown => order.push("twice");
      socket.addEventListener("message", twice);
      socket.addEventListener("message", twice);
      await peer.send("x", "y");
      await log.next("message");
      await log.next("message");
      assert.deepEqual(order, [
        ...["first", "attribute", "third", "once", "twice"],
        ...["first", "attribute", "third", "twice"],
      ]);
      await part({ socket, peer });
    },
  },

  "removed, aborted and stopped listeners do not run": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const order: string[] = [];
      const removed = (): unknown => order.push("removed");
      const abort = new AbortController();
      socket.addEventListener("message", removed);
      socket.addEventListener("message", () => order.push("aborted"), { signal: abort.signal });
      socket.addEventListener("message", (event) => {
        order.push("stops");
        socket.removeEventListener("message", later);
        socket.addEventListener("message", () => order.push("added meanwhile"));
        if (event.data === "y") event.stopImmediatePropagation();
      });
      const later = (): unknown => order.push("removed meanwhile");
      socket.addEventListener("message", later);
      socket.addEventListener("message", () => order.push("last"));
      socket.onmessage = () => order.push("attribute");
      socket.onmessage = null;
      socket.removeEventListener("message", removed);
      abort.abort();
      await peer.send("x", "y");
      await log.next("message");
      await log.next("message");
      assert.deepEqual(order, ["stops", "last", "stops"]);
      assert.equal(socket.onmessage, null);
      await part({ socket, peer });
    },
  },

  "a program's own events can be dispatched, and a socket's again, when its listeners have run": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const heard: Event[] = [];
      socket.addEventListener("custom", (event) => {
        heard.push(event);
        event.preventDefault();
      });
      const event = new Event("custom", { cancelable: true });
      assert.equal(socket.dispatchEvent(event), false);
      assert.deepEqual([heard[0], event.target], [event, socket]);
      socket.addEventListener("message", (event) => {
        if (heard.push(event) > 2) return;
        assert.throws(() => socket.dispatchEvent(event), { name: "InvalidStateError" });
      });
      await peer.send("x");
      const message = await log.next("message");
      assert.equal(socket.dispatchEvent(message), true);
      assert.deepEqual(heard, [event, message, message]);
      await part({ socket, peer });
    },
  },

  "a server's listener that throws closes that socket with 1011, and its error is reported": {
    only: "server",
    async try(harness) {
      for (const asynchronous of [false, true]) {
        const { socket, peer, log } = await opened(harness);
        const failure = new Error("a bug");
        const order: string[] = [];
        // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the server gets it
        socket.addEventListener("message", () => {
          if (asynchronous) return Promise.reject(failure);
          throw failure;
        });
        socket.addEventListener("message", () => order.push("the next one runs"));
        await peer.send("x", "y");
        assert.equal((await log.next("error")).error, failure);
        const { kind, code } = await peer.part() as { kind: string; code?: number };
        assert.deepEqual([kind, code], ["close", 1011]);
        await log.next("close");
        assert.equal(order[0], "the next one runs");
        assert.equal(log.types.filter((type) => type === "error").length, 1);
      }
      const { socket, peer } = await opened(harness);
      socket.send("still here");
      assert.deepEqual(await peer.next(), { kind: "text", data: "still here" });
      await part({ socket, peer });
    },
  },
};
