/** What is told where a package that is loaded late is not installed. @module */

/**
 * Says which package to install, if that is why a module could not be loaded.
 *
 * @param error What `import()` failed with.
 * @param cannot What cannot be done without it.
 * @returns The error to throw: the same, if it is another one.
 */
export function missingPackage(error: unknown, cannot: string): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (!/^(?:ERR_)?MODULE_NOT_FOUND$/.test(`${code}`)) return error;
  const [, name] = /(?:package|module) ['"]([@\w][^'"]*)['"]/i.exec(`${message}`) ?? [];
  if (name === undefined) return error; // a file is missing: that is no matter of installing
  return new Error(`Cannot ${cannot}: the package "${name}" must be installed`, { cause: error });
}
