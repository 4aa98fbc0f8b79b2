/** What a connection with PostgreSQL is to the broker, whichever client makes it. @module */

/** What happens to a session. */
export interface SessionEvents {
  /** A notification has come. */
  notified(name: string, payload: string): void;
  /** The session is of no use any more. */
  ended(error?: unknown): void;
}

/** A connection with PostgreSQL, or two of one client. It begins to connect when it is made. */
export interface Session {
  /** Resolves when it is connected; rejects if it cannot be. */
  readonly ready: Promise<unknown>;
  /** Begins to listen on a channel whose name needs no quotes. */
  listen(name: string): Promise<unknown>;
  /** Ends that. */
  unlisten(name: string): Promise<unknown>;
  /** Runs a statement whose parameters are text. Resolves with its rows. */
  run(statement: string, parameters: readonly string[]): Promise<readonly Row[]>;
  /** Ends, at once if the engine does not answer. */
  end(): Promise<unknown> | void;
}

/** A row of a result. */
export type Row = Readonly<Record<string, unknown>>;
