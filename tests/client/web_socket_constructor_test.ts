// The arguments of the class, by WebIDL and by the letter of the WHATWG WebSockets standard.

import { WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";

const NOWHERE = "ws://127.0.0.1:9/"; // the discard service: nobody listens

const Loose = WebSocket as unknown as new (...args: unknown[]) => WebSocket;

/** Makes a socket, and closes it at once. */
function closedSocket(...args: unknown[]): WebSocket {
  const socket = new Loose(...args);
  socket.close();
  return socket;
}

const syntaxError = { name: "SyntaxError", code: 12 };

test("new WebSocket() needs an argument", () => {
  assert.throws(() => new Loose(), TypeError);
});

test("new WebSocket() makes the address absolute, and ws: or wss:", () => {
  const urls = [
    ["ws://127.0.0.1:9", "ws://127.0.0.1:9/"],
    ["WS://127.0.0.1:80/a?b=ä", "ws://127.0.0.1/a?b=%C3%A4"],
    ["http://127.0.0.1:9/x", "ws://127.0.0.1:9/x"],
    ["https://127.0.0.1:443/x", "wss://127.0.0.1/x"],
    [" ws://user:pass@127.0.0.1:9/\t", "ws://user:pass@127.0.0.1:9/"],
    [new URL("/a/../b", "ws://127.0.0.1:9"), "ws://127.0.0.1:9/b"],
    [{ toString: () => NOWHERE }, NOWHERE],
  ];
  for (const [given, url] of urls) assert.equal(closedSocket(given).url, url);
});

test("new WebSocket() refuses what is no address of a WebSocket", () => {
  const refused = [
    "",
    "ws:",
    "ws://",
    "ws://bad host/",
    "ws://127.0.0.1:99999/",
    "ftp://127.0.0.1/",
    "mailto:a@example.org",
    "about:blank",
    "ws://127.0.0.1/#",
    "ws://127.0.0.1/#part",
    "http://127.0.0.1/#part",
  ];
  for (const url of refused) assert.throws(() => new WebSocket(url), syntaxError, url);
});

test("relative addresses count from the page, where there is one", () => {
  const globals = globalThis as { document?: unknown };
  globals.document = { baseURI: "https://127.0.0.1:9/app/page?q#part" };
  try {
    assert.equal(closedSocket("chat").url, "wss://127.0.0.1:9/app/chat");
    assert.equal(closedSocket("/chat?x").url, "wss://127.0.0.1:9/chat?x");
    assert.throws(() => new WebSocket("#part"), syntaxError);
  } finally {
    delete globals.document;
  }
});

test("arguments become strings by WebIDL's rules", () => {
  assert.throws(() => new Loose(Symbol("url")), TypeError);
  assert.throws(() => new Loose(NOWHERE, Symbol("name")), TypeError);
  assert.throws(() => new Loose(NOWHERE, [Symbol("name")]), TypeError);
  assert.throws(() => new Loose(NOWHERE, { [Symbol.iterator]: 1 }), TypeError);
  const wrong = new Error("no text");
  const throwing = {
    toString(): string {
      throw wrong;
    },
  };
  assert.throws(() => new Loose(throwing), wrong);
  assert.throws(() => new Loose(NOWHERE, throwing), wrong);
  assert.throws(() => new Loose(NOWHERE, [throwing]), wrong);
  // All conversions come first, then the checks, the address's before the names'.
  assert.throws(() => new Loose("no address", throwing), wrong);
  assert.throws(() => new Loose("no address", "two words"), /"no address"/);
});

test("subprotocols are a string or an iterable of strings", () => {
  for (const names of [undefined, [], "a", ["a", "b"], new Set(["a"]), null, 5, ["a", 5, null]]) {
    closedSocket(NOWHERE, names);
  }
});

test("subprotocols are tokens, each there once, whatever its case; an options object is none", () => {
  const notOffered = { ...syntaxError, message: /^Cannot offer the subprotocol/ };
  const refused: unknown[] = [
    "",
    " a",
    "a b",
    "a,b",
    "ä",
    "a\0",
    "(a)",
    '"a"',
    "a/b",
    "a@b",
    "{a}",
  ];
  for (const name of refused) {
    assert.throws(() => new Loose(NOWHERE, name), notOffered, `${name}`);
    assert.throws(() => new Loose(NOWHERE, ["fine", name]), notOffered, `${name}`);
  }
  for (const names of [["a", "a"], ["a", "b", "A"], new String("aa"), [undefined, undefined]]) {
    assert.throws(() => new Loose(NOWHERE, names), notOffered);
  }
  assert.throws(() => new Loose(NOWHERE, {}), notOffered);
  assert.throws(() => new Loose(NOWHERE, { protocols: ["a"] }), notOffered);
});
