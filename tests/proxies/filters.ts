// A filter by path in a proxy holds: what it lets through is no other path to the server behind it.

import { upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { KEY, readHead } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type EntryPoint, type Open, plainEntryPoints } from "../server/entry_points.ts";
import type { Kind, Rules } from "./kinds.ts";

/** Host headers that are none, or that hold what would be a path in a URL. */
const HOSTS = [
  "x/admin?",
  "x/admin#",
  "x/admin",
  "x:80/admin?",
  "x\\admin?",
  "x?",
  "x#",
  "x@y",
  "x@y/admin?",
  "@/admin?",
  ":80/admin?",
  "",
  "x\r\nHost: y/admin?",
  "x/admin?\r\nHost: y",
  "x, y/admin?",
  "x y/admin?",
  "[::1",
  "[::1]/admin?",
  "%2fadmin?",
];

/** Targets that are no path, or name an authority of their own. */
const TARGETS = [
  "//",
  "//x/admin",
  "//admin",
  "/\\admin",
  "\\admin",
  "\\\\x\\admin",
  "/%61dmin",
  "/%2561dmin",
  "/admin;x",
  "/admin/",
  "/x/admin",
  "/ad\tmin",
  "/\t/admin",
  "/ /admin",
  "/admin#x",
  "/#/admin",
  "#/admin",
  "?/admin",
  "/x?/../admin",
  "/x?\\..\\..\\admin",
  "/x%2f..%2fadmin",
  "/x/..;/admin",
  "/x/..%5cadmin",
  "/\x80admin",
  "admin",
  "*",
  "x:80",
  "x:/admin",
  "http://127.0.0.1/admin",
  "HTTP://127.0.0.1/admin",
  "https://127.0.0.1/admin",
  "ws://127.0.0.1/admin",
  "http://other/admin",
  "http://x@127.0.0.1/admin",
  "http://127.0.0.1@x/admin",
  "http://127.0.0.1\\admin",
  "http://127.0.0.1?/admin",
  "http://127.0.0.1#/admin",
  "http://127.0.0.1:/admin",
  "http://127.0.0.1//admin",
  "http:///admin",
  "http:/admin",
  "http:admin",
  "http:\\\\x\\admin",
  "://x/admin",
  "http://",
];

/** Paths in which `new URL()` makes slashes of backslashes. */
const BACKSLASHES = [
  "/x\\..\\admin",
  "/x/..\\admin",
  "/x\\../admin",
  "/.\\admin",
  "\\..\\admin",
  "http://127.0.0.1/x\\..\\admin",
];

/** Paths with dot segments, which `new URL()` resolves. Bun shows nothing else of them. */
const DOT_SEGMENTS = [
  "/x/../admin",
  "/../admin",
  "/./admin",
  "/x/./../admin",
  "/x/%2e%2e/admin",
  "/x/.%2E/admin",
  "/%2e/admin",
  "/x/../ad%6Din",
  "http://127.0.0.1/x/../admin",
];

/**
 * Rules about backslashes that cannot be kept, by reader, and why. Each of these must be broken, and
 * be kept with a proxy that refuses backslashes, as docs/deploying.md says.
 */
const deviations: Readonly<Record<string, string>> = {
  bun: "Bun shows a path only as URL has rewritten it",
};

/** A path that a handler was shown, and the target and Host header that were sent. */
interface Seen {
  readonly path: string;
  readonly target: string;
  readonly host: string;
}

/** A server that says which paths its handler is shown. */
async function watched(entry: EntryPoint): Promise<{ paths: string[]; backend: Open }> {
  const paths: string[] = [];
  const backend = await entry.open((request) => {
    paths.push(new URL(request.url).pathname);
    if (request.headers.get("upgrade") === null) return new Response("a page");
    const { socket, response } = upgrade(request);
    paths.push(new URL(socket.url).pathname);
    return response;
  }, { trustProxy: true });
  return { paths, backend };
}

/** Time in ms in which a head must be answered, or its connection be ended. */
const ANSWER = 10_000;

