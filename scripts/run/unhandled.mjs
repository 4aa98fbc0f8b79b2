// Deno's node:test takes uncaught exceptions and late rejections from the runner and drops them: a
// test passes while a listener, a timer or a callback in it throws. Loaded before it by --preload,
// this keeps them from it, and the runner fails the file that they come from, with the stack.
// The runners of Bun and Node do that by themselves; planted.mjs tries all three.

for (const type of ["error", "unhandledrejection"]) {
  globalThis.addEventListener(type, (event) => event.stopImmediatePropagation());
}
