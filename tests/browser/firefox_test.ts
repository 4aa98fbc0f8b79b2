// The contract in Firefox.

import process from "node:process";
import { contractInPage } from "./contract_in_page.ts";

await contractInPage("firefox", {
  browser: "firefox",
  executablePath: process.env["FIREFOX"] ?? "/usr/bin/firefox-esr",
});
