/**
 * Declarations of the part of `@deno/dnt` that `build_npm.ts` uses, for type checks without JSR.
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

/** A diagnostic of TypeScript. */
export interface Diagnostic {
  /** Number of the diagnostic. */
  readonly code: number;
}

/** Options of `build()`. */
export interface BuildOptions {
  /** Entry points of the package. */
  entryPoints: (string | EntryPoint)[];
  /** Folder of the package. */
  outDir: string;
  /** Shims for globals of Deno. */
  shims: { deno?: boolean | "dev" };
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
  compilerOptions?: {
    target?: "ES2021" | "ES2022" | "ES2023" | "Latest";
    lib?: ("ES2022" | "ESNext" | "DOM" | "DOM.Iterable")[];
    noUncheckedIndexedAccess?: boolean;
    stripInternal?: boolean;
  };
  /** Returns whether a diagnostic counts. */
  filterDiagnostic?: (diagnostic: Diagnostic) => boolean;
  /** Manifest of the package. */
  package: { name: string; version: string; [field: string]: unknown };
  /** Called when all files are written. */
  postBuild?: () => void | Promise<void>;
}

/** Builds a package. */
export declare function build(options: BuildOptions): Promise<void>;

/** Empties a folder, or makes it. */
export declare function emptyDir(path: string): Promise<void>;
