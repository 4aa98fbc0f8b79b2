// The contract in Firefox.

import { contractInPage } from "./contract_in_page.ts";

await contractInPage("firefox");
