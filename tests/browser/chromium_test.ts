// The contract in Chromium.

import process from "node:process";
import { contractInPage } from "./contract_in_page.ts";

await contractInPage("chromium", {
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
