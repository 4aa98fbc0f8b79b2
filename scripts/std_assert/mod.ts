// Stands in for jsr:@std/assert where JSR is out of reach: npm's republication of it, with types.
// @ts-types="./mod.d.ts"
export * from "npm:deno-std@1.4.0/assert/mod.js";
