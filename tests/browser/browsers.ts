/** Browsers that tests start. @module */

import type { ChildProcess } from "node:child_process";
import process from "node:process";

/** Name of a browser. */
export type BrowserName = "chromium" | "firefox";

/** The part of puppeteer-core's page that is used here. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R,
    ...args: A
  ): Promise<Awaited<R>>;
  /** Takes the page offline or online, with the events that belong to it. */
  setOfflineMode(offline: boolean): Promise<void>;
  /** Shows the page in front of all others, which are then hidden. */
  bringToFront(): Promise<void>;
  close(): Promise<void>;
  /** Opens a session of the DevTools protocol: only Chromium has it. */
  createCDPSession(): Promise<{ send(method: string, params: object): Promise<unknown> }>;
  /** Calls the listener when the page has crashed: only Chromium does. */
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of puppeteer-core's browser that is used here. */
export interface Browser {
  newPage(): Promise<Page>;
  version(): Promise<string>;
  process(): ChildProcess | null;
  once(event: "disconnected", listener: () => void): unknown;
  close(): Promise<void>;
}

/** Options of puppeteer-core's `launch()`. */
interface LaunchOptions {
  readonly browser: "chrome" | "firefox";
  readonly executablePath: string;
  readonly args?: readonly string[];
  /** Takes any certificate: those of tests are signed by nobody whom a browser knows. */
  readonly acceptInsecureCerts?: boolean;
  /** Kills the browser and all its processes. */
  readonly signal?: AbortSignal;
}

const browsers: Readonly<Record<BrowserName, LaunchOptions>> = {
  chromium: {
    browser: "chrome",
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    // No network traffic of its own, and no kernel features that root does not get.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
  firefox: {
    browser: "firefox",
    executablePath: process.env["FIREFOX"] ?? "/usr/bin/firefox-esr",
  },
};

/** Milliseconds that a browser has to close; then it is killed. */
const CLOSING = 5_000;

/** Imports a module of scripts/node_modules, which is not among the project's dependencies. */
export async function tool<T>(path: string): Promise<T> {
  return await import(new URL(path, new URL("../../scripts/node_modules/", import.meta.url)).href);
}

/** Returns the path of a browser's executable, if it is installed. */
export function pathOf(name: BrowserName): string {
  return browsers[name].executablePath;
}

/** A running browser. */
export interface Running extends AsyncDisposable {
  readonly browser: Browser;
}

/** Starts a browser. Disposing of it ends the browser, in whatever state it is. */
export async function launch(name: BrowserName): Promise<Running> {
  const { default: puppeteer } = await tool<
    { default: { launch(options: LaunchOptions): Promise<Browser> } }
  >("puppeteer-core/lib/puppeteer/puppeteer-core.js");
  const kill = new AbortController();
  const browser = await puppeteer.launch({
    ...browsers[name],
    acceptInsecureCerts: true,
    signal: kill.signal,
  });
  return {
    browser,
    async [Symbol.asyncDispose]() {
      const late = setTimeout(() => kill.abort(), CLOSING);
      await browser.close();
      clearTimeout(late);
    },
  };
}
