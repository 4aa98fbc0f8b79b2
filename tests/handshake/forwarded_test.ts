// X-Forwarded-For, -Proto and -Host: which entry counts, and which of its forms are accepted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, checkProxies, siteOf, urlOf } from "../../src/handshake/forwarded.ts";

const OWN = "10.0.0.1";

function address(header: string | null, proxies: number): string | undefined {
  return addressOf(new Headers(header === null ? {} : { "x-forwarded-for": header }), proxies, OWN);
}

test("trustProxy is a number of proxies, or says if there is one", () => {
  const fine: [boolean | number, number][] = [[false, 0], [true, 1], [0, 0], [1, 1], [3, 3]];
  for (const [given, proxies] of fine) assert.equal(checkProxies(given), proxies);
  for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(() => checkProxies(wrong), {
      name: "RangeError",
      message: `Cannot use trustProxy ${wrong}: it must be a whole number of proxies, 0 or more`,
    });
  }
  for (const wrong of ["1", "loopback", null, ["127.0.0.1"], {}]) {
    assert.throws(() => checkProxies(wrong as unknown as number), {
      name: "TypeError",
      message:
        /^Cannot use trustProxy: it must be true, false or a number of proxies, and is \w.*$/,
    });
  }
});

const CHAINS: [header: string | null, proxies: number, address: string][] = [
  ["1.1.1.1", 0, OWN],
  [null, 1, OWN],
  ["1.1.1.1", 1, "1.1.1.1"],
  ["9.9.9.9, 1.1.1.1", 1, "1.1.1.1"], // the first is forged by the client
  ["9.9.9.9,1.1.1.1", 1, "1.1.1.1"],
  ["9.9.9.9, 1.1.1.1, 2.2.2.2", 2, "1.1.1.1"],
  ["1.1.1.1", 2, OWN], // it has not come through both
  ["1.1.1.1, ", 1, OWN],
  ["", 1, OWN],
];

for (const [header, proxies, expected] of CHAINS) {
  test(`X-Forwarded-For: ${header} behind ${proxies} proxies is ${expected}`, () => {
    assert.equal(address(header, proxies), expected);
  });
}

const FORMS: [text: string, address: string][] = [
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["192.0.2.1:1234", "192.0.2.1"],
  ["2001:DB8::1", "2001:db8::1"],
  ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["[2001:db8::1]:443", "2001:db8::1"],
  ["::1", "::1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["[::FFFF:c000:201]:1", "192.0.2.1"],
];

for (const [text, expected] of FORMS) {
  test(`the address ${text} is read as ${expected}`, () => {
    assert.equal(address(text, 1), expected);
  });
}

const NONE = [
  "unknown",
  "_hidden",
  "localhost",
  "256.1.1.1",
  "1.1.1",
  "01.1.1.1",
  "1.1.1.1.1",
  "1.1.1.1:port",
  "0x7f.0.0.1",
  "2130706433",
  "1.1.1.1/8",
  "[1.1.1.1]",
  "[::1",
  "::1]",
  "[::1]:",
  "[::1]x",
  "1:2:3",
  ":",
  "::1::",
  "fe80::1%eth0",
  "::1/path",
  "user@::1",
  '"[::1]"',
  "for=1.1.1.1",
  "1.1.1.1 2.2.2.2",
  "\u00b9.1.1.1",
];

for (const text of NONE) {
  test(`"${text}" is not an address, so the peer of the connection is the client`, () => {
    assert.equal(address(text, 1), OWN);
    assert.equal(addressOf(new Headers({ "x-forwarded-for": text }), 1, undefined), undefined);
  });
}

/** Returns the site and the URL of a request to this server. */
function seen(headers: Record<string, string>, proxies: number, url = "http://inner:8080/a?b=c") {
  const request = new Request(url, { headers: { host: new URL(url).host, ...headers } });
  const site = siteOf(request, proxies);
  return [site.scheme, site.host, urlOf(request, site, proxies)];
}

test("without proxies, headers change nothing, and TLS is known by the request", () => {
  const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "app.example" };
  assert.deepEqual(seen(headers, 0), [undefined, "inner:8080", "ws://inner:8080/a?b=c"]);
  assert.deepEqual(seen({}, 0, "https://inner/"), ["https", "inner", "wss://inner/"]);
});

test("behind a proxy, scheme and host are the ones that it says", () => {
  const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "app.example" };
  const expected = ["https", "app.example", "wss://app.example/a?b=c"];
  assert.deepEqual(seen(headers, 1), expected);
  assert.deepEqual(seen(headers, 2), expected); // the inner one has handed it on
  assert.deepEqual(seen({ "x-forwarded-proto": "HTTP" }, 1), [
    "http",
    "inner:8080",
    "ws://inner:8080/a?b=c",
  ]);
  assert.equal(seen({ "x-forwarded-proto": "wss" }, 1)[0], "https");
  assert.equal(seen({ "x-forwarded-proto": "ws" }, 1)[0], "http");
});

test("of lists of schemes and hosts, the outermost trusted entry counts", () => {
  const headers = {
    "x-forwarded-proto": "http, https, http",
    "x-forwarded-host": "forged.example, app.example, inner.example:81",
  };
  assert.deepEqual(seen(headers, 1).slice(0, 2), ["http", "inner.example:81"]);
  assert.deepEqual(seen(headers, 2).slice(0, 2), ["https", "app.example"]);
  assert.deepEqual(seen(headers, 9).slice(0, 2), ["http", "forged.example"]);
});

test("a proxy that says nothing leaves the scheme unknown, and the Host as it is", () => {
  assert.deepEqual(seen({}, 1), [undefined, "inner:8080", "ws://inner:8080/a?b=c"]);
  // Over TLS came the proxy.
  assert.deepEqual(seen({}, 1, "https://inner/"), [undefined, "inner", "wss://inner/"]);
});

test("schemes and hosts that are none are ignored", () => {
  for (const scheme of ["", "ftp", "https:", "constructor", "https;", "on"]) {
    assert.equal(seen({ "x-forwarded-proto": scheme }, 1)[0], undefined, scheme);
  }
  for (const host of ["", "a b", "a/b", "user@a", "a?b", "a#b", "a:port", "[::1", "a\\b"]) {
    assert.equal(seen({ "x-forwarded-host": host }, 1)[1], "inner:8080", host);
  }
});

test("a host with a dollar sign is no pattern", () => {
  assert.equal(seen({ "x-forwarded-host": "$1$&.example" }, 1)[2], "ws://$1$&.example/a?b=c");
});
