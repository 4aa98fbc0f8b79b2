/** Task: to import a package, and listen. @module */

import { pathToFileURL } from "node:url";
import { packedPackage } from "../packed_package.ts";
import { start, type Task } from "./task.ts";

/** What a start reports. */
interface StartUp {
  readonly ms: number;
  readonly isUndiciLoaded: boolean;
}

/** Packed once for all contests. */
let folder: string | undefined;

/** Returns what a candidate imports: isosocket's package as it is published, or another one. */
function specifierOf(program: string): string {
  if (program !== "isosocket") return program;
  folder ??= packedPackage();
  return pathToFileURL(`${folder}/esm/mod.js`).href;
}

/** Task: to import what serves, and listen. Each turn is a process of its own, on Node. */
export const START_UP: Task = {
  part: "import",
  title: "import, until it listens",
  unit: "ms",
  judgedBy: "cost",
  enter({ program }, runtime) {
    const specifier = specifierOf(program);
    return Promise.resolve(async () => {
      await using child = start(runtime, "starting.mjs", specifier);
      const { ms, isUndiciLoaded } = await child.hear<StartUp>();
      return { cost: ms, ...isUndiciLoaded && { fault: "undici is loaded" } };
    });
  },
};
