/** Rules about states and order. @module */

import assert from "node:assert/strict";
import type { Rule } from "../mod.ts";
import { close, more, ping, text } from "../frame.ts";
import { part } from "../opened.ts";
import { Record } from "../event_log.ts";
import { Socket } from "../../../core/socket.ts";
import { queueTask } from "../../../core/task.ts";

function task(): Promise<void> {
  return new Promise((resolve) => queueTask(resolve));
}

/** States and order. */
export const states: Readonly<{ [promise: string]: Rule }> = {
  "a socket begins CONNECTING and is OPEN in its open event": {
    async try(ground) {
      let before = -1;
      let record!: Record;
      const { near, far } = await ground.meet({
        attach(socket) {
          before = socket.readyState;
          record = new Record(socket);
        },
      });
      await record.next("open");
      assert.equal(before, Socket.CONNECTING);
      assert.deepEqual(record.states, [Socket.OPEN]);
      near.close();
      await far.part();
      await record.next("close");
    },
  },

  "open comes in a later task than the one that made the socket": {
    async try(ground) {
      const order: string[] = [];
      const { near, far } = await ground.meet({
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
      const record = new Record(near);
      if (near.readyState === Socket.CONNECTING) await record.next("open");
      assert.deepEqual(order, ["microtasks", "open"]);
      await part({ near, far });
    },
  },

  "what comes in one packet with the handshake is heard after open": {
    only: "wire",
    async try(ground) {
      let record!: Record;
      const { near, far } = await ground.meet({
        attach: (socket) => record = new Record(socket),
        early: [text("one"), text("two")],
      });
      await record.next("message");
      await record.next("message");
      assert.deepEqual(record.types, ["open", "message", "message"]);
      assert.deepEqual(record.data, ["one", "two"]);
      await part({ near, far });
    },
  },

  "listeners attached in the open event miss nothing": {
    async try(ground) {
      const heard: unknown[] = [];
      const { near, far } = await ground.meet({
        attach(socket) {
          socket.onopen = () => socket.onmessage = (event) => heard.push(event.data);
        },
        early: ground.wired ? [text("early")] : [],
      });
      const record = new Record(near);
      await far.send("late");
      await record.next("message");
      if (ground.wired && heard.length < 2) await record.next("message");
      assert.deepEqual(heard, ground.wired ? ["early", "late"] : ["late"]);
      await part({ near, far });
    },
  },

  "messages wait for an asynchronous open listener": {
    async try(ground) {
      const order: string[] = [];
      let pass!: () => void;
      const gate = new Promise<void>((resolve) => pass = resolve);
      let record!: Record;
      const { near, far } = await ground.meet({
        attach(socket) {
          record = new Record(socket);
          socket.onopen = async () => {
            order.push("opening");
            await gate;
            order.push("opened");
          };
          socket.onmessage = (event) => order.push(event.data);
        },
      });
      await record.next("open");
      await far.send("one", "two");
      near.send("not held up");
      assert.deepEqual(await far.next(), { kind: "text", data: "not held up" });
      assert.deepEqual(order, ["opening"]);
      pass();
      await record.next("message");
      await record.next("message");
      assert.deepEqual(order, ["opening", "opened", "one", "two"]);
      await part({ near, far });
    },
  },

  "an open listener that never ends does not hide the end": {
    async try(ground) {
      let record!: Record;
      const { far } = await ground.meet({
        closeTimeout: 200,
        attach(socket) {
          record = new Record(socket);
          // eslint-disable-next-line @typescript-eslint/no-misused-promises -- that is tried
          socket.addEventListener("open", () => new Promise(() => {}));
        },
      });
      await record.next("open");
      await far.send(text("never heard in time"));
      await far.send(close(1000));
      if (ground.wired) await far.next();
      await far.wire.end();
      assert.equal((await record.next("close")).code, 1000);
    },
  },

  "messages come whole and in order, with control frames among their fragments": {
    only: "wire",
    async try(ground) {
      let record!: Record;
      const { near, far } = await ground.meet({ attach: (it) => record = new Record(it) });
      await far.send(
        text("a", false),
        ping("now"),
        more("b", false),
        more("", false),
        more("c"),
        text("d"),
        text(""),
      );
      assert.deepEqual(await far.next(), { kind: "pong", data: "now" });
      for (let i = 0; i < 3; i++) await record.next("message");
      assert.deepEqual(record.data, ["abc", "d", ""]);
      await part({ near, far });
    },
  },

  "no message comes after close()": {
    async try(ground) {
      let record!: Record;
      const { near, far } = await ground.meet({
        attach(socket) {
          record = new Record(socket);
          socket.onmessage = () => socket.close(4000, "enough");
        },
      });
      await far.send("one", "two", "three");
      await far.send("four");
      await far.part();
      await record.next("close");
      await task();
      assert.deepEqual(record.data, ["one"]);
      assert.equal(near.readyState, Socket.CLOSED);
    },
  },

  "close() and send() return before any event fires": {
    async try(ground) {
      let record!: Record;
      const { near, far } = await ground.meet({ attach: (it) => record = new Record(it) });
      await record.next("open");
      near.send("x");
      near.close(4000);
      assert.deepEqual(record.types, ["open"]);
      assert.equal(near.readyState, Socket.CLOSING);
      await far.next();
      await far.part();
      await record.next("close");
      assert.deepEqual(record.types, ["open", "close"]);
    },
  },

  "readyState only moves forward": {
    async try(ground) {
      const states: number[] = [];
      let record!: Record;
      const { near, far } = await ground.meet({
        attach(socket) {
          states.push(socket.readyState);
          record = new Record(socket);
        },
      });
      await record.next("open");
      await far.send("x");
      await record.next("message");
      near.close();
      states.push(...record.states, near.readyState);
      await far.part();
      await record.next("close");
      states.push(near.readyState);
      near.close();
      states.push(near.readyState);
      assert.deepEqual(states, [0, 1, 1, 2, 3, 3]);
    },
  },

  "close comes once, and last": {
    async try(ground) {
      let record!: Record;
      const { near, far } = await ground.meet({ attach: (it) => record = new Record(it) });
      await far.send("x");
      await record.next("message");
      near.close(4000, "bye");
      near.close(4001, "again");
      await far.part();
      await record.next("close");
      near.close();
      near.terminate();
      for (let i = 0; i < 5; i++) await task();
      assert.deepEqual(record.types, ["open", "message", "close"]);
    },
  },

  "a client that is closed while CONNECTING fails, in a later task": {
    only: "client without an answer",
    async try(ground) {
      const near = await ground.dial!();
      const record = new Record(near);
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
    async try(ground) {
      let record!: Record;
      const { far } = await ground.meet({
        attach(socket) {
          record = new Record(socket);
          socket.close(4401, "bad ticket");
        },
      });
      assert.deepEqual(await far.part(), { kind: "close", code: 4401, reason: "bad ticket" });
      assert.equal((await record.next("close")).code, 4401);
      assert.deepEqual(record.types, ["close"]);
    },
  },

  "a client fails if the server chooses a subprotocol that was not offered": {
    only: "client",
    async try(ground) {
      for (const answered of ["b", "A", "a, b"]) {
        let record!: Record;
        await ground.meet({
          offered: ["a"],
          answered,
          attach: (socket) => record = new Record(socket),
        });
        assert.equal((await record.next("close")).code, 1006, answered);
        assert.deepEqual(record.types, ["error", "close"], answered);
      }
    },
  },

  "a client fails if it offers subprotocols and the server chooses none": {
    only: "client",
    async try(ground) {
      let record!: Record;
      await ground.meet({
        offered: ["a", "b"],
        answered: null,
        attach: (socket) => record = new Record(socket),
      });
      assert.equal((await record.next("close")).code, 1006);
      assert.deepEqual(record.types, ["error", "close"]);
    },
  },

  "both ends know the subprotocol that was agreed on, from open on": {
    async try(ground) {
      let record!: Record;
      let before: string | undefined;
      const { near, far } = await ground.meet({
        offered: ["x", "b", "a"],
        spoken: ["a", "b"],
        answered: "a",
        attach(socket) {
          before = socket.protocol;
          record = new Record(socket);
        },
      });
      await record.next("open");
      assert.deepEqual([before, near.protocol], ["", "a"]);
      await part({ near, far });
    },
  },
};
