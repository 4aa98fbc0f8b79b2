// Where things are.

import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const scripts = dirname(dirname(fileURLToPath(import.meta.url)));
export const root = dirname(scripts);

/** What is made here may be deleted at any time. */
export const build = join(root, ".build");

/** The file that gets what a command prints. */
export function logOf(name) {
  return join(build, "logs", `${name.replaceAll(/\W+/g, "_")}.log`);
}

const installed = (path) => join(scripts, "node_modules", path);

// By path, since scripts/node_modules/.bin must stay off PATH: it holds a `node`, of some version.
const isWindows = process.platform === "win32";
export const deno = installed(isWindows ? "deno/deno.exe" : ".bin/deno");
export const bun = installed("bun/bin/bun.exe");
export const esbuild = installed(
  isWindows ? "@esbuild/win32-x64/esbuild.exe" : "esbuild/bin/esbuild",
);
export const tsc = installed("typescript7/bin/tsc");

/** A Node: what runs this, if it is that one, since those that are installed are for Linux. */
export function node(major) {
  const own = process.versions.node.split(".")[0] === `${major}`;
  return own ? process.execPath : installed(`node${major}/bin/node`);
}

/** Where Debian puts them, unless the environment says otherwise. */
export const browsers = {
  chromium: process.env.CHROMIUM ?? "/usr/bin/chromium",
  firefox: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
};

/** The same for proxies, by the names of their tests. */
export const proxies = {
  caddy: process.env.CADDY ?? "/usr/bin/caddy",
  haproxy: process.env.HAPROXY ?? "/usr/sbin/haproxy",
  nghttpx: process.env.NGHTTPX ?? "/usr/sbin/nghttpx",
  nginx: process.env.NGINX ?? "/usr/sbin/nginx",
};
