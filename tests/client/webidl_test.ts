// Conversions of arguments by WebIDL, and their order: one row for each detail. The sections are WebIDL's,
// or those of the WHATWG WebSockets standard.

import { WebSocket } from "@isosocket/isosocket";
import { WebSocket as WebSocketOfClients } from "@isosocket/isosocket/client";
import assert from "node:assert/strict";
import { test } from "node:test";

const NOWHERE = "ws://127.0.0.1:9/"; // the discard service: nobody listens

type Loose = new (...args: unknown[]) => WebSocket;

/** Gives the class, and a socket that has been closed; returns what a program sees. */
type See = (Class: Loose, socket: WebSocket) => unknown;
type Row = readonly [detail: string, section: string, see: See, seen: unknown];

/** Returns the name of what a function throws; `undefined` if it throws nothing. */
function thrown(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as Error).name;
  }
}

/** Makes a socket, closes it at once, and returns what is thrown. */
function making(Class: Loose, ...args: unknown[]): string | undefined {
  return thrown(() => new Class(...args).close());
}

/** An object that notes when it becomes text. */
function text(notes: string[], name: string, value = name): object {
  return {
    toString() {
      notes.push(name);
      return value;
    },
  };
}

function calling(method: unknown, self: unknown, ...args: unknown[]): string | undefined {
  return thrown(() => Reflect.apply(method as () => void, self, args));
}

const CONSTRUCTOR: Row[] = [
  ["the class needs new", "3.7.1", (Class) => calling(Class, undefined, NOWHERE), "TypeError"],
  ["it needs an argument", "3.7.1", (Class) => making(Class), "TypeError"],
  [
    "undefined is an address, and a bad one",
    "3.2.12",
    (Class) => making(Class, undefined),
    "SyntaxError",
  ],
  [
    "subprotocols may be undefined",
    "3.7.1",
    (Class) => making(Class, NOWHERE, undefined),
    undefined,
  ],
  ["null is the subprotocol null", "3.2.10", (Class) => making(Class, NOWHERE, null), undefined],
  ["a String object is a sequence of its characters", "3.2.25, step 11", (Class) => [
    making(Class, NOWHERE, new String("ab")),
    making(Class, NOWHERE, new String("aa")),
  ], [undefined, "SyntaxError"]],
  [
    "an iterator that is undefined or null makes it text",
    "3.2.25, step 11",
    (Class) =>
      [undefined, null].map((it) =>
        making(Class, NOWHERE, { [Symbol.iterator]: it, toString: () => "name" })
      ),
    [undefined, undefined],
  ],
  ["one that is no function is a TypeError", "3.2.25, step 11", (Class) => [
    making(Class, NOWHERE, { [Symbol.iterator]: 1 }),
    making(Class, NOWHERE, { [Symbol.iterator]: () => 1 }),
    making(Class, NOWHERE, { [Symbol.iterator]: () => ({}) }),
    making(Class, NOWHERE, { [Symbol.iterator]: () => ({ next: () => 1 }) }),
  ], Array.from({ length: 4 }, () => "TypeError")],
  ["a symbol has no text", "3.2.10", (Class) => [
    making(Class, Symbol("url")),
    making(Class, NOWHERE, Symbol("name")),
    making(Class, NOWHERE, [Symbol("name")]),
  ], ["TypeError", "TypeError", "TypeError"]],
  ["a bigint has", "3.2.10", (Class) => making(Class, NOWHERE, [1n]), undefined],
  ["a name is converted before the next is asked for", "3.2.21.1, step 3", (Class) => {
    const notes: string[] = [];
    const names = {
      *[Symbol.iterator]() {
        for (const name of ["a", "b"]) {
          notes.push(`next ${name}`);
          yield text(notes, name);
        }
      },
    };
    new Class(NOWHERE, names).close();
    return notes.join(", ");
  }, "next a, a, next b, b"],
  ["an iterator is not closed when a name has no text", "3.2.21.1, step 3", (Class) => {
    const notes: string[] = [];
    const names = {
      [Symbol.iterator]: () => ({
        next: () => ({ value: Symbol("name"), done: false }),
        return: () => notes.push("closed"),
      }),
    };
    return [making(Class, NOWHERE, names), ...notes];
  }, ["TypeError"]],
  ["the iterator is asked for once", "3.2.25, step 11", (Class) => {
    let asked = 0;
    const names = {
      get [Symbol.iterator]() {
        asked++;
        return [][Symbol.iterator];
      },
      length: 0,
    };
    new Class(NOWHERE, names).close();
    return asked;
  }, 1],
  [
    "an address is converted before the names, and both before they are checked",
    "3.7.1",
    (Class) => {
      const notes: string[] = [];
      const failed = making(Class, text(notes, "address", "no address"), [
        text(notes, "name", "a b"),
      ]);
      return [failed, ...notes];
    },
    ["SyntaxError", "address", "name"],
  ],
  ["a lone surrogate of an address is U+FFFD", "3.2.12", (Class) => {
    const socket = new Class(`${NOWHERE}\ud800`);
    socket.close();
    return socket.url;
  }, `${NOWHERE}%EF%BF%BD`],
];

