/** Starts a real browser. @module */

/** How to start a browser. */
export interface BrowserOptions {
  /** What driver it needs. */
  readonly browser: "chrome" | "firefox";
  /** Where it is. */
  readonly executablePath: string;
  /** How it is called. */
  readonly args?: readonly string[];
}

/** The part of a page of puppeteer-core that is used here. */
export interface Page {
  /** Opens a URL. */
  goto(url: string): Promise<unknown>;
  /** Runs a function in the page. */
  evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R,
    ...args: A
  ): Promise<Awaited<R>>;
}

/** The part of a browser of puppeteer-core that is used here. */
export interface Browser {
  /** Opens a tab. */
  newPage(): Promise<Page>;
  /** Its name and number. */
  version(): Promise<string>;
  /** Ends it. */
  close(): Promise<void>;
}

const tools = new URL("../../scripts/node_modules/", import.meta.url);

/** A module that is not among the libraries, but with the tools. */
export async function tool<T>(path: string): Promise<T> {
  return await import(new URL(path, tools).href);
}

/** Starts a browser. */
export async function launch(options: BrowserOptions): Promise<Browser> {
  const { default: puppeteer } = await tool<
    { default: { launch(options: BrowserOptions): Promise<Browser> } }
  >("puppeteer-core/lib/puppeteer/puppeteer-core.js");
  return puppeteer.launch(options);
}
