/**
 * Declarations of the part of `@deno/dnt` 0.43.2 that `build_npm.ts` uses, for type checks without JSR.
 * tests/package/build_test.ts compares them with what it uses.
 *
 * @module
 */

/** An entry point of the package. */
export interface EntryPoint {
  /** Whether it is imported or run. */
  kind?: "bin" | "export";
  /** Name in `exports`, or of the command. */
  name: string;
  /** Path of the source. */
  path: string;
}

/** Polyfills that are on unless they are switched off. One more, of `import.meta`, cannot be. */
export interface PolyfillOptions {
  arrayFindLast?: boolean;
  arrayFromAsync?: boolean;
  errorCause?: boolean;
  objectHasOwn?: boolean;
  promiseWithResolvers?: boolean;
  stringReplaceAll?: boolean;
}

/** Options of the compiler. */
export interface CompilerOptions {
  target?: "ES2021" | "ES2022" | "ES2023" | "Latest";
  lib?: ("ES2022" | "ESNext" | "DOM" | "DOM.Iterable")[];
  noUncheckedIndexedAccess?: boolean;
  stripInternal?: boolean;
}

/** Options of `build()`. */
export interface BuildOptions {
  /** Entry points of the package. */
  entryPoints: (string | EntryPoint)[];
  /** Folder of the package. */
  outDir: string;
  /** Shims for globals of Deno. */
  shims: Record<string, never>;
  /** Polyfills. */
  polyfills?: PolyfillOptions;
  /** Whether tests are built and run. */
  test?: boolean;
  /** Form of the package that is type-checked. */
  typeCheck?: "both" | "single" | false;
  /** Placement of the declarations. */
  declaration?: "inline" | "separate" | false;
  /** Whether CommonJS is built too. */
  scriptModule?: "cjs" | "umd" | false;
  /** Whether the sources are left out of the package. */
  skipSourceOutput?: boolean;
  /** Compiler options. */
  compilerOptions?: CompilerOptions;
  /** Manifest of the package. */
  package: { name: string; version: string; [field: string]: unknown };
  /** Called when all files are written. */
  postBuild?: () => void | Promise<void>;
}

/** Builds a package. */
export declare function build(options: BuildOptions): Promise<void>;

/** Empties a folder, or makes it. */
export declare function emptyDir(path: string): Promise<void>;
