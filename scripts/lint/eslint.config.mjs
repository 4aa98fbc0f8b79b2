// What deno lint has no rules for, since they need types or look into patterns: promises whose
// rejection nobody gets, and regular expressions that take more than linear time.

import regexp from "eslint-plugin-regexp";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parser, plugin } from "typescript-eslint";

const here = dirname(fileURLToPath(import.meta.url));

export default [
  {
    ignores: [
      "**/node_modules/",
      "scripts/run/plants/",
      "src/cli/serve/inspector/reconnect_bundle.ts",
    ],
  },
  {
    files: ["**/*.ts", "**/*.mjs"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      parser,
      parserOptions: { project: join(here, "tsconfig.json"), tsconfigRootDir: here },
    },
    plugins: { "@typescript-eslint": plugin, regexp },
    rules: {
      // `void` says that somebody meant it, not where the rejection goes: with it allowed, every
      // finding could be silenced by five characters. What cannot reject says so by its catch.
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }],
      "@typescript-eslint/no-misused-promises": "error",
      // "potential", since whether a pattern is exploited depends on where its text comes from.
      "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
      // Only what an alternative that repeats another costs: that it is needless is no fault.
      "regexp/no-dupe-disjunctions": ["error", {
        report: "interesting",
        reportExponentialBacktracking: "potential",
        reportUnreachable: "certain",
      }],
      "regexp/no-super-linear-move": ["error", { report: "potential", ignorePartial: false }],
    },
  },
];
