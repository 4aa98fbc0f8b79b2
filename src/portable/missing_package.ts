/** Error of a package that is imported late and not installed. @module */

/**
 * Names the package to install, if a module could not be imported for lack of one.
 *
 * @param error The error of `import()`.
 * @param cannot What the caller cannot do without it, for the message.
 * @returns The error to throw: `error` itself if it has another cause.
 */
export function missingPackage(error: unknown, cannot: string): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (!/^(?:ERR_)?MODULE_NOT_FOUND$/.test(`${code}`)) return error;
  const [, name] = /(?:package|module) ['"]([@\w][^'"]*)['"]/i.exec(`${message}`) ?? [];
  if (name === undefined) return error; // a file is missing, which installing does not mend
  return new Error(`Cannot ${cannot}: the package "${name}" must be installed`, { cause: error });
}
