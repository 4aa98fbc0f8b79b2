// Redirects of a handshake: where they lead, and what goes along.

import assert from "node:assert/strict";
import { test } from "node:test";
import { followingRedirects, redirected } from "../../../src/cli/connect/redirects.ts";
import type { Dial, DialRequest } from "../../../src/core/dial.ts";
import type { LinkEvents } from "../../../src/core/link.ts";

const headers = { authorization: "Bearer abc", cookie: "a=b", "x-trace": "1" };

function request(url: string): DialRequest {
  return { url, protocols: ["chat"], headers, closeTimeout: 0, maxPayload: 1 };
}

test("redirected() keeps all for the same origin, credentials of the address included", () => {
  const from = "ws://user:s3cret@a.example/one?x=1";
  const cases: [location: string, url: string][] = [
    ["/two", "ws://user:s3cret@a.example/two"],
    ["two#there", "ws://user:s3cret@a.example/two"],
    ["?y", "ws://user:s3cret@a.example/one?y"],
    ["ws://a.example/two", "ws://user:s3cret@a.example/two"],
    ["http://a.example:80/two", "ws://user:s3cret@a.example/two"],
    ["http://other@a.example/", "ws://other@a.example/"],
  ];
  for (const [location, url] of cases) {
    const next = redirected(request(from), location);
    assert.deepEqual([next.url, next.headers], [url, headers], location);
    assert.deepEqual(next.protocols, ["chat"]);
  }
});

test("redirected() leaves credentials and cookies behind for another origin", () => {
  const from = "ws://user:s3cret@a.example/one";
  const cases: [location: string, url: string][] = [
    ["//b.example/two", "ws://b.example/two"],
    ["ws://a.example:81/", "ws://a.example:81/"],
    ["wss://a.example/", "wss://a.example/"],
    ["https://a.example/", "wss://a.example/"],
    ["ws://sub.a.example/", "ws://sub.a.example/"],
    ["ws://me:too@b.example/", "ws://me:too@b.example/"], // the server's own
  ];
  for (const [location, url] of cases) {
    const next = redirected(request(from), location);
    assert.deepEqual([next.url, next.headers], [url, { "x-trace": "1" }], location);
  }
});

test("redirected() refuses what is no address, what is no WebSocket, and what leaves TLS", () => {
  const cases: [location: string, says: RegExp][] = [
    ["ws://[", /^the server redirects to "ws:\/\/\[", which is no address$/],
    ["//u:s3cret@/", /^the server redirects to "\/\/u:\*\*\*@\/", which is no address$/],
    ["ftp://b.example/", /which is no address of a WebSocket$/],
    ["ws+unix:/run/docker.sock:/", /which is no address of a WebSocket$/],
    ["file:///etc/passwd", /which is no address of a WebSocket$/],
    ["ws://a.example/", /^the server redirects to ws:\/\/a\.example\/, which is not encrypted$/],
    ["http://u:s3cret@b.example/", /to ws:\/\/u:\*\*\*@b\.example\/, which is not encrypted$/],
    ["mailto:\x1b[2J", /"mailto:\\u001b\[2J"/],
  ];
  for (const [location, says] of cases) {
    assert.throws(() => redirected(request("wss://a.example/"), location), { message: says });
  }
});

/** Dials through redirects: each address answers with the status and the location that it names. */
function follow(
  answers: Readonly<Record<string, readonly [status: number, location: string]>>,
  url = "ws://a.example/1",
): { dialled: DialRequest[]; redirects: [number, string][]; failure: () => unknown } {
  const dialled: DialRequest[] = [];
  const redirects: [number, string][] = [];
  let failure: unknown;
  const dial: Dial = (request) => ({ failed }) => {
    dialled.push(request);
    const [status, location] = answers[request.url] ?? [404, ""];
    failed(Object.assign(new Error("refused"), { status, headers: new Headers({ location }) }));
    return () => {};
  };
  const events = { failed: (cause: unknown) => failure = cause } as unknown as LinkEvents;
  followingRedirects(dial, (...redirect) => redirects.push(redirect))(request(url))(events);
  return { dialled, redirects, failure: () => failure };
}

test("followingRedirects() follows each kind, and reports what is at the end", () => {
  const statuses = [301, 302, 303, 307, 308];
  const answers = Object.fromEntries(statuses.map((status, i) => {
    return [`ws://a.example/${i + 1}`, [status, `/${i + 2}`] as const];
  }));
  const { dialled, redirects, failure } = follow(answers);
  assert.deepEqual(redirects.map(([status]) => status), statuses);
  assert.equal(dialled.at(-1)?.url, "ws://a.example/6");
  assert.equal((failure() as { status: number }).status, 404);
});

test("followingRedirects() does not follow a 300, a 304 or a 401 with a Location", () => {
  for (const status of [300, 304, 401]) {
    const { dialled, failure } = follow({ "ws://a.example/1": [status, "/2"] });
    assert.equal(dialled.length, 1);
    assert.equal((failure() as { status: number }).status, status);
  }
});

test("followingRedirects() gives up after ten", () => {
  const { dialled, failure } = follow({ "ws://a.example/1": [302, "/1"] });
  assert.equal(dialled.length, 11);
  assert.equal((failure() as Error).message, "there were 10 redirects, and one more");
});

test("followingRedirects() does not send credentials again once an origin was another", () => {
  const { dialled } = follow({
    "ws://a.example/1": [302, "ws://b.example/"],
    "ws://b.example/": [302, "ws://a.example/2"],
  });
  assert.deepEqual(dialled.map((request) => request.headers?.cookie), [
    "a=b",
    undefined,
    undefined,
  ]);
});
