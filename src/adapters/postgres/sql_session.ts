// deno-lint-ignore-file no-explicit-any -- whatever the client's own types are has to fit
/** Sessions by the package `postgres`, or by Bun's own client. @module */

import type { Session, SessionEvents } from "./session.ts";

/** Part of the `sql` of the package `postgres`, or of Bun's `SQL`, that is used. */
export interface SqlClient {
  /** Listens on a channel by a connection of its own, which is made again when it is lost. */
  listen(
    channel: string,
    onNotify: (payload: string) => void,
    onListen?: () => void,
  ): Promise<any>;
  /** Runs a statement. */
  unsafe(statement: string, parameters?: any): any;
  /** Ends all connections, at most so many seconds later. */
  end(options?: any): Promise<unknown>;
  /** What it was made with. */
  readonly options?: any;
}

/** Makes a session by a client that is the session's own. */
export function sqlSession(sql: SqlClient, { notified, ended }: SessionEvents): Session {
  // Package `postgres` asks for the types of arrays first, and nobody gets the rejection of that if the
  // connection is destroyed meanwhile: it would end the process. No array is used here.
  if (sql.options !== undefined) Reflect.set(sql.options, "fetch_types", false);
  const listening = new Map<string, { unlisten(): Promise<unknown> }>();
  return {
    ready: sql.unsafe("select 1", []).then(() => {}), // it connects when it has something to do
    async listen(name) {
      let times = 0;
      const listener = await sql.listen(name, (payload) => notified(name, payload), () => {
        // It listens again by a new connection, and what came in between is lost.
        if (++times === 2) ended(new Error("The connection with PostgreSQL was lost"));
      });
      listening.set(name, listener);
    },
    async unlisten(name) {
      const listener = listening.get(name);
      listening.delete(name);
      await listener?.unlisten();
    },
    run: async (statement, parameters) => await sql.unsafe(statement, [...parameters]),
    end: () => sql.end({ timeout: 0 }),
  };
}
