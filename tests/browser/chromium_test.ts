// Chromium: the contract, the origins that a server accepts, and reconnect().

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
