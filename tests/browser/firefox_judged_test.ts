// Firefox's verdicts are the expected ones.

import { judgedInPage } from "./judged_in_page.ts";

judgedInPage("firefox");
