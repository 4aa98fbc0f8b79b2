// What a page says of another package was tried in a version, and the page names it: the one that is
// installed here. A passage that leads to a page with the version may leave it out.

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pages, read } from "./page.ts";

const ours = JSON.parse(read("package.json"));
const tools = JSON.parse(read("scripts/package.json"));
const versions: Readonly<Record<string, string>> = {
  ...tools.devDependencies,
  ...ours.devDependencies,
  "socket.io": tools.devDependencies["socket.io-client"], // released together
  // of Debian, which no file here pins: tests/proxies says which it found
  "nginx": "1.22.1",
  "haproxy": "2.6.12",
};

/** Names of packages in prose, as patterns where they are also words or written in another way. */
const NAMES: Readonly<Record<string, RegExp>> = {
  "@hono/node-server": /@hono\/node-server/,
  "@microsoft/signalr": /\bsignalr\b/i,
  "@oakserver/oak": /\bOak\b/,
  "crossws": /\bcrossws\b/,
  "engine.io-client": /\bengine\.io-client\b/,
  "express": /\bExpress\b/,
  "fastify": /\bFastify\b/,
  "graphql-ws": /\bgraphql-ws\b/,
  "h3": /\bh3\b/,
  "happy-dom": /\bhappy-dom\b/,
  "haproxy": /\bHAProxy\b/,
  "hono": /(?<!\/)\bhono\b(?!\/|\.)/i,
  "jsdom": /\bjsdom\b/,
  "nginx": /\bnginx\b/,
  "partysocket": /\bpartysocket\b/,
  "reconnecting-websocket": /\breconnecting-websocket\b/,
  "rpc-websockets": /\brpc-websockets\b/,
  "socket.io": /\bsocket\.io\b(?!-)/,
  "vite": /\bVite\b/,
  "ws": /(?<![\w/-])ws(?![\w:+/-])/,
};

/** Pages that say nothing of other packages but what they are for, or what changed. */
const OTHERS = new Set(["CHANGELOG.md", "CONTRIBUTING.md"]);

/** Returns a page without code that stands alone, what is quoted from our code, and addresses. */
function prose(page: string): string {
  return read(page).replaceAll(/<!-- ([\w ]+): written by[^]*?<!-- \/\1 -->/g, "").replaceAll(
    /^```[^]*?^```$/gm,
    "",
  ).replaceAll(/https:[^)\s]*/g, "");
}

/** Returns the passages of a page: paragraphs, items of lists, rows of tables. */
function passages(page: string): string[] {
  return prose(page).split(/\n\n+|\n(?=- |\| )/);
}

/** Returns the versions of a package that a page names. */
function named(page: string, name: string): string[] {
  const escaped = name.replaceAll(/[.\/]/g, "\\$&");
  const found = prose(page).replaceAll(/\s+/g, " ")
    .matchAll(new RegExp(`(?<![\\w/@-])${escaped}[\\s\`@]{1,3}(\\d+\\.\\d+\\.\\d+)`, "gi"));
  const rows = prose(page).split("\n").filter((line) => line.startsWith("|"))
    .filter((line) => line.includes(`\`${name}\``));
  const inRows = rows.flatMap((row) => [...row.matchAll(/\| (\d+\.\d+\.\d+) +\|/g)]);
  return [...found, ...inRows].map(([, version]) => version!);
}

/** Returns the pages that a passage leads to. */
function linked(page: string, passage: string): string[] {
  return [...passage.matchAll(/\]\(([^)#]+\.md)[^)]*\)/g)]
    .map(([, link]) => join(dirname(page), link!));
}

const checked = pages.filter((page) => !OTHERS.has(page));

test("each version of another package on a page is the one that is tried here", () => {
  const wrong = checked.flatMap((page) =>
    Object.keys(NAMES).flatMap((name) =>
      named(page, name).filter((version) => version !== versions[name])
        .map((version) => `${page}: ${name} ${version}, not ${versions[name]}`)
    )
  );
  assert.deepEqual(wrong, []);
});

test("what a page says of another package names the version, or leads to it", () => {
  let mentions = 0;
  const unnamed = checked.flatMap((page) =>
    Object.entries(NAMES).flatMap(([name, pattern]) => {
      if (named(page, name).length > 0) return [];
      return passages(page).filter((passage) => pattern.test(passage)).flatMap((passage) => {
        mentions++;
        const leads = linked(page, passage).some((other) =>
          pages.includes(other) && named(other, name).length > 0
        );
        return leads ? [] : [`${page}: ${name}: ${passage.slice(0, 100)}`];
      });
    })
  );
  assert.deepEqual(unnamed, []);
  assert.ok(mentions > 5, "only so few mentions lead to another page");
});
