// Origins: the option, the comparison, and the text of a refusal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UpgradeError } from "../../src/handshake/upgrade_error.ts";
import { checkOrigin, checkOrigins, type Origins, type Site } from "../../src/handshake/origin.ts";

const SITE: Site = { scheme: undefined, host: "app.example" };

function requestFrom(origin: string | null): Request {
  return new Request("http://app.example/", origin === null ? {} : { headers: { origin } });
}

/** Returns the text of the refusal of a page; `undefined` if it may connect. */
function refusal(origin: string | null, origins?: Origins, site = SITE): string | undefined {
  try {
    checkOrigin(checkOrigins(origins), requestFrom(origin), site);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof UpgradeError, String(error));
    assert.deepEqual([error.status, error.reason], [403, "origin"]);
    return error.message;
  }
}

const OWN: [title: string, origin: string, host: string, scheme?: "http" | "https"][] = [
  ["the same host", "https://app.example", "app.example"],
  ["the same host over http", "http://app.example", "app.example"],
  ["upper case in both", "HTTPS://App.Example", "APP.example"],
  ["a port in both", "http://app.example:8080", "app.example:8080"],
  ["a default port in the Host", "https://app.example", "app.example:443"],
  ["a default port in the Origin", "http://app.example:80", "app.example"],
  ["IPv6", "http://[::1]:8080", "[::1]:8080"],
  ["IPv6, written in another way", "http://[::1]", "[0:0:0:0:0:0:0:1]:80"],
  ["the known scheme", "https://app.example", "app.example", "https"],
];

for (const [title, origin, host, scheme] of OWN) {
  test(`an origin is the server's own with ${title}`, () => {
    assert.equal(refusal(origin, undefined, { scheme, host }), undefined);
  });
}

const FOREIGN: [title: string, origin: string, host: string, scheme?: "http" | "https"][] = [
  ["another host", "https://evil.example", "app.example"],
  ["a host that ends like it", "https://evil-app.example", "app.example"],
  ["a host that begins like it", "https://app.example.evil.example", "app.example"],
  ["a subdomain", "https://www.app.example", "app.example"],
  ["another port", "http://app.example:3000", "app.example:8080"],
  ["a port where the Host has none", "https://app.example:8443", "app.example"],
  ["no port where the Host has one", "https://app.example", "app.example:8443"],
  ["the default port of the other scheme", "https://app.example", "app.example:80"],
  ["http: where https: is known", "http://app.example", "app.example", "https"],
  ["https: where http: is known", "https://app.example", "app.example", "http"],
  ["null", "null", "null"],
  ["an app's scheme before the host", "capacitor://localhost", "localhost"],
  ["an extension's scheme before the host", "chrome-extension://app.example", "app.example"],
  ["a file", "file://", "app.example"],
  ["a socket's scheme before the host", "ws://app.example", "app.example"],
];

for (const [title, origin, host, scheme] of FOREIGN) {
  test(`an origin is not the server's own with ${title}`, () => {
    assert.match(refusal(origin, undefined, { scheme, host }) ?? "", /not that of this server/);
  });
}

const MALFORMED = [
  "",
  "app.example",
  "https://",
  "https://app.example/",
  "https://app.example/path",
  "https://user@app.example",
  "https://app.example, https://app.example",
  "https://app.example https://app.example",
  "https://app.example?",
  "https://app.example#",
  "https://app.example\\",
  "https://app.example:port",
  "https://app.example:99999",
  "https://*.example",
  "https://app.exämple",
  "NULL",
  "*",
];

for (const origin of MALFORMED) {
  test(`the malformed origin "${origin}" is refused, by a list and a function too`, () => {
    const ask = (): boolean => true;
    for (const origins of [undefined, [], ["https://app.example", "null"], ask]) {
      assert.match(refusal(origin, origins) ?? "", /is malformed/);
    }
  });
}

test("a client without an Origin is let in, whatever is allowed", () => {
  for (const origins of [undefined, "*", [], () => false] as const) {
    assert.equal(refusal(null, origins), undefined);
  }
});

test('"*" lets everybody in', () => {
  for (const origin of ["https://evil.example", "null", "nonsense", "a, b"]) {
    assert.equal(refusal(origin, "*"), undefined);
  }
});

