// A socket as an event target: what a program can see of the DOM standard, one row for each detail. The
// sections are those of the DOM Living Standard; HTML and WebIDL are named.

import { pair } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";

/** A detail: the section that asks for it, what a program does, and what it sees then. */
type Row = readonly [detail: string, section: string, see: (on: Loose) => unknown, seen: unknown];

/** A socket that takes whatever a program gives it. */
interface Loose {
  addEventListener(...args: unknown[]): unknown;
  removeEventListener(...args: unknown[]): unknown;
  dispatchEvent(...args: unknown[]): unknown;
  onopen: unknown;
  onmessage: unknown;
}

/** Returns the name of what a function throws; `undefined` if it throws nothing. */
function thrown(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as Error).name;
  }
}

const cancelable = (): Event => new Event("own", { cancelable: true });

/** Adds a listener that notes something of its event, dispatches one, and returns the note. */
function during(on: Loose, note: (event: Event) => unknown, event: Event = cancelable()): unknown {
  let noted: unknown;
  on.addEventListener("own", (event: Event) => void (noted = note(event)), { once: true });
  on.dispatchEvent(event);
  return noted;
}

/** Returns the order in which listeners run that `add` adds. */
function order(
  on: Loose,
  add: (listen: (name: string, capture?: boolean) => void) => void,
): string {
  const heard: string[] = [];
  add((name, capture) => on.addEventListener("own", () => void heard.push(name), capture));
  on.dispatchEvent(cancelable());
  return heard.join(" ");
}

const LISTENERS: Row[] = [
  ["addEventListener() needs two arguments", "WebIDL 3.7.7", (on) => [
    thrown(() => on.addEventListener()),
    thrown(() => on.addEventListener("own")),
    thrown(() => on.addEventListener("own", null)),
  ], ["TypeError", "TypeError", undefined]],
  ["removeEventListener() needs two", "WebIDL 3.7.7", (on) => [
    thrown(() => on.removeEventListener("own")),
    thrown(() => on.removeEventListener("own", null)),
  ], ["TypeError", undefined]],
  [
    "dispatchEvent() needs one",
    "WebIDL 3.7.7",
    (on) => thrown(() => on.dispatchEvent()),
    "TypeError",
  ],
  ["a type becomes a string", "WebIDL 3.2.10", (on) => {
    let heard = 0;
    on.addEventListener({ toString: () => "own" }, () => void heard++);
    on.dispatchEvent(cancelable());
    return [heard, thrown(() => on.addEventListener(Symbol("own"), null))];
  }, [1, "TypeError"]],
  [
    "a listener is an object, a function or nothing",
    "WebIDL 3.2.16",
    (on) =>
      [undefined, null, {}, () => {}, 1, "text", true, Symbol("none")].map((it) => [
        thrown(() => on.addEventListener("own", it)),
        thrown(() => on.removeEventListener("own", it)),
      ]),
    [
      ...Array.from({ length: 4 }, () => [undefined, undefined]),
      ...Array.from({ length: 4 }, () => ["TypeError", "TypeError"]),
    ],
  ],
  ["arguments are converted from the first to the last", "WebIDL 3.7.7", (on) => {
    const read: string[] = [];
    const type = { toString: () => (read.push("type"), "own") };
    const members = ["signal", "passive", "once", "capture"];
    const options = Object.defineProperties(
      {},
      Object.fromEntries(
        members.map((name) => [name, { get: () => void read.push(name) }]),
      ),
    );
    on.addEventListener(type, null, options);
    return read.join(" ");
  }, "type capture once passive signal"],
  [
    "a signal is an AbortSignal",
    "2.7",
    (on) =>
      [null, {}, "text", undefined, new AbortController().signal].map((signal) =>
        thrown(() => on.addEventListener("own", () => {}, { signal }))
      ),
    ["TypeError", "TypeError", "TypeError", undefined, undefined],
  ],
  ["options that are no object are capture", "2.7, flatten options", (on) => {
    let heard = 0;
    const listener = (): void => void heard++;
    on.addEventListener("own", listener, 1);
    on.removeEventListener("own", listener);
    on.dispatchEvent(cancelable());
    on.removeEventListener("own", listener, { capture: "yes" });
    on.dispatchEvent(cancelable());
    return heard;
  }, 1],
  ["a function can be the options", "WebIDL 3.2.17", (on) => {
    const options = Object.assign(() => {}, { once: true });
    let heard = 0;
    on.addEventListener("own", () => void heard++, options);
    on.dispatchEvent(cancelable());
    on.dispatchEvent(cancelable());
    return heard;
  }, 1],
  ["a listener is there once for each phase", "2.7, add an event listener, 4", (on) => {
    let heard = 0;
    const listener = (): void => void heard++;
    for (const capture of [false, true, false, true]) on.addEventListener("own", listener, capture);
    on.dispatchEvent(cancelable());
    return heard;
  }, 2],
  [
    "handleEvent is looked up for each event, and called on its object",
    "WebIDL, call a user object's operation",
    (on) => {
      const heard: unknown[] = [];
      const object: Record<string, unknown> = {};
      on.addEventListener("own", object);
      object["handleEvent"] = function (this: unknown): void {
        heard.push(this === object);
      };
      on.dispatchEvent(cancelable());
      return heard;
    },
    [true],
  ],
  ["a function is called on the socket", "2.9, inner invoke, 10", (on) => {
    let self: unknown;
    on.addEventListener("own", function (this: unknown): void {
      self = this;
    });
    on.dispatchEvent(cancelable());
    return self === on;
  }, true],
];

