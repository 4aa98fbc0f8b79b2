/**
 * Servers and clients of others, as Debian and npm have them, and the programs of ours that make them
 * echo.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Subject } from "../../../src/conformance/case.ts";

/** A server or a client of somebody else. */
export interface Foreign {
  /** Name of the subject: that of its data. */
  readonly name: string;

  /** Name of the library, and its language. */
  readonly title: string;

  /** Whether it is a server or a client. */
  readonly kind: Subject;

  /** The package that has it: of Debian, or of npm in this folder. */
  readonly debian?: string;
  readonly npm?: string;

  /** The program and its arguments; a server is given its port behind them, a client address and name. */
  readonly command: readonly string[];

  /** What has to be run before: it is built once. */
  readonly build?: readonly string[];
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const python = (name: string, title: string, debian: string, kind: Subject): Foreign => ({
  name: `${name}-${kind}`,
  title: `${title} (Python)`,
  kind,
  debian,
  command: ["/usr/bin/python3", here(`${name.replaceAll("-", "_")}_${kind}.py`)],
});

const gorilla = (kind: Subject): Foreign => ({
  name: `gorilla-${kind}`,
  title: "gorilla/websocket (Go)",
  kind,
  debian: "golang-github-gorilla-websocket-dev",
  command: [here(`.build/gorilla_${kind}`)],
  build: ["/usr/bin/go", "build", "-o", here(`.build/gorilla_${kind}`), here(`gorilla_${kind}.go`)],
});

const node = (npm: string, file: string): Foreign => ({
  name: `${file}-server`,
  title: `${npm} (Node)`,
  kind: "server",
  npm,
  command: [here("../../../scripts/node_modules/node24/bin/node"), here(`${file}_server.mjs`)],
});

/** All of them. */
export const foreign: readonly Foreign[] = [
  python("python-websockets", "websockets", "python3-websockets", "server"),
  python("aiohttp", "aiohttp", "python3-aiohttp", "server"),
  python("tornado", "Tornado", "python3-tornado", "server"),
  gorilla("server"),
  {
    name: "mojolicious-server",
    title: "Mojolicious (Perl)",
    kind: "server",
    debian: "libmojolicious-perl",
    command: ["/usr/bin/perl", here("mojolicious_server.pl")],
  },
  {
    name: "libsoup-server",
    title: "libsoup (C)",
    kind: "server",
    debian: "libsoup-3.0-0",
    command: ["/usr/bin/gjs", here("libsoup_server.js")],
  },
  node("faye-websocket", "faye"),
  node("websocket", "websocket"),
  python("python-websockets", "websockets", "python3-websockets", "client"),
  python("aiohttp", "aiohttp", "python3-aiohttp", "client"),
  gorilla("client"),
];

/** Returns the installed version of a subject; `undefined` if it is not there. */
export function versionOf({ debian, npm, command, build }: Foreign): string | undefined {
  try {
    if (npm !== undefined) {
      return JSON.parse(readFileSync(here(`node_modules/${npm}/package.json`), "utf8")).version;
    }
    if (!existsSync((build ?? command)[0]!)) return undefined;
    const version = execFileSync("dpkg-query", ["-W", "-f", "${Version}", debian!], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return version.replace(/^\d+:/, "").replace(/[-+].*$/, "");
  } catch {
    return undefined;
  }
}
