/** Finds a package that connects to PostgreSQL, for those who give a URL. @module */

import type { PgClient } from "./pg_session.ts";
import type { SqlClient } from "./sql_session.ts";

/** Client of one of the packages `pg` and `postgres`, or Bun's own. */
export type PostgresClient = PgClient | SqlClient;

/** What is used of each package. */
interface Package {
  readonly default?: {
    readonly Client?: new (options: object) => PostgresClient;
  } & ((url: string, options: object) => PostgresClient);
  readonly SQL?: new (url: string) => PostgresClient;
}

/** Names of the packages, in the order in which they are tried, and where Bun's own client is. */
const PACKAGES = ["pg", "postgres"];
const BUILT_IN = "bun";

/** Time until an attempt is given up, in milliseconds. */
const CONNECTING = 5000;

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
export async function clientFor(url: string): Promise<PostgresClient> {
  for (const name of [...PACKAGES, ...PACKAGES.map((name) => `npm:${name}`)]) {
    const found = (await importOf(name))?.default;
    if (found?.Client !== undefined) {
      return new found.Client({ connectionString: url, connectionTimeoutMillis: CONNECTING });
    }
    if (found !== undefined) return found(url, { max: 1, connect_timeout: CONNECTING / 1000 });
  }
  const bun = await importOf(BUILT_IN);
  if (bun?.SQL !== undefined) return new bun.SQL(url);
  throw new Error(
    `Cannot connect to ${new URL(url).host}: install one of the packages ${PACKAGES.join(", ")}`,
  );
}