/** Sends a head, byte by byte as it is. @returns The status; `undefined` if there is no answer. */
async function send(port: number, lines: readonly string[]): Promise<number | undefined> {
  const wire = await TcpWire.connect(port);
  await wire.write(new Uint8Array(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")));
  const late = Symbol();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const answer = await Promise.race([
    readHead(wire),
    new Promise<typeof late>((resolve) => timer = setTimeout(() => resolve(late), ANSWER)),
  ]);
  clearTimeout(timer);
  await wire.drop();
  assert.notEqual(answer, late, `no answer to ${JSON.stringify(lines)}`);
  return answer === late || answer === undefined ? undefined : Number(answer.head.split(" ")[1]);
}

const HANDSHAKE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${KEY}`,
];

/** Sends targets and Host headers through a proxy, as pages' and as handshakes'. */
async function seenThrough(
  kind: Kind,
  entry: EntryPoint,
  rules: Pick<Rules, "denies" | "normalises">,
  heads: readonly (readonly [target: string, host: string, forwarded?: string])[],
): Promise<Seen[]> {
  const { paths, backend } = await watched(entry);
  await using _backend = backend;
  await using proxy = await kind.start({ backend: backend.port, ...rules });
  const forms = [...(entry.hasPages ? [["Connection: close"]] : []), HANDSHAKE];
  const seen: Seen[] = [];
  for (const form of forms) {
    for (const path of ["/admin", "/page"]) { // that it filters, and that it does not refuse all
      const status = await send(proxy.port, [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1", ...form]);
      const let_ = form === HANDSHAKE ? 101 : 200;
      assert.equal(status, path === "/admin" ? 403 : let_, `${path} with ${form}`);
    }
    assert.deepEqual(new Set(paths.splice(0)), new Set(["/page"]));
    for (const [target, host, forwarded] of heads) {
      const more = forwarded === undefined ? [] : [`X-Forwarded-Host: ${forwarded}`];
      await send(proxy.port, [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...more, ...form]);
      for (const path of paths.splice(0)) seen.push({ path, target, host: forwarded ?? host });
    }
  }
  const direct = await send(backend.port, ["GET /admin HTTP/1.1", "Host: x", ...HANDSHAKE]);
  assert.equal(direct, 101); // it lives, and /admin is there for those who do not come by the proxy
  return seen;
}

function isDenied(denies: "exactly" | "prefix", path: string): boolean {
  return denies === "exactly" ? path === "/admin" : path.startsWith("/admin");
}

/** Tries a proxy's filters with each entry point. */
export function tryFilters(kind: Kind): void {
  for (const entry of plainEntryPoints) {
    const place = `${kind.name} before ${entry.name}`;
    const denies = "prefix";

    test(`no Host header gets past a filter of ${place}`, async () => {
      const heads = HOSTS.flatMap((host) =>
        ["/", "/x/admin"].map((target) => [target, host] as const)
      );
      const seen = await seenThrough(kind, entry, { denies }, heads);
      assert.deepEqual(seen.filter(({ path }) => isDenied(denies, path)), []);
      // It takes nothing away from a path, and adds nothing to it.
      assert.deepEqual(seen.filter(({ path, target }) => path !== target), []);
    });

    test(`no X-Forwarded-Host header gets past a filter of ${place}`, async () => {
      const heads = HOSTS.map((host) => ["/x/admin", "127.0.0.1", host] as const);
      const seen = await seenThrough(kind, entry, { denies }, heads);
      assert.ok(seen.length > 0);
      assert.deepEqual(seen.filter(({ path, target }) => path !== target), []);
    });

    const kinds = entry === plainEntryPoints[0]
      ? ["prefix", "exactly"] as const
      : ["prefix"] as const;
    for (const denies of kinds) {
      const filter = `a filter of ${denies === "exactly" ? "one path" : "a prefix"} of ${place}`;

      test(`no odd target gets past ${filter}`, async () => {
        const heads = TARGETS.map((target) => [target, "127.0.0.1"] as const);
        const seen = await seenThrough(kind, entry, { denies }, heads);
        assert.deepEqual(seen.filter(({ path }) => isDenied(denies, path)), []);
        const own = new Map(seen.map(({ path, target }) => [target, path]));
        assert.equal(own.get("/x/admin"), "/x/admin");
        assert.equal(own.get("//x/admin"), "//x/admin");
      });

      const classes = [
        ["backslash", BACKSLASHES, deviations[entry.reader]],
        ["dot segment", DOT_SEGMENTS, deviations[entry.reader] && kind.keepsDotSegments],
      ] as const;
      for (const [what, targets, reason] of classes) {
        test(`no ${what} gets past ${filter}${reason === undefined ? "" : ", if it normalises"}`, async () => {
          const heads = targets.map((target) => [target, "127.0.0.1"] as const);
          const passed = async (normalises: boolean): Promise<Seen[]> =>
            (await seenThrough(kind, entry, { denies, normalises }, heads))
              .filter(({ path }) => isDenied(denies, path));
          assert.deepEqual(await passed(reason !== undefined), []);
          if (reason === undefined) return;
          assert.notDeepEqual(
            await passed(false),
            [],
            `it is kept where it should not be: ${reason}`,
          );
        });
      }
    }
  }
}
