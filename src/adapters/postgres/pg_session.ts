// deno-lint-ignore-file no-explicit-any -- whatever the client's own types are has to fit
/** Sessions by the package `pg`. @module */

import type { Session, SessionEvents } from "./session.ts";

/** Part of a `Client` of the package `pg` that is used. */
export interface PgClient {
  /** Connects. */
  connect(): Promise<unknown>;
  /** Runs a statement. */
  query(statement: string, parameters?: any): Promise<any>;
  /** Ends the connection. */
  end(): Promise<unknown>;
  /** Adds a listener. */
  on(event: any, listener: (...args: any[]) => void): unknown;
}

/** Time for a connection to end by itself, in milliseconds. */
const ENDING = 500;

/** Makes a session by a client that is not connected, and that is the session's own. */
export function pgSession(client: PgClient, { notified, ended }: SessionEvents): Session {
  client.on("error", ended); // without a listener, a client that loses PostgreSQL ends the process
  let hasEnded = false;
  client.on("end", () => {
    hasEnded = true;
    ended();
  });
  client.on("notification", ({ channel, payload }) => notified(channel, payload));
  /** The client is given one statement after the other: it warns of what it has to keep. */
  let last: Promise<unknown> = Promise.resolve();
  const query = (statement: () => string, parameters?: readonly string[]): Promise<any> => {
    const result = last.then(() => client.query(statement(), parameters));
    last = result.catch(() => {}); // reported to who waits for it
    return result;
  };
  /** Commands that wait for their turn, and go together: a server may have thousands of topics. */
  let commands: string[] = [];
  let commanded: Promise<unknown> | undefined;
  const command = (text: string): Promise<unknown> => {
    commands.push(text);
    return commanded ??= query(() => {
      const all = commands.join(";");
      commands = [];
      commanded = undefined;
      return all;
    });
  };
  return {
    ready: client.connect(),
    listen: (name) => command(`listen ${name}`),
    unlisten: (name) => command(`unlisten ${name}`),
    run: async (statement, parameters) => (await query(() => statement, [...parameters])).rows,
    async end() {
      if (hasEnded) return;
      // It waits for the engine to close the connection, which a network may never tell.
      const destroy = (): void => (client as any).connection?.stream?.destroy?.();
      const timer = setTimeout(destroy, ENDING);
      client.on("end", () => clearTimeout(timer));
      await client.end();
      clearTimeout(timer);
    },
  };
}
