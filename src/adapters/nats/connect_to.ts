/** Connects to a URL, by a package that is installed. @module */

import type { NatsConnection } from "./nats_connection.ts";

/** What is used of a package. */
interface Package {
  readonly connect: (options: object) => Promise<NatsConnection>;
}

/** Names of the packages, in the order in which they are tried. */
const PACKAGES = ["@nats-io/transport-node", "nats"];

/** Time until an attempt is given up, in milliseconds. */
const CONNECTING = 5000;

async function importOf(name: string): Promise<Package | undefined> {
  try {
    return await import(name);
  } catch {
    return undefined; // not installed; Deno also asks for it to be named with its registry
  }
}

/** Returns the options of a client for a URL: it reads neither names nor passwords of one. */
function optionsOf({ protocol, host, username, password }: URL): object {
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  return {
    servers: host,
    reconnect: false,
    timeout: CONNECTING,
    ...(protocol === "tls:" ? { tls: {} } : undefined),
    ...(user === "" ? undefined : pass === "" ? { token: user } : { user, pass }),
  };
}

/**
 * Makes a connection.
 *
 * @throws {Error} If no package is found, or the server does not answer.
 */
export async function connectTo(url: URL): Promise<NatsConnection> {
  for (const name of [...PACKAGES, ...PACKAGES.map((name) => `npm:${name}`)]) {
    const found = await importOf(name);
    if (found?.connect !== undefined) return await found.connect(optionsOf(url));
  }
  throw new Error(`Cannot connect to ${url.host}: install the package ${PACKAGES[0]}`);
}
