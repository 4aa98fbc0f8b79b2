// Lints by ESLint, with types: see lint/eslint.config.mjs for the rules.
//
//   node scripts/lint.mjs            mod.ts, src and scripts
//   node scripts/lint.mjs FILE …     these files
//
// Faults are planted in lint/plants/, and each must be found, on its line and by its rule: a linter
// that has lost its types, or a rule that has been turned off, finds nothing and looks like success.

import { ESLint } from "eslint";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const scripts = dirname(fileURLToPath(import.meta.url));
const root = dirname(scripts);
const plants = join(scripts, "lint/plants");

const given = process.argv.slice(2);
const files = readdirSync(plants).map((name) => join(plants, name));
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: join(scripts, "lint/eslint.config.mjs"),
});
const results = await eslint.lintFiles([
  ...(given.length > 0 ? given : ["mod.ts", "src", "scripts"]),
  ...files,
]);

/** Lines of a plant, each with the rule that must find it: `// found by RULE`. */
function planted(file) {
  return readFileSync(file, "utf8").split("\n").flatMap((text, at) => {
    const [, rule] = /\/\/ found by (\S+)$/.exec(text) ?? [];
    return rule === undefined ? [] : [`${at + 1} ${rule}`];
  });
}

const problems = [];
for (const { filePath, messages } of results) {
  const found = new Map(messages.map((message) => {
    const { line, column, ruleId, message: text } = message;
    return [`${line} ${ruleId ?? "error"}`, `:${line}:${column}: ${text} (${ruleId ?? "error"})`];
  }));
  const name = relative(root, filePath);
  if (files.includes(filePath)) {
    for (const fault of planted(filePath)) {
      if (!found.delete(fault)) problems.push(`${name}: not found: the fault in line ${fault}`);
    }
  }
  for (const text of found.values()) problems.push(`${name}${text}`);
}
const linted = new Set(results.map(({ filePath }) => filePath));
for (const file of files) {
  if (!linted.has(file)) problems.push(`${relative(root, file)}: it was not linted`);
}
if (files.length === 0) problems.push("There is no planted fault");
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
