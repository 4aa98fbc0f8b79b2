/** Rules about the time between two events: what code that awaits one can do before the next. @module */

import assert from "node:assert/strict";
import type { Socket } from "../../../core/socket.ts";
import type { SocketEventMap } from "../../../core/socket_events.ts";
import { text } from "../frame.ts";
import { observed, opened, part } from "../opened.ts";
import type { Harness, Rule } from "../rule.ts";

type Type = keyof SocketEventMap;

/** Ways to await an event, each with a listener that hears one only. */
const WAYS: { [way: string]: (socket: Socket, type: Type) => Promise<Event> } = {
  "a listener that is added": (socket, type) =>
    new Promise((resolve) => {
      socket.addEventListener(type, (event) => resolve(event), { once: true });
    }),
  "a listener that is removed": (socket, type) =>
    new Promise((resolve) => {
      const heard = (event: Event): void => {
        socket.removeEventListener(type, heard);
        resolve(event);
      };
      socket.addEventListener(type, heard);
    }),
  "an attribute": (socket, type) =>
    new Promise((resolve) => {
      socket[`on${type}`] = (event: Event): void => resolve(event);
    }),
};

/** Waits as code in a library does: some promises lie between the event and the program. */
async function later<T>(promise: Promise<T>): Promise<T> {
  const value = await promise;
  for (let i = 0; i < 5; i++) await undefined;
  return value;
}

/** Awaits one message after the other, each in its own way, though all come in one packet. */
async function hearAll(
  harness: Harness,
  through: (event: Promise<Event>) => Promise<Event>,
): Promise<void> {
  const all = Array.from({ length: 100 }, (_, index) => `${index}`);
  for (const [way, next] of Object.entries(WAYS)) {
    const { socket, peer, log } = await opened(harness);
    const heard: unknown[] = [];
    const done = (async () => {
      while (heard.length < all.length) {
        const event = await through(next(socket, "message")) as MessageEvent;
        heard.push(event.data);
      }
    })();
    await peer.send(...all);
    const lost = (async () => {
      while (log.data.length < all.length) await log.next("message");
      await new Promise((resolve) => setTimeout(resolve, 100));
    })();
    await Promise.race([done, lost]);
    assert.deepEqual(heard, all, way);
    await part({ socket, peer });
  }
}

/** Rules about the time between two events. */
export const turns: Readonly<{ [promise: string]: Rule }> = {
  "code that awaits `open` gets what came with it": {
    only: "wire",
    async try(harness) {
      for (const [way, next] of Object.entries(WAYS)) {
        const heard: unknown[] = [];
        const all = ["one", "two", "three"];
        let done!: Promise<void>;
        const { socket, peer } = await harness.connect({
          early: all.map((data) => text(data)),
          attach(socket) {
            done = later(next(socket, "open")).then(() =>
              new Promise((resolve) => {
                socket.onmessage = ({ data }) => {
                  if (heard.push(data) === all.length) resolve();
                };
              })
            );
          },
        });
        await done;
        assert.deepEqual(heard, all, way);
        await part({ socket, peer });
      }
    },
  },

  "code that awaits one message after the other misses none of one packet": {
    try: (harness) => hearAll(harness, (event) => event),
  },

  "code that awaits messages through other promises misses none of one packet": {
    try: (harness) => hearAll(harness, later),
  },

  "code that awaits `error` gets `close`": {
    async try(harness) {
      for (const [way, next] of Object.entries(WAYS)) {
        const { socket, peer } = await opened(harness);
        const done = later(next(socket, "error")).then(() => next(socket, "close"));
        await peer.wire.reset();
        assert.equal((await done as CloseEvent).code, 1006, way);
      }
    },
  },

  "an `open` listener that returns a promise holds nothing": {
    async try(harness) {
      const order: string[] = [];
      let pass!: () => void;
      const answered = new Promise<void>((resolve) => pass = resolve);
      const { socket, peer, log } = await observed(harness, {
        attach(socket) {
          socket.onopen = async () => {
            order.push("opening");
            await answered;
            order.push("opened");
          };
          socket.onmessage = ({ data }) => {
            order.push(data);
            pass();
          };
        },
      });
      await log.next("open");
      await peer.send("the answer");
      await log.next("message");
      await answered;
      assert.deepEqual(order, ["opening", "the answer", "opened"]);
      await part({ socket, peer });
    },
  },

  "what comes while a program has paused waits until it resumes, from `open` on": {
    async try(harness) {
      const order: string[] = [];
      let pass!: () => void;
      const loaded = new Promise<void>((resolve) => pass = resolve);
      const { socket, peer, log } = await observed(harness, {
        attach(socket) {
          socket.pause();
          socket.onopen = async () => {
            order.push("loading");
            await loaded;
            order.push("loaded");
            socket.resume();
          };
          socket.onmessage = ({ data }) => order.push(data);
        },
      });
      await log.next("open");
      await peer.send("one", "two");
      socket.send("not held up");
      assert.deepEqual(await peer.next(), { kind: "text", data: "not held up" });
      assert.deepEqual(order, ["loading"]);
      pass();
      await log.next("message");
      await log.next("message");
      assert.deepEqual(order, ["loading", "loaded", "one", "two"]);
      await part({ socket, peer });
    },
  },

  "what a message leads to comes before the next message, if they had to wait": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const order: string[] = [];
      socket.pause();
      socket.addEventListener("message", ({ data }) => {
        order.push(data);
        later(Promise.resolve()).then(() => order.push(`after ${data}`), assert.fail);
      });
      await peer.send("one", "two", "three");
      socket.send("all are there");
      await peer.next();
      socket.resume();
      for (let i = 0; i < 3; i++) await log.next("message");
      await later(Promise.resolve());
      await undefined;
      assert.deepEqual(order, ["one", "after one", "two", "after two", "three", "after three"]);
      await part({ socket, peer });
    },
  },
};
