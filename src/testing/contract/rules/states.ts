/** Rules about states and the order of events. @module */

import assert from "node:assert/strict";
import type { Rule } from "../rule.ts";
import { more, ping, text } from "../frame.ts";
import { observed, opened, part } from "../opened.ts";
import { EventLog } from "../event_log.ts";
import { Socket } from "../../../core/socket.ts";
import { queueTask } from "../../../core/task.ts";

function task(): Promise<void> {
  return new Promise((resolve) => queueTask(resolve));
}

/** Rules about states and the order of events. */
export const states: Readonly<{ [promise: string]: Rule }> = {
  "a socket begins CONNECTING and is OPEN in its open event": {
    async try(harness) {
      let before = -1;
      const { socket, peer, log } = await observed(harness, {
        attach(socket) {
          before = socket.readyState;
        },
      });
      await log.next("open");
      assert.equal(before, Socket.CONNECTING);
      assert.deepEqual(log.states, [Socket.OPEN]);
      socket.close();
      await peer.part();
      await log.next("close");
    },
  },

  "open comes in a later task than the one that made the socket": {
    async try(harness) {
      const order: string[] = [];
      const { socket, peer } = await harness.connect({
        attach(socket) {
          socket.onopen = () => order.push("open");
          let turns = 20;
          const turn = (): void => {
            if (turns-- > 0) queueMicrotask(turn);
            else order.push("microtasks");
          };
          turn();
        },
      });
      const log = new EventLog(socket);
      if (socket.readyState === Socket.CONNECTING) await log.next("open");
      assert.deepEqual(order, ["microtasks", "open"]);
      await part({ socket, peer });
    },
  },

  "what comes in one packet with the handshake is delivered after open": {
    only: "wire",
    async try(harness) {
      const { socket, peer, log } = await observed(harness, {
        early: [text("one"), text("two")],
      });
      await log.next("message");
      await log.next("message");
      assert.deepEqual(log.types, ["open", "message", "message"]);
      assert.deepEqual(log.data, ["one", "two"]);
      await part({ socket, peer });
    },
  },

  "listeners attached in the open event miss nothing": {
    async try(harness) {
      const heard: unknown[] = [];
      const { socket, peer } = await harness.connect({
        attach(socket) {
          socket.onopen = () => socket.onmessage = (event) => heard.push(event.data);
        },
        early: harness.wired ? [text("early")] : [],
      });
      const log = new EventLog(socket);
      await peer.send("late");
      await log.next("message");
      if (harness.wired && heard.length < 2) await log.next("message");
      assert.deepEqual(heard, harness.wired ? ["early", "late"] : ["late"]);
      await part({ socket, peer });
    },
  },

  "messages come whole and in order, with control frames among their fragments": {
    only: "wire",
    async try(harness) {
      const { socket, peer, log } = await observed(harness);
      await peer.send(
        text("a", false),
        ping("now"),
        more("b", false),
        more("", false),
        more("c"),
        text("d"),
        text(""),
      );
      assert.deepEqual(await peer.next(), { kind: "pong", data: "now" });
      for (let i = 0; i < 3; i++) await log.next("message");
      assert.deepEqual(log.data, ["abc", "d", ""]);
      await part({ socket, peer });
    },
  },

  "no message comes after close()": {
    async try(harness) {
      const { socket, peer, log } = await observed(harness, {
        attach(socket) {
          socket.onmessage = () => socket.close(4000, "enough");
        },
      });
      await peer.send("one", "two", "three");
      await peer.send("four");
      await peer.part();
      await log.next("close");
      await task();
      assert.deepEqual(log.data, ["one"]);
      assert.equal(socket.readyState, Socket.CLOSED);
    },
  },

  "close() and send() return before any event fires": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.send("x");
      socket.close(4000);
      assert.deepEqual(log.types, ["open"]);
      assert.equal(socket.readyState, Socket.CLOSING);
      await peer.next();
      await peer.part();
      await log.next("close");
      assert.deepEqual(log.types, ["open", "close"]);
    },
  },

  "readyState only moves forward": {
    async try(harness) {
      const states: number[] = [];
      const { socket, peer, log } = await observed(harness, {
        attach(socket) {
          states.push(socket.readyState);
        },
      });
      await log.next("open");
      await peer.send("x");
      await log.next("message");
      socket.close();
      states.push(...log.states, socket.readyState);
      await peer.part();
      await log.next("close");
      states.push(socket.readyState);
      socket.close();
      states.push(socket.readyState);
      assert.deepEqual(states, [0, 1, 1, 2, 3, 3]);
    },
  },

  "close comes once, and last": {
    async try(harness) {
      const { socket, peer, log } = await observed(harness);
      await peer.send("x");
      await log.next("message");
      socket.close(4000, "bye");
      socket.close(4001, "again");
      await peer.part();
      await log.next("close");
      socket.close();
      socket.terminate();
      for (let i = 0; i < 5; i++) await task();
      assert.deepEqual(log.types, ["open", "message", "close"]);
    },
  },

  "a client that is closed while CONNECTING fails, in a later task": {
    only: "client without an answer",
    async try(harness) {
      const socket = await harness.dial!();
      const log = new EventLog(socket);
      socket.close(4000, "never mind");
      assert.equal(socket.readyState, Socket.CLOSING);
      assert.deepEqual(log.types, []);
      const { code, wasClean } = await log.next("close");
      assert.deepEqual([code, wasClean], [1006, false]);
      for (let i = 0; i < 5; i++) await task();
      assert.deepEqual(log.types, ["error", "close"]);
      assert.equal(socket.readyState, Socket.CLOSED);
    },
  },

  "a server that closes while CONNECTING says why, and never opens": {
    only: "server",
    async try(harness) {
      const { peer, log } = await observed(harness, {
        attach(socket) {
          socket.close(4401, "bad ticket");
        },
      });
      assert.deepEqual(await peer.part(), { kind: "close", code: 4401, reason: "bad ticket" });
      assert.equal((await log.next("close")).code, 4401);
      assert.deepEqual(log.types, ["close"]);
    },
  },

  "a client fails if the server chooses a subprotocol that was not offered": {
    only: "client",
    async try(harness) {
      for (const answered of ["b", "A", "a, b"]) {
        const { log } = await observed(harness, {
          offered: ["a"],
          answered,
        });
        assert.equal((await log.next("close")).code, 1006, answered);
        assert.deepEqual(log.types, ["error", "close"], answered);
      }
    },
  },

  "a client fails if it offers subprotocols and the server chooses none": {
    only: "client",
    async try(harness) {
      const { log } = await observed(harness, {
        offered: ["a", "b"],
        answered: null,
      });
      assert.equal((await log.next("close")).code, 1006);
      assert.deepEqual(log.types, ["error", "close"]);
    },
  },

  "both ends know the subprotocol that was agreed on, from open on": {
    async try(harness) {
      let before: string | undefined;
      const { socket, peer, log } = await observed(harness, {
        offered: ["x", "b", "a"],
        spoken: ["a", "b"],
        answered: "a",
        attach(socket) {
          before = socket.protocol;
        },
      });
      await log.next("open");
      assert.deepEqual([before, socket.protocol], ["", "a"]);
      await part({ socket, peer });
    },
  },
};
