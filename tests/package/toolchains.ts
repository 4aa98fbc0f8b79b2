/** Tools that load the package in their own ways, and the programs with which each is tried. @module */

import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { BUNDLERS, installed } from "./bundlers.ts";
import { consumer, ROOT, run, runtimes } from "./consumer.ts";

/** Folder of a project that has the package, and no tool. */
const project = join(ROOT, ".build/toolchains");

/** Makes the project anew. */
export async function makeProject(): Promise<void> {
  await rm(project, { recursive: true, force: true });
  await mkdir(project, { recursive: true });
  await writeFile(join(project, "package.json"), '{ "private": true }\n');
  await cp(join(consumer, "node_modules"), join(project, "node_modules"), { recursive: true });
}

/** Writes files of a folder of the project. Resolves with its path. */
async function write(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(project, name);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const MODULES = ["isosocket", "isosocket/node", "node:http"];
const NAMES = ["{ serve, connect }", "{ attach, upgrade }", "{ createServer }"];

/** Imports of a server's program, as an ES module and as CommonJS. */
const IMPORTS = NAMES.map((name, i) => `import ${name} from "${MODULES[i]}";`).join("\n");
const REQUIRES = NAMES.map((name, i) => `const ${name} = require("${MODULES[i]}");`).join("\n");

/** A server by `serve()`, one by `attach()`, and a client of each. It is TypeScript too. */
const TALK = `
async function echoed(url) {
  const socket = connect(url);
  await socket.opened;
  socket.send("hello");
  const data = await new Promise((resolve) => socket.onmessage = (event) => resolve(event.data));
  socket.close();
  await socket.closed;
  return data;
}
function echo(request) {
  const { socket, response } = upgrade(request);
  socket.onmessage = (event) => socket.send(event.data);
  return response;
}
async function talk() {
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, echo);
  const first = await echoed(server.url);
  await server.close();
  const http = createServer();
  attach(http, echo);
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  const second = await echoed("ws://127.0.0.1:" + http.address().port + "/");
  http.close();
  return first + " " + second;
}
`;

const TYPED = TALK.replace("echoed(url)", "echoed(url: string): Promise<unknown>")
  .replace("echo(request)", "echo(request: Request): Response")
  .replace("http.address()", '(http.address() as import("node:net").AddressInfo)');

const PRINT = "\ntalk().then(console.log);\n";
const PRINTED = "hello hello";

const EXPECT = `
test("a message comes back", async () => {
  expect(await talk()).toBe("${PRINTED}");
});
`;

/** A test of a page: the server is elsewhere. */
const pageTest = (options = ""): string => `
test("a page's client gets its message back", async () => {
  expect(typeof document).toBe("object");
  const socket = connect(process.env.ADDRESS${options});
  const data = await new Promise((resolve, reject) => {
    socket.onopen = () => socket.send("hello");
    socket.onmessage = (event) => resolve(event.data);
    socket.onclose = (event) => reject(new Error("closed with " + event.code));
  });
  expect(data).toBe("hello");
  socket.close();
});
`;

/** A program of a page, and what it prints where there is no more than a page has. */
const PAGE = `
import { connect } from "isosocket/client";
connect("ws://page.example/");
`;
const PAGE_PRINTED = "connects to ws://page.example/";
const BEFORE_PAGE = `
const { log } = console;
const { exit } = process;
for (const name of ["process", "global", "setImmediate"]) delete globalThis[name];
globalThis.WebSocket = class extends EventTarget {
  readyState = 0;
  constructor(url) {
    super();
    log("connects to " + url);
    setTimeout(exit);
  }
  close() {}
};
`;

const node = runtimes["Node 24"]!;
const bun = runtimes["Bun"]!;

/** Runs a command in the project. Resolves with its output. */
async function output(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = project,
): Promise<string> {
  const { status, output } = await run(command, cwd, env);
  if (status !== 0) throw new Error(output);
  return output;
}

/** Runs a program that prints what both servers have sent. */
async function prints(command: readonly string[], cwd = project): Promise<void> {
  const printed = (await output(command, {}, cwd)).trim();
  if (printed !== PRINTED) throw new Error(`It printed: ${printed}`);
}

/** Runs tests with Jest. */
async function jest(name: string, file: string, text: string, ...more: string[]): Promise<void> {
  const config = JSON.stringify({ testMatch: ["**/*.test.*js"], transform: {} });
  const folder = await write(name, { [file]: text, "jest.config.json": config });
  const [flags, options] = [
    more.filter((it) => it.startsWith("--exp")),
    more.filter((it) => !it.startsWith("--exp")),
  ];
  const command = [...node, ...flags, installed("jest/bin/jest.js"), "--rootDir", folder];
  const url = await echoServer();
  try {
    const printed = await output(
      [...command, "-c", join(folder, "jest.config.json"), "-i", "--no-watchman", ...options],
      { ADDRESS: url.address },
    );
    if (!/^Tests: +1 passed, 1 total$/m.test(printed)) throw new Error(printed);
  } finally {
    await url.close();
  }
}

/** Runs tests with Vitest. */
async function vitest(name: string, environment: string, text: string): Promise<void> {
  const folder = await write(name, { "talk.test.mjs": text });
  const command = [...node, installed("vitest/vitest.mjs"), "run", "--root", folder, "--globals"];
  const url = await echoServer();
  try {
    const printed = await output([...command, "--environment", environment], {
      ADDRESS: url.address,
    });
    if (!/Tests +1 passed \(1\)$/m.test(printed)) throw new Error(printed);
  } finally {
    await url.close();
  }
}

/** Starts a server for pages of any origin. */
async function echoServer(): Promise<{ address: string; close(): Promise<unknown> }> {
  const { serve, upgrade } = await import("@isosocket/isosocket");
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request, { origins: "*" });
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  return { address: server.url.replace(/^http/, "ws"), close: () => server.close() };
}

