/**
 * What `build_npm.ts` uses of `@deno/dnt`, by which it is checked where JSR is out of reach.
 *
 * @module
 */

/** A module that users get. */
export interface EntryPoint {
  /** Whether it is imported, or run. */
  kind?: "bin" | "export";
  /** The name in `exports`, or of the command. */
  name: string;
  /** The source. */
  path: string;
}

/** What is the matter with a source, as TypeScript tells it. */
export interface Diagnostic {
  /** TypeScript's number for it. */
  readonly code: number;
}

/** What is built, and how. */
export interface BuildOptions {
  /** What users get. */
  entryPoints: (string | EntryPoint)[];
  /** Where it is put. */
  outDir: string;
  /** What stands in for globals of Deno. */
  shims: { deno?: boolean | "dev" };
  /** Whether tests are built and run. */
  test?: boolean;
  /** Which of the two forms is checked. */
  typeCheck?: "both" | "single" | false;
  /** Where declarations are put. */
  declaration?: "inline" | "separate" | false;
  /** Whether CommonJS is built too. */
  scriptModule?: "cjs" | "umd" | false;
  /** Whether the sources are left out of the package. */
  skipSourceOutput?: boolean;
  /** For TypeScript. */
  compilerOptions?: {
    target?: "ES2021" | "ES2022" | "ES2023" | "Latest";
    lib?: ("ES2022" | "ESNext" | "DOM" | "DOM.Iterable")[];
    noUncheckedIndexedAccess?: boolean;
    stripInternal?: boolean;
  };
  /** Which diagnostics count. */
  filterDiagnostic?: (diagnostic: Diagnostic) => boolean;
  /** The manifest. */
  package: { name: string; version: string; [field: string]: unknown };
  /** Is called when all is written. */
  postBuild?: () => void | Promise<void>;
}

/** Builds a package. */
export declare function build(options: BuildOptions): Promise<void>;

/** Empties a folder, or makes it. */
export declare function emptyDir(path: string): Promise<void>;
