// A process that imports a module, if it is told one, and says what it holds then.

import process from "node:process";

const [module] = process.argv.slice(2);
if (module !== undefined) await import(module);
console.log(JSON.stringify({ rss: process.memoryUsage().rss }));