const ORDER: Row[] = [
  ["those that capture run first", "2.9, dispatch, 5.13", (on) =>
    order(on, (listen) => {
      listen("a");
      listen("b", true);
      listen("c");
      listen("d", true);
    }), "b d a c"],
  ["one that captures can add one that does not", "2.9, invoke, 4", (on) => {
    const heard: string[] = [];
    on.addEventListener("own", () => {
      on.addEventListener("own", () => void heard.push("late"), { once: true });
      on.addEventListener("own", () => void heard.push("never"), { once: true, capture: true });
    }, { once: true, capture: true });
    on.dispatchEvent(cancelable());
    return heard.join(" ");
  }, "late"],
  ["one that is added meanwhile does not run", "2.9, invoke, 4", (on) => {
    const heard: string[] = [];
    on.addEventListener("own", () => {
      heard.push("first");
      on.addEventListener("own", () => void heard.push("second"));
    });
    on.dispatchEvent(cancelable());
    return heard.join(" ");
  }, "first"],
  ["one that is removed meanwhile does not run", "2.9, inner invoke, 2", (on) => {
    let heard = 0;
    const second = (): void => void heard++;
    on.addEventListener("own", () => on.removeEventListener("own", second));
    on.addEventListener("own", second);
    on.dispatchEvent(cancelable());
    return heard;
  }, 0],
  ["one that runs once is removed before it runs", "2.9, inner invoke, 5", (on) => {
    let heard = 0;
    on.addEventListener("own", () => {
      if (heard++ === 0) on.dispatchEvent(cancelable());
    }, { once: true });
    on.dispatchEvent(cancelable());
    return heard;
  }, 1],
  [
    "an attribute keeps its place when it is replaced, and loses it as null",
    "HTML 8.1.8.1",
    (on) => {
      const heard: string[] = [];
      const hear = (name: string) => (): void => void heard.push(name);
      on.onopen = hear("a");
      on.addEventListener("open", hear("b"));
      on.onopen = hear("c");
      on.dispatchEvent(new Event("open"));
      on.onopen = null;
      on.onopen = hear("d");
      on.dispatchEvent(new Event("open"));
      return heard.join(" ");
    },
    "c b b d",
  ],
];

const STOPPING: Row[] = [
  ["stopImmediatePropagation() stops those that follow", "2.9, inner invoke, 13", (on) => {
    let heard = 0;
    on.addEventListener("own", (event: Event) => event.stopImmediatePropagation());
    on.addEventListener("own", () => void heard++);
    on.dispatchEvent(cancelable());
    return heard;
  }, 0],
  [
    "stopPropagation() stops those that do not capture, behind one that does",
    "2.9, invoke, 1",
    (on) => {
      const heard: string[] = [];
      on.addEventListener("own", () => void heard.push("a"));
      on.addEventListener("own", (event: Event) => event.stopPropagation(), true);
      on.addEventListener("own", () => void heard.push("b"), true);
      on.dispatchEvent(cancelable());
      return heard.join(" ");
    },
    "b",
  ],
  ["stopPropagation() stops none of the same phase", "2.9, invoke, 1", (on) => {
    let heard = 0;
    on.addEventListener("own", (event: Event) => event.stopPropagation());
    on.addEventListener("own", () => void heard++);
    on.dispatchEvent(cancelable());
    return heard;
  }, 1],
  ["cancelBubble says and does the same", "2.2, cancelBubble", (on) =>
    during(on, (event) => {
      const before = event.cancelBubble;
      event.cancelBubble = false;
      const still = event.cancelBubble;
      event.cancelBubble = true;
      return [before, still, event.cancelBubble];
    }), [false, false, true]],
  ["what was stopped before is not heard", "2.9, invoke, 1", (on) => {
    const event = cancelable();
    event.stopPropagation();
    return during(on, () => "heard", event);
  }, undefined],
  ["after it, nothing is stopped any more", "2.9, dispatch, 10", (on) => {
    const event = cancelable();
    during(on, () => event.stopImmediatePropagation(), event);
    return [event.cancelBubble, during(on, () => "heard", event)];
  }, [false, "heard"]],
  ["preventDefault() makes dispatchEvent() return false", "2.7, dispatchEvent", (on) => {
    on.addEventListener("own", (event: Event) => event.preventDefault());
    const event = cancelable();
    return [on.dispatchEvent(event), event.defaultPrevented, on.dispatchEvent(new Event("own"))];
  }, [false, true, true]],
  ["a passive listener cannot prevent anything", "2.2, set the canceled flag", (on) => {
    on.addEventListener("own", (event: Event) => {
      event.preventDefault();
      event.returnValue = false;
    }, { passive: true });
    return [on.dispatchEvent(cancelable()), on.dispatchEvent(cancelable())];
  }, [true, true]],
  ["one behind it can", "2.2, set the canceled flag", (on) => {
    on.addEventListener("own", () => {}, { passive: true });
    on.addEventListener("own", (event: Event) => event.preventDefault());
    return on.dispatchEvent(cancelable());
  }, false],
  ["an attribute prevents by returning false", "HTML 8.1.8.1", (on) => {
    on.onopen = () => false;
    on.addEventListener("message", () => false);
    const names = ["open", "message"];
    return names.map((type) => on.dispatchEvent(new Event(type, { cancelable: true })));
  }, [false, true]],
];

