// The proxy of a connection: addresses, and what the environment says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { environmentProxy, isExcepted, parseProxy } from "../../../src/cli/connect/proxy.ts";

test("parseProxy() reads scheme, host, port and credentials, and shows no password", () => {
  const cases: [text: string, kind: string, host: string, port: number, shown: string][] = [
    ["proxy.example:3128", "http", "proxy.example", 3128, "http://proxy.example:3128"],
    ["http://proxy.example/", "http", "proxy.example", 80, "http://proxy.example:80"],
    ["https://[::1]", "https", "::1", 443, "https://[::1]:443"],
    ["socks5h://u:p@10.0.0.1", "socks5", "10.0.0.1", 1080, "socks5://u:***@10.0.0.1:1080"],
    ["me@proxy:1", "http", "proxy", 1, "http://me@proxy:1"],
  ];
  for (const [text, ...expected] of cases) {
    const { kind, host, port, shown } = parseProxy(text, "--proxy");
    assert.deepEqual([kind, host, port, shown], expected);
  }
  assert.deepEqual(parseProxy("a%40b:c%3Ad%@h", "").credentials, {
    user: "a@b",
    password: "c%3Ad%",
  });
});

test("parseProxy() says what is wrong, without a password", () => {
  const wrong: [text: string, why: string][] = [
    ["ftp://u:s3cret@h", "***@h: the scheme must be http, https or socks5"],
    ["http://u:s3cret@h:port", "***@h:port: it is not the address of a proxy"],
    ["http://h/path", "http://h/path: a proxy has no path"],
    ["socks5://", "socks5://: it has no host"],
  ];
  for (const [text, why] of wrong) {
    assert.throws(() => parseProxy(text, "HTTP_PROXY"), {
      message: `Cannot use HTTP_PROXY ${why}`,
    });
  }
});

test("environmentProxy() takes the variable of the scheme, or that of all", () => {
  const host = (url: string, environment: Record<string, string>): string | undefined =>
    environmentProxy(new URL(url), environment)?.host;
  const all = { HTTP_PROXY: "plain", HTTPS_PROXY: "secure", ALL_PROXY: "all" };
  assert.equal(host("ws://a.example/", all), "plain");
  assert.equal(host("wss://a.example/", all), "secure");
  assert.equal(host("wss://a.example/", { HTTP_PROXY: "plain", all_proxy: "all" }), "all");
  assert.equal(host("ws://a.example/", { ...all, http_proxy: "small" }), "small");
  assert.equal(host("ws://a.example/", { ...all, http_proxy: "" }), "plain");
  assert.equal(host("ws://a.example/", { ...all, no_proxy: "b.example,A.example" }), undefined);
  assert.equal(host("ws://a.example/", {}), undefined);
  for (const own of ["localhost:1", "a.localhost", "127.0.0.1", "127.9.9.9:80", "[::1]:80"]) {
    assert.equal(host(`ws://${own}/`, all), undefined, own);
  }
  assert.equal(host("ws://127.example/", { ...all, NO_PROXY: "27.example" }), "plain");
});

test("isExcepted() knows names, what is below them, networks and ports", () => {
  const cases: [url: string, list: string, expected: boolean][] = [
    ["ws://a.example/", "*", true],
    ["ws://a.example/", "", false],
    ["ws://a.example/", " b.example , a.example", true],
    ["ws://www.a.example/", "a.example", true],
    ["ws://www.a.example/", ".a.example", true],
    ["ws://www.a.example/", "*.a.example", true],
    ["ws://wwwa.example/", "a.example", false],
    ["ws://a.example./", "a.example", true],
    ["ws://a.example/", "a.example:80", true],
    ["wss://a.example/", "a.example:80", false],
    ["wss://a.example/", "a.example:443", true],
    ["ws://a.example:8080/", "a.example:8080", true],
    ["ws://10.1.2.3/", "10.0.0.0/8", true],
    ["ws://11.1.2.3/", "10.0.0.0/8", false],
    ["ws://10.1.2.3/", "10.1.2.3", true],
    ["ws://10.1.2.3/", "1.2.3", false],
    ["ws://10.1.2.3/", "10.0.0.0/99", false],
    ["ws://[2001:db8::1]/", "2001:db8::/32", true],
    ["ws://[2001:db8::1]/", "2001:db8::1", true],
    ["ws://[2001:db8::1]:8080/", "[2001:db8::1]:8080", true],
    ["ws://[2001:db9::1]/", "2001:db8::/32", false],
    ["ws://[2001:db8::1]/", "10.0.0.0/8", false],
  ];
  for (const [url, list, expected] of cases) {
    assert.equal(isExcepted(new URL(url), list), expected, `${url} ${list}`);
  }
});
