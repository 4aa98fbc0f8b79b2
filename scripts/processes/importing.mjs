// A process that imports the module of its argument, if there is one, and prints its resident memory.

import process from "node:process";

const [module] = process.argv.slice(2);
if (module !== undefined) await import(module);
console.log(JSON.stringify({ rss: process.memoryUsage().rss }));