const DISPATCH: Row[] = [
  [
    "dispatchEvent() takes an Event",
    "2.7, dispatchEvent",
    (on) =>
      [null, undefined, "own", {}, { type: "own" }].map((it) => thrown(() => on.dispatchEvent(it))),
    Array.from({ length: 5 }, () => "TypeError"),
  ],
  [
    "an event whose listeners run is not dispatched",
    "2.7, dispatchEvent, 1",
    (on) => during(on, (event) => thrown(() => on.dispatchEvent(event))),
    "InvalidStateError",
  ],
  ["an event of the platform in flight neither", "2.7, dispatchEvent, 1", (on) => {
    const other = new EventTarget();
    let seen: unknown;
    other.addEventListener("own", (event) => seen = thrown(() => on.dispatchEvent(event)));
    other.dispatchEvent(cancelable());
    return seen;
  }, "InvalidStateError"],
  ["it is at its target while listeners run", "2.2, eventPhase", (on) =>
    during(on, (event) => [
      event.eventPhase,
      event.target === on as unknown,
      event.currentTarget === on as unknown,
      event.srcElement === on as unknown,
    ]), [2, true, true, true]],
  [
    "its path is the socket",
    "2.2, composedPath()",
    (on) => during(on, (event) => event.composedPath().map((it) => it === on as unknown)),
    [true],
  ],
  ["a target is all that stays", "2.9, dispatch, 7 to 9", (on) => {
    const event = cancelable();
    during(on, () => {}, event);
    return [
      event.target === on as unknown,
      event.srcElement === on as unknown,
      event.currentTarget,
      event.eventPhase,
      event.composedPath(),
    ];
  }, [true, true, null, 0, []]],
  ["a target is set without listeners too", "2.9, dispatch, 5", (on) => {
    const event = cancelable();
    return [on.dispatchEvent(event), event.target === on as unknown];
  }, [true, true]],
  ["it can be dispatched again, and elsewhere", "2.7, dispatchEvent", (on) => {
    const event = cancelable();
    const other = new EventTarget();
    const seen = [1, 2].map(() => during(on, ({ target }) => target === on as unknown, event));
    other.addEventListener("own", ({ target, currentTarget, eventPhase }) => {
      seen.push(target === other, currentTarget === other, eventPhase);
    });
    other.dispatchEvent(event);
    return [...seen, event.target === other];
  }, [true, true, true, true, 2, true]],
  [
    "one that is frozen is heard",
    "2.9",
    (on) => during(on, ({ type }) => type, Object.freeze(cancelable())),
    "own",
  ],
  ["one that is frozen can be stopped", "2.9, inner invoke, 13", (on) => {
    let heard = 0;
    on.addEventListener("own", () => void heard++, { once: true });
    on.dispatchEvent(Object.freeze(cancelable()));
    return heard;
  }, 1],
  ["a CustomEvent and a MessageEvent keep their data", "2.4", (on) => [
    during(on, (event) => (event as CustomEvent).detail, new CustomEvent("own", { detail: 5 })),
    during(on, (event) => (event as MessageEvent).data, new MessageEvent("own", { data: 6 })),
  ], [5, 6]],
  [
    "it is not trusted",
    "2.7, dispatchEvent, 2",
    (on) => during(on, (event) => event.isTrusted),
    false,
  ],
];

for (const [detail, section, see, seen] of [...LISTENERS, ...ORDER, ...STOPPING, ...DISPATCH]) {
  test(`${detail} (${section})`, () => {
    const { client } = pair();
    assert.deepEqual(see(client as unknown as Loose), seen);
    client.terminate();
  });
}
