// The contract in Firefox, and whom a server lets in from there.

import process from "node:process";
import { after } from "node:test";
import { contractInPage } from "./contract_in_page.ts";
import { launch } from "./launch.ts";
import { originsInPage } from "./origins_in_page.ts";

const browser = await launch({
  browser: "firefox",
  executablePath: process.env["FIREFOX"] ?? "/usr/bin/firefox-esr",
});
after(() => browser.close());

await originsInPage("firefox", browser);
await contractInPage("firefox", browser);
