// Bare runtimes and isosocket give the known verdicts: a difference either way has to be explained.
//
// scripts/matrix.ts writes tests/expectations/*.json anew. Browsers have suites of their own.

import { doesAsKnown } from "./as_known.ts";
import { subjects } from "./subjects.ts";

for (const subject of subjects) {
  if (subject.browser === undefined) doesAsKnown(subject);
}
