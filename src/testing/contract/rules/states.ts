/** Rules about states and order. @module */

import assert from "node:assert/strict";
import type { Rule } from "../mod.ts";
import { close, more, ping, text } from "../frame.ts";
import { part } from "../opened.ts";
import { EventLog } from "../event_log.ts";
import { Socket } from "../../../core/socket.ts";
import { queueTask } from "../../../core/task.ts";

function task(): Promise<void> {
  return new Promise((resolve) => queueTask(resolve));
}

/** States and order. */
export const states: Readonly<{ [promise: string]: Rule }> = {
  "a socket begins CONNECTING and is OPEN in its open event": {
    async try(harness) {
      let before = -1;
      let record!: EventLog;
      const { socket, peer } = await harness.connect({
        attach(socket) {
          before = socket.readyState;
          record = new EventLog(socket);
        },
      });
      await record.next("open");
      assert.equal(before, Socket.CONNECTING);
      assert.deepEqual(record.states, [Socket.OPEN]);
      socket.close();
      await peer.part();
      await record.next("close");
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
      const record = new EventLog(socket);
      if (socket.readyState === Socket.CONNECTING) await record.next("open");
      assert.deepEqual(order, ["microtasks", "open"]);
      await part({ socket, peer });
    },
  },

  "what comes in one packet with the handshake is heard after open": {
    only: "wire",
    async try(harness) {
      let record!: EventLog;
      const { socket, peer } = await harness.connect({
        attach: (socket) => record = new EventLog(socket),
        early: [text("one"), text("two")],
      });
      await record.next("message");
      await record.next("message");
      assert.deepEqual(record.types, ["open", "message", "message"]);
      assert.deepEqual(record.data, ["one", "two"]);
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
      const record = new EventLog(socket);
      await peer.send("late");
      await record.next("message");
      if (harness.wired && heard.length < 2) await record.next("message");
      assert.deepEqual(heard, harness.wired ? ["early", "late"] : ["late"]);
      await part({ socket, peer });
    },
  },

  "messages wait for an asynchronous open listener": {
    async try(harness) {
      const order: string[] = [];
      let pass!: () => void;
      const gate = new Promise<void>((resolve) => pass = resolve);
      let record!: EventLog;
      const { socket, peer } = await harness.connect({
        attach(socket) {
          record = new EventLog(socket);
          socket.onopen = async () => {
            order.push("opening");
            await gate;
            order.push("opened");
          };
          socket.onmessage = (event) => order.push(event.data);
        },
      });
      await record.next("open");
      await peer.send("one", "two");
      socket.send("not held up");
      assert.deepEqual(await peer.next(), { kind: "text", data: "not held up" });
      assert.deepEqual(order, ["opening"]);
      pass();
      await record.next("message");
      await record.next("message");
      assert.deepEqual(order, ["opening", "opened", "one", "two"]);
      await part({ socket, peer });
    },
  },

  "an open listener that never ends does not hide the end": {
    async try(harness) {
      let record!: EventLog;
      const { peer } = await harness.connect({
        closeTimeout: 200,
        attach(socket) {
          record = new EventLog(socket);
          // eslint-disable-next-line @typescript-eslint/no-misused-promises -- that is tried
          socket.addEventListener("open", () => new Promise(() => {}));
        },
      });
      await record.next("open");
      await peer.send(text("never heard in time"));
      await peer.send(close(1000));
      if (harness.wired) await peer.next();
      await peer.wire.end();
      assert.equal((await record.next("close")).code, 1000);
    },
  },

  "messages come whole and in order, with control frames among their fragments": {
    only: "wire",
    async try(harness) {
      let record!: EventLog;
      const { socket, peer } = await harness.connect({ attach: (it) => record = new EventLog(it) });
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
      for (let i = 0; i < 3; i++) await record.next("message");
      assert.deepEqual(record.data, ["abc", "d", ""]);
      await part({ socket, peer });
    },
  },

  "no message comes after close()": {
    async try(harness) {
      let record!: EventLog;
      const { socket, peer } = await harness.connect({
        attach(socket) {
          record = new EventLog(socket);
          socket.onmessage = () => socket.close(4000, "enough");
        },
      });
      await peer.send("one", "two", "three");
      await peer.send("four");
      await peer.part();
      await record.next("close");
      await task();
      assert.deepEqual(record.data, ["one"]);
      assert.equal(socket.readyState, Socket.CLOSED);
    },
  },

  "close() and send() return before any event fires": {
    async try(harness) {
      let record!: EventLog;
      const { socket, peer } = await harness.connect({ attach: (it) => record = new EventLog(it) });
      await record.next("open");
      socket.send("x");
      socket.close(4000);
      assert.deepEqual(record.types, ["open"]);
      assert.equal(socket.readyState, Socket.CLOSING);
      await peer.next();
      await peer.part();
      await record.next("close");
      assert.deepEqual(record.types, ["open", "close"]);
    },
  },

  "readyState only moves forward": {
    async try(harness) {
      const states: number[] = [];
      let record!: EventLog;
      const { socket, peer } = await harness.connect({
        attach(socket) {
          states.push(socket.readyState);
          record = new EventLog(socket);
        },
      });
      await record.next("open");
      await peer.send("x");
      await record.next("message");
      socket.close();
      states.push(...record.states, socket.readyState);
      await peer.part();
      await record.next("close");
      states.push(socket.readyState);
      socket.close();
      states.push(socket.readyState);
      assert.deepEqual(states, [0, 1, 1, 2, 3, 3]);
    },
  },

  "close comes once, and last": {
    async try(harness) {
      let record!: EventLog;
      const { socket, peer } = await harness.connect({ attach: (it) => record = new EventLog(it) });
      await peer.send("x");
      await record.next("message");
      socket.close(4000, "bye");
      socket.close(4001, "again");
      await peer.part();
      await record.next("close");
      socket.close();
      socket.terminate();
      for (let i = 0; i < 5; i++) await task();
      assert.deepEqual(record.types, ["open", "message", "close"]);
    },
  },

  "a client that is closed while CONNECTING fails, in a later task": {
    only: "client without an answer",
    async try(harness) {
      const near = await harness.dial!();
      const record = new EventLog(near);
      near.close(4000, "never mind");
      assert.equal(near.readyState, Socket.CLOSING);
      assert.deepEqual(record.types, []);
      const { code, wasClean } = await record.next("close");
      assert.deepEqual([code, wasClean], [1006, false]);
      for (let i = 0; i < 5; i++) await task();
      assert.deepEqual(record.types, ["error", "close"]);
      assert.equal(near.readyState, Socket.CLOSED);
    },
  },

  "a server that closes while CONNECTING says why, and never opens": {
    only: "server",
    async try(harness) {
      let record!: EventLog;
      const { peer } = await harness.connect({
        attach(socket) {
          record = new EventLog(socket);
          socket.close(4401, "bad ticket");
        },
      });
      assert.deepEqual(await peer.part(), { kind: "close", code: 4401, reason: "bad ticket" });
      assert.equal((await record.next("close")).code, 4401);
      assert.deepEqual(record.types, ["close"]);
    },
  },

  "a client fails if the server chooses a subprotocol that was not offered": {
    only: "client",
    async try(harness) {
      for (const answered of ["b", "A", "a, b"]) {
        let record!: EventLog;
        await harness.connect({
          offered: ["a"],
          answered,
          attach: (socket) => record = new EventLog(socket),
        });
        assert.equal((await record.next("close")).code, 1006, answered);
        assert.deepEqual(record.types, ["error", "close"], answered);
      }
    },
  },

  "a client fails if it offers subprotocols and the server chooses none": {
    only: "client",
    async try(harness) {
      let record!: EventLog;
      await harness.connect({
        offered: ["a", "b"],
        answered: null,
        attach: (socket) => record = new EventLog(socket),
      });
      assert.equal((await record.next("close")).code, 1006);
      assert.deepEqual(record.types, ["error", "close"]);
    },
  },

  "both ends know the subprotocol that was agreed on, from open on": {
    async try(harness) {
      let record!: EventLog;
      let before: string | undefined;
      const { socket, peer } = await harness.connect({
        offered: ["x", "b", "a"],
        spoken: ["a", "b"],
        answered: "a",
        attach(socket) {
          before = socket.protocol;
          record = new EventLog(socket);
        },
      });
      await record.next("open");
      assert.deepEqual([before, socket.protocol], ["", "a"]);
      await part({ socket, peer });
    },
  },
};
