// The contract in Chromium, whom a server lets in from there, and what reconnect() does there.

import { after } from "node:test";
import { launch } from "./browsers.ts";
import { contractInPage } from "./contract_in_page.ts";
import { originsInPage } from "./origins_in_page.ts";
import { reconnectInPage } from "./reconnect_in_page.ts";

const running = await launch("chromium");
after(() => running[Symbol.asyncDispose]());

await originsInPage("chromium", running.browser);
await reconnectInPage("chromium", running.browser);
await contractInPage("chromium", running.browser);