const CLOSE: Row[] = [
  [
    "a bigint is no number",
    "3.2.4.9, [Clamp]",
    (_, it) => calling(it.close, it, 1000n),
    "TypeError",
  ],
  ["a symbol neither", "3.2.4.9", (_, it) => calling(it.close, it, Symbol("code")), "TypeError"],
  [
    "a reason that is a symbol has no text",
    "3.2.12",
    (_, it) => calling(it.close, it, 1000, Symbol("why")),
    "TypeError",
  ],
  ["both are converted before both are checked", "3.7.7", (_, it) => {
    const notes: string[] = [];
    const code = { valueOf: () => (notes.push("code"), 999) };
    return [calling(it.close, it, code, text(notes, "reason")), ...notes];
  }, ["InvalidAccessError", "code", "reason"]],
  [
    "a code that is no number is 0",
    "3.2.4.9, [Clamp]",
    (_, it) => [null, "", "code", NaN, {}].map((code) => calling(it.close, it, code)),
    Array.from({ length: 5 }, () => "InvalidAccessError"),
  ],
  [
    "a code is rounded, half to even",
    "3.2.4.9, [Clamp]",
    (_, it) => [999.5, 1000.5, 1000.6, "3000", [4000]].map((code) => calling(it.close, it, code)),
    [undefined, undefined, "InvalidAccessError", undefined, undefined],
  ],
  ["undefined is no code", "3.7.7", (_, it) => calling(it.close, it, undefined, "why"), undefined],
  ["null is the reason null", "3.2.12", (_, it) => calling(it.close, it, 1000, null), undefined],
  [
    "the code is checked before the reason",
    "close(), 1 and 2",
    (_, it) => calling(it.close, it, 999, "x".repeat(124)),
    "InvalidAccessError",
  ],
];

const SEND: Row[] = [
  ["it needs an argument", "3.7.7", (_, it) => calling(it.send, it), "TypeError"],
  ["what is neither memory nor a Blob becomes text", "3.2.25", (_, it) => {
    const before = it.bufferedAmount;
    for (const data of [null, undefined, 1n, true, [1, 2], {}]) calling(it.send, it, data);
    return it.bufferedAmount - before;
  }, 4 + 9 + 1 + 4 + 3 + 15],
  ["a symbol does not", "3.2.12", (_, it) => calling(it.send, it, Symbol("data")), "TypeError"],
  ["the data is converted before the state is looked at", "3.7.7", (Class) => {
    const notes: string[] = [];
    const socket = new Class(NOWHERE);
    const failed = [text(notes, "data"), Symbol("data")].map((it) =>
      calling(socket.send, socket, it)
    );
    socket.close();
    return [...failed, ...notes];
  }, ["InvalidStateError", "TypeError", "data"]],
  ["a lone surrogate counts as U+FFFD", "3.2.12", (_, it) => {
    const before = it.bufferedAmount;
    it.send("\ud800");
    return it.bufferedAmount - before;
  }, 3],
];

const ATTRIBUTES: Row[] = [
  ["binaryType takes what becomes its text", "3.7.6", (_, it) => {
    const loose = it as unknown as { binaryType: unknown };
    const seen: unknown[] = [];
    for (
      const value of ["arraybuffer", "other", null, { toString: () => "blob" }, ["arraybuffer"]]
    ) {
      loose.binaryType = value;
      seen.push(loose.binaryType);
    }
    return [...seen, thrown(() => loose.binaryType = Symbol("blob"))];
  }, ["arraybuffer", "arraybuffer", "arraybuffer", "blob", "arraybuffer", "TypeError"]],
  ["accessors have the names of theirs", "3.7.6", (Class) => {
    const names = ["url", "readyState", "onopen", "binaryType"];
    return names.map((name) => {
      const { get, set } = Object.getOwnPropertyDescriptor(Class.prototype, name)!;
      return [get?.name, set?.name];
    });
  }, [
    ["get url", undefined],
    ["get readyState", undefined],
    ["get onopen", "set onopen"],
    ["get binaryType", "set binaryType"],
  ]],
  ["every member refuses what is no socket", "3.7.6 and 3.7.7", (Class) => {
    const taken: string[] = [];
    for (const self of [{}, null, undefined, Class.prototype, new EventTarget()]) {
      const members = Object.getOwnPropertyDescriptors(Class.prototype) as PropertyDescriptorMap;
      for (const [name, { enumerable, get, set, value }] of Object.entries(members)) {
        if (!enumerable) continue;
        for (const member of [get, set, typeof value === "function" ? value : undefined]) {
          // With arguments that another error could be about, if they were looked at first.
          const args = member === set ? ["other"] : name === "send" ? [Symbol("data")] : [1, 2];
          if (member !== undefined && calling(member, self, ...args) !== "TypeError") {
            taken.push(name);
          }
        }
      }
    }
    return taken;
  }, []],
  [
    "programs can list what the standard has, and no more",
    "3.7.3",
    (Class) => {
      const own = Object.keys(Class.prototype);
      const inherited = Object.keys(EventTarget.prototype);
      return own.filter((name) => !inherited.includes(name)).join(" ");
    },
    "url CONNECTING OPEN CLOSING CLOSED readyState bufferedAmount onopen onerror onclose extensions " +
    "protocol close onmessage binaryType send",
  ],
];

/** The classes of the two entry points: where connections are the platform's, they are one. */
const CLASSES = new Map<string, unknown>([
  ["WebSocket", WebSocket],
  ["WebSocket of ./client", WebSocketOfClients],
]);

const withoutPlatform = "WebSocket" in globalThis ? false : "Node 20 has no WebSocket";

for (const [name, Class] of CLASSES) {
  const skip = Class === WebSocketOfClients ? withoutPlatform : false;
  for (const [detail, section, see, seen] of [...CONSTRUCTOR, ...CLOSE, ...SEND, ...ATTRIBUTES]) {
    test(`${name}: ${detail} (${section})`, { skip }, () => {
      const socket = new (Class as Loose)(NOWHERE);
      socket.close();
      const found = see(Class as Loose, socket);
      assert.deepEqual(found, seen);
    });
  }
}
