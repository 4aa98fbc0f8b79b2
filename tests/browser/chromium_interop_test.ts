// Chromium: libraries over our class in place of its own.

import { after } from "node:test";
import { launch } from "./browsers.ts";
import { interopInPage } from "./interop_in_page.ts";

const running = await launch("chromium");
after(() => running[Symbol.asyncDispose]());

await interopInPage("chromium", running.browser);
