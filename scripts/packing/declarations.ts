/**
 * What the declarations of the npm package need beyond what TypeScript writes: they work where the
 * platform's types are missing.
 *
 * @module
 */

import { posix } from "node:path";

/** Module of the package with the platform's types, or shapes of our own. */
export const PLATFORM = "platform";

/** A type and a symbol that only the library `esnext.disposable` and the types of runtimes declare. */
const DISPOSABLE = /\bAsyncDisposable\b|\bSymbol\.asyncDispose\b/;

/** A comment, or a string. */
const NO_CODE = /\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"/g;

/** Returns the names of the platform that `platform.d.ts` exports: others are the shapes behind them. */
export function platformNames(platform: string): string[] {
  return [...platform.matchAll(/^export (?:interface|type) (?!Own)(\w+)/gm)].map(([, name]) =>
    name!
  );
}

/**
 * Makes declarations import the types of the platform that they name.
 *
 * @param module Path of the module in the package, without extension.
 * @param text Declarations that TypeScript wrote.
 * @param names Names of the platform.
 */
export function withPlatform(module: string, text: string, names: readonly string[]): string {
  const path = posix.relative(posix.dirname(module), PLATFORM);
  const specifier = `${path.startsWith(".") ? "" : "./"}${path}.js`;
  const code = text.replaceAll(NO_CODE, '""');
  const used = names.filter((name) => isUsed(name, code) && !isDeclared(name, code));
  // What has the name of the platform's itself, for instance `export type WebSocket = globalThis.…`.
  const qualified = text.replaceAll(
    /\bglobalThis\.(\w+)/g,
    (whole, name) => names.includes(name) ? `import("${specifier}").${name}` : whole,
  );
  return [
    ...(DISPOSABLE.test(code) ? ['/// <reference lib="esnext.disposable" />\n'] : []),
    ...(used.length > 0 ? [`import type { ${used.join(", ")} } from "${specifier}";\n`] : []),
    qualified,
  ].join("");
}

/** Returns whether code names a type. An import too many does no harm. */
function isUsed(name: string, code: string): boolean {
  return new RegExp(`(?<![.\\w])${name}\\b(?!\\??:)`).test(code);
}

/** Returns whether a module declares or imports a name itself. */
function isDeclared(name: string, code: string): boolean {
  return new RegExp(
    `\\b(?:class|interface|type|const|let|function) ${name}\\b|\\bimport\\b[^;]*\\b${name}\\b[^;]*\\bfrom\\b`,
  ).test(code);
}
