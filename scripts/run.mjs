// The one entry for a machine that has only Node (20 or later) and npm:
//
//   npm start [-- --port 9000 …]   isosocket serve
//   npm test [suite …]             every suite, or those that are named
//   npm run pack [-- file.tgz]     the package that npm will have
//
// All install what they need first, from the lock files, and again when a lock file has changed.

import process from "node:process";

// Each has its own way with signals, so only one of them is loaded.
const commands = {
  start: async (args) => await (await import("./run/start.mjs")).start(args),
  pack: async (args) => await (await import("./run/pack.mjs")).pack(args),
  test: async (args) => await (await import("./run/test.mjs")).test(args),
};
const [name, ...args] = process.argv.slice(2);

if (!Object.hasOwn(commands, name ?? "")) {
  console.error(
    "Usage: npm start [-- options of isosocket serve]\n       npm test [suite ...]\n       " +
      "npm run pack [-- file.tgz]",
  );
  process.exit(2);
}
try {
  process.exitCode = await commands[name](args);
} catch (error) {
  console.error(error.message);
  process.exitCode = error.code === "USAGE" ? 2 : 1;
}
