/** Finds a package that connects to Redis, for those who give a URL. @module */

/** The class or function of each package that makes a client of a URL. */
interface Package {
  readonly Redis?: new (url: string, options: object) => unknown;
  readonly createClient?: (options: { url: string }) => unknown;
}

/** Names of the packages, in the order in which they are tried. */
const PACKAGES = ["ioredis", "iovalkey", "redis"];

/** Where Bun's own client is, which is there without a package. */
const BUILT_IN = "bun";

async function importOf(name: string): Promise<Package | undefined> {
  try {
    return await import(name);
  } catch {
    return undefined; // not installed; Deno also asks for it to be named with its registry
  }
}

/**
 * Makes a client that is not connected.
 *
 * @throws {Error} If no package is found.
 */
export async function clientFor(url: string): Promise<unknown> {
  for (const name of [...PACKAGES, ...PACKAGES.map((name) => `npm:${name}`)]) {
    const found = await importOf(name);
    if (found?.Redis !== undefined) return new found.Redis(url, { lazyConnect: true });
    if (found?.createClient !== undefined) return found.createClient({ url });
  }
  const bun = await importOf(BUILT_IN) as
    | { RedisClient?: new (url: string) => unknown }
    | undefined;
  if (bun?.RedisClient !== undefined) return new bun.RedisClient(url);
  throw new Error(
    `Cannot connect to ${new URL(url).host}: install one of the packages ${PACKAGES.join(", ")}`,
  );
}