test("a list admits its entries, however they are written, and no other origin", () => {
  const origins = [
    "https://app.example",
    "HTTP://LocalHost:3000",
    "https://a.example:443",
    "https://bücher.example",
    "capacitor://localhost",
    "file://",
  ];
  const allowed = [
    "https://app.example",
    "https://app.example:443",
    "http://localhost:3000",
    "https://a.example",
    "https://xn--bcher-kva.example",
    "capacitor://localhost",
    "file://",
  ];
  for (const origin of allowed) assert.equal(refusal(origin, origins), undefined, origin);
  const refused = [
    "http://app.example",
    "https://app.example:8443",
    "https://sub.app.example",
    "http://localhost",
    "ionic://localhost",
    "null",
    "https://own.example",
  ];
  const site: Site = { scheme: undefined, host: "own.example" }; // a list replaces what is own
  for (const origin of refused) assert.match(refusal(origin, origins, site) ?? "", /not allowed/);
  assert.equal(refusal("null", ["null"]), undefined);
  assert.match(refusal("https://app.example", []) ?? "", /not allowed/);
});

test("an entry that is no origin is a TypeError, which names it and the right form", () => {
  const wrong: unknown[] = [
    "https://app.example/",
    "https://app.example/path",
    "https://*.app.example",
    "*",
    "app.example",
    "localhost:3000",
    "wss://app.example",
    "https://a.example, https://b.example",
    " https://app.example",
    "",
    "NULL",
    "https://app.example:99999",
    null,
    /app/,
  ];
  for (const entry of wrong) {
    assert.throws(() => checkOrigins(["https://fine.example", entry as string]), (error) => {
      assert.ok(error instanceof TypeError);
      const named = typeof entry === "string"
        ? `origin "${entry}"`
        : `${entry === null ? "null" : "an object"} as an origin`;
      assert.ok(error.message.startsWith(`Cannot allow ${named}: it must be a scheme and`));
      assert.match(error.message, /"https:\/\/app\.example"; for patterns, use a function$/);
      return true;
    });
  }
});

test("what is neither a list nor a function nor * is a TypeError", () => {
  for (const origins of ["https://app.example", "", 1, null, {}, true, /app/]) {
    assert.throws(() => checkOrigins(origins as Origins), {
      name: "TypeError",
      message:
        /^Cannot use origins(?: ".*")?: it must be "\*", a list or a function(?:, and is [a-z ]+)?$/,
    });
  }
});

test("a function is asked for the origin in its one form, with the request", () => {
  const asked: unknown[] = [];
  const origins = (origin: string, request: Request): boolean => {
    asked.push(origin, request.url);
    return origin === "https://a.example";
  };
  assert.equal(refusal("HTTPS://A.example:443", origins), undefined);
  assert.match(refusal("https://b.example", origins) ?? "", /not allowed/);
  const url = "http://app.example/";
  assert.deepEqual(asked, ["https://a.example", url, "https://b.example", url]);
});

test("a function that does not return true or false is a TypeError: a promise is no yes", () => {
  const thenable = { then: (_: unknown, reject: (error: Error) => void) => reject(new Error("x")) };
  const answers: [unknown, RegExp][] = [
    [Promise.resolve(true), /by a promise/],
    [Promise.resolve(false), /by a promise/],
    [Promise.reject(new Error("nobody handles this")), /by a promise/],
    [thenable, /by object/],
    [undefined, /by undefined/],
    ["yes", /by string/],
    [1, /by number/],
  ];
  for (const [answer, says] of answers) {
    const origins = checkOrigins((() => answer) as unknown as Origins);
    assert.throws(() => checkOrigin(origins, requestFrom("https://a.example"), SITE), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /^Cannot tell if an origin is allowed/);
      assert.match(error.message, says);
      return true;
    });
  }
});

test("what a function throws goes to its caller", () => {
  const failure = new Error("a bug");
  const origins = checkOrigins(() => {
    throw failure;
  });
  assert.throws(() => checkOrigin(origins, requestFrom("https://a.example"), SITE), failure);
});

test("a refusal names the origin and this server, short and in plain ASCII", () => {
  assert.equal(
    refusal("https://evil.example", undefined, { scheme: "https", host: "app.example" }),
    'Cannot upgrade: the origin "https://evil.example" is not that of this server, ' +
      '"https://app.example": the server\'s option "origins" must allow it',
  );
  assert.match(
    refusal("https://ev\u00edl\t\u0085\u007f.example") ?? "",
    /"https:\/\/ev\\u00edl\\t\\u0085\\u007f\.example"/,
  );
  const long = refusal(`https://${"a".repeat(10_000)}`) ?? "";
  assert.ok(long.length < 400, String(long.length));
});
