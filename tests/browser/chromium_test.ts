// The contract in Chromium, and whom a server lets in from there.

import process from "node:process";
import { after } from "node:test";
import { contractInPage } from "./contract_in_page.ts";
import { launch } from "./launch.ts";
import { originsInPage } from "./origins_in_page.ts";

const browser = await launch({
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
});
after(() => browser.close());

await originsInPage("chromium", browser);
await contractInPage("chromium", browser);
