// The contract in Chromium.

import { contractInPage } from "./contract_in_page.ts";

await contractInPage("chromium");
