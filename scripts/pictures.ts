// Makes the pictures of the README and of docs/: the inspector, a report of the judge, and a terminal,
// each in light and dark, of what the programs show now.
//
//   node scripts/pictures.ts     Node 22.18 or newer; Chromium and script(1) are needed

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launch } from "../tests/browser/browsers.ts";
import { serving, start } from "../tests/cli/command.ts";
import { onTerminal } from "../tests/cli/terminal.ts";
import { drawn, SCHEMES } from "./pictures/drawing.ts";
import { screenOf, typed } from "./pictures/screen.ts";

/** The part of puppeteer-core's page that takes pictures. What runs in the page is text. */
interface Camera {
  goto(url: string): Promise<unknown>;
  evaluate(code: string): Promise<unknown>;
  setViewport(size: { width: number; height: number; deviceScaleFactor: number }): Promise<void>;
  emulateMediaFeatures(features: { name: string; value: string }[]): Promise<void>;
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  waitForFunction(code: string): Promise<unknown>;
  screenshot(options: { path: string }): Promise<unknown>;
}

const folder = fileURLToPath(new URL("../docs/pictures/", import.meta.url));

/** Port that the pictures show: that of a server without `--port`. */
const PORT = "8080";

/** Sizes of the screenshots. */
const SIZES = {
  inspector: { width: 1100, height: 602, deviceScaleFactor: 1 },
  report: { width: 1240, height: 720, deviceScaleFactor: 1 },
};

/** Opens a page, and takes a picture of it in each colour scheme, when `act` has shown something. */
async function photograph(
  page: Camera,
  name: keyof typeof SIZES,
  url: string,
  act: (page: Camera) => Promise<void>,
): Promise<void> {
  await page.setViewport(SIZES[name]);
  for (const scheme of SCHEMES) {
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await page.goto("about:blank");
    await page.goto(url);
    await act(page);
    await delay(500);
    await page.screenshot({ path: join(folder, `${name}-${scheme}.png`) });
  }
}

/** Connects in the inspector, and sends two messages. */
async function inspect(page: Camera): Promise<void> {
  await page.type("#protocols", "chat.v2");
  await page.click("#connect button");
  await page.waitForFunction('document.querySelector("#handshake .http") !== null');
  for (const text of ["hello", "Zażółć ✓"]) {
    await page.evaluate(`document.querySelector("#text").value = ${JSON.stringify(text)}`);
    await page.evaluate('document.querySelector("#send-button").click()');
    await delay(200);
  }
  await page.evaluate("scrollTo(0, 0)");
}

/** Opens what failed in a report, and the bytes of its first case. */
async function openFailure(page: Camera): Promise<void> {
  await page.evaluate(`
    const click = (words) =>
      [...document.querySelectorAll("button")].find((each) => words.test(each.textContent))?.click();
    click(/^Failed/);
    if (document.querySelector("tr[data-at]") === null) click(/^Open all/);
    document.querySelector("tr[data-at] .open").click();
  `);
}

/** Runs the commands of the terminal's picture, and returns what a terminal shows of them. */
async function terminal(url: string): Promise<string> {
  const options = { columns: 84, env: { NO_COLOR: undefined } };
  const connected = await onTerminal(["connect", url], [
    [/Connected/, "hello\r"],
    [/<(?:␛\[\d+m)? hello/, "/ping\r"],
    [/Pong/, "\u0004"],
  ], options);
  const judged = await onTerminal(["judge", url, "5.5"], [], options);
  if (!connected.text.includes("Closed") || !judged.text.includes(" passed")) {
    throw new Error(`Cannot draw the terminal: ${connected.text}${judged.text.slice(-500)}`);
  }
  return [
    typed(`isosocket connect ${url}`),
    connected.text,
    "\r\n",
    typed(`isosocket judge ${url} 5.5`),
    judged.text,
  ].join("");
}

mkdirSync(folder, { recursive: true });
const reports = mkdtempSync(join(tmpdir(), "isosocket-pictures-"));
const server = await serving(["--quiet", "--port", PORT]);
const socketUrl = server.url.replace("http", "ws");
try {
  const screen = screenOf(await terminal(socketUrl), 84);
  for (const scheme of SCHEMES) {
    writeFileSync(join(folder, `terminal-${scheme}.svg`), drawn(screen, scheme));
  }

  await using running = await launch("chromium");
  const page = await running.browser.newPage() as unknown as Camera;
  await photograph(page, "inspector", server.url, inspect);

  await start(["judge", socketUrl, "6455", "--html", reports]).ended;
  await photograph(page, "report", pathToFileURL(join(reports, "index.html")).href, openFailure);
} finally {
  server.kill("SIGTERM");
  await server.ended;
  rmSync(reports, { recursive: true });
}
