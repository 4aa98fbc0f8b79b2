/** The browsers that tests start, and how. @module */

import type { ChildProcess } from "node:child_process";
import process from "node:process";

/** A browser by its name. */
export type BrowserName = "chromium" | "firefox";

/** The part of a page of puppeteer-core that is used here. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R,
    ...args: A
  ): Promise<Awaited<R>>;
  /** Cuts the browser off, or lets it in again, with the events that belong to it. */
  setOfflineMode(offline: boolean): Promise<void>;
  /** Shows it in front of all others, which are hidden then. */
  bringToFront(): Promise<void>;
  close(): Promise<void>;
  /** Speaks the DevTools protocol with it; only Chromium does. */
  createCDPSession(): Promise<{ send(method: string, params: object): Promise<unknown> }>;
  /** Tells of a page that has crashed; only Chromium does. */
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of its browsers. */
export interface Browser {
  newPage(): Promise<Page>;
  version(): Promise<string>;
  process(): ChildProcess | null;
  once(event: "disconnected", listener: () => void): unknown;
  close(): Promise<void>;
}

/** How it starts one. */
interface LaunchOptions {
  readonly browser: "chrome" | "firefox";
  readonly executablePath: string;
  readonly args?: readonly string[];
  /** Kills the browser and all its processes. */
  readonly signal?: AbortSignal;
}

const browsers: Readonly<Record<BrowserName, LaunchOptions>> = {
  chromium: {
    browser: "chrome",
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    // What needs no network of its own, nor a kernel's help that root does not get.
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

/** How long a browser may take to close, in ms; then it is killed. */
const CLOSING = 5_000;

/** Another module of the tools: they are not among the libraries. */
export async function tool<T>(path: string): Promise<T> {
  return await import(new URL(path, new URL("../../scripts/node_modules/", import.meta.url)).href);
}

/** Where a browser is, if it is installed. */
export function pathOf(name: BrowserName): string {
  return browsers[name].executablePath;
}

/** A browser that runs. */
export interface Running extends AsyncDisposable {
  readonly browser: Browser;
}

/** Starts a browser. It ends when it is disposed of, whatever state it is in. */
export async function launch(name: BrowserName): Promise<Running> {
  const { default: puppeteer } = await tool<
    { default: { launch(options: LaunchOptions): Promise<Browser> } }
  >("puppeteer-core/lib/puppeteer/puppeteer-core.js");
  const kill = new AbortController();
  const browser = await puppeteer.launch({ ...browsers[name], signal: kill.signal });
  return {
    browser,
    async [Symbol.asyncDispose]() {
      const late = setTimeout(() => kill.abort(), CLOSING);
      await browser.close();
      clearTimeout(late);
    },
  };
}
