// Where things are.

import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const scripts = dirname(dirname(fileURLToPath(import.meta.url)));
export const root = dirname(scripts);

/** What is made here may be deleted at any time. */
export const build = join(root, ".build");

const installed = (path) => join(scripts, "node_modules", path);

// By path, since scripts/node_modules/.bin must stay off PATH: it holds a `node`, of some version.
export const deno = installed(".bin/deno");
export const bun = installed("bun/bin/bun.exe");
export const esbuild = installed("esbuild/bin/esbuild");
export const tsc = installed("typescript/bin/tsc");
export const node = (major) => installed(`node${major}/bin/node`);

/** Where Debian puts them, unless the environment says otherwise. */
export const browsers = {
  chromium: process.env.CHROMIUM ?? "/usr/bin/chromium",
  firefox: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
};
