// Chromium does as the judge is known to find it.

import { judgedInPage } from "./judged_in_page.ts";

judgedInPage("chromium");