/** Bundles a program, and resolves with the path of the bundle. */
async function bundle(
  bundler: string,
  kind: string,
  text: string,
  server: boolean,
  format: "esm" | "cjs" = "esm",
): Promise<string> {
  const name = server ? `bundle.${format === "esm" ? "mjs" : "cjs"}` : "bundle.js";
  const folder = await write(`${bundler} ${kind}`.replaceAll(" ", "_"), {
    "entry.mjs": text,
    "bundler.cjs": BUNDLERS[bundler]!,
  });
  const options = {
    entry: join(folder, "entry.mjs"),
    file: join(folder, "out", name),
    folder,
    name,
    server,
    format,
  };
  const { status, output } = await run([
    ...node,
    "-e",
    `require("./bundler.cjs")(${JSON.stringify(options)})`,
  ], folder);
  if (status !== 0 || /warning|error/i.test(output)) throw new Error(output);
  return options.file;
}

/** Bundles the program of a page, and runs it. */
async function page(file: string): Promise<void> {
  const code = await readFile(file, "utf8");
  if (/["'`]node:/.test(code)) throw new Error("It needs modules of Node");
  const path = `${file}.page.cjs`;
  await writeFile(path, BEFORE_PAGE + code);
  const printed = (await output([...node, path])).trim();
  if (printed !== PAGE_PRINTED) throw new Error(`It printed: ${printed}`);
}

/** Runs the bundle of a server, where there is no package. */
async function server(file: string, command = node): Promise<void> {
  const away = await mkdtemp(join(tmpdir(), "isosocket-"));
  try {
    await cp(dirname(file), away, { recursive: true });
    await prints([...command, join(away, basename(file))]);
  } finally {
    await rm(away, { recursive: true });
  }
}

/** Runs a program of CommonJS where `require()` loads no ES modules. */
export async function withoutModules(runtime: string): Promise<void> {
  const folder = await write("required", { "talk.cjs": REQUIRES + TALK + PRINT });
  const flag = "--no-experimental-require-module"; // as before Node 20.19 and 22.12
  await prints([...runtimes[runtime]!, flag, join(folder, "talk.cjs")]);
}

const jsdom = installed("jest-environment-jsdom/build/index.js");

/** Ways to load the package: the first cell of a row of docs/toolchains.md, and how it is tried. */
export const WAYS: Readonly<Record<string, () => Promise<void>>> = {
  "Jest 30, CommonJS": () => jest("jest_cjs", "talk.test.cjs", REQUIRES + TALK + EXPECT),
  "Jest 30, ES modules": () =>
    jest("jest_esm", "talk.test.mjs", IMPORTS + TALK + EXPECT, "--experimental-vm-modules"),
  "Jest 30 with jsdom": () =>
    jest(
      "jest_jsdom",
      "page.test.cjs",
      `const { connect } = require("isosocket/client");${pageTest()}`,
      "--env",
      jsdom,
    ),
  "Vitest 5": () => vitest("vitest_node", "node", IMPORTS + TALK + EXPECT),
  "Vitest 5 with jsdom": () =>
    // jsdom's own class never opens there: Node does not take its events for events.
    vitest(
      "vitest_jsdom",
      "jsdom",
      `import { connect } from "isosocket";${pageTest(', { engine: "tcp" }')}`,
    ),
  "Vitest 5 with happy-dom": () =>
    vitest(
      "vitest_happy_dom",
      "happy-dom",
      `import { connect } from "isosocket/client";${pageTest()}`,
    ),
  "Node's type stripping": async () => {
    const folder = await write("stripped", { "talk.mts": IMPORTS + TYPED + PRINT });
    for (const version of ["Node 22", "Node 24", "Node 26"]) {
      await prints([...runtimes[version]!, "--no-warnings", join(folder, "talk.mts")]);
    }
  },
  tsx: async () => {
    const folder = await write("tsx", {
      "talk.mts": IMPORTS + TYPED + PRINT,
      "talk.cts": REQUIRES + TYPED + PRINT,
    });
    for (const file of ["talk.mts", "talk.cts"]) {
      await prints([...node, installed("tsx/dist/cli.mjs"), join(folder, file)]);
    }
  },
  "@swc-node/register": async () => {
    const folder = await write("swc", {
      "talk.mts": IMPORTS + TYPED + PRINT,
      "talk.cts": REQUIRES + TYPED + PRINT,
    });
    const cwd = installed(".."); // it looks for itself from there
    const register = ["--import=@swc-node/register/esm-register", "--no-warnings"];
    await prints([...node, ...register, join(folder, "talk.mts")], cwd);
    await prints([...node, "--require=@swc-node/register", join(folder, "talk.cts")], cwd);
  },
  ...Object.fromEntries(
    Object.keys(BUNDLERS).flatMap((name) => [
      [`${name}, for pages`, async () => page(await bundle(name, "page", PAGE, false))],
      [`${name}, for servers`, async () => {
        for (const format of ["esm", "cjs"] as const) {
          if (format === "esm" && /webpack|Rspack/.test(name)) continue; // they write CommonJS
          await server(await bundle(name, format, IMPORTS + TALK + PRINT, true, format));
        }
      }],
    ]),
  ),
  "bun build, for pages": async () => {
    const folder = await write("bun_page", { "entry.mjs": PAGE });
    const file = join(folder, "bundle.js");
    await output([
      ...bun,
      "build",
      join(folder, "entry.mjs"),
      "--format=iife",
      "--outfile",
      file,
    ]);
    await page(file);
  },
  "bun build, for servers": async () => {
    const folder = await write("bun_server", { "entry.mjs": IMPORTS + TALK + PRINT });
    for (const target of ["node", "bun"]) {
      const file = join(folder, target, "bundle.mjs");
      const entry = join(folder, "entry.mjs");
      await output([...bun, "build", entry, `--target=${target}`, "--outfile", file]);
      await server(file, target === "bun" ? bun : node);
    }
  },
  "bun build --compile": async () => {
    const folder = await write("bun_compile", { "entry.mjs": IMPORTS + TALK + PRINT });
    const file = join(folder, "talk");
    await output([...bun, "build", "--compile", join(folder, "entry.mjs"), "--outfile", file]);
    await prints([file]);
    await rm(file); // a runtime is in it
  },
};
