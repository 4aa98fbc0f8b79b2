/** Messages that come from PostgreSQL, of which the long ones have to be read. @module */

import type { Session } from "./session.ts";
import { reading } from "./statements.ts";

/** Delivers what comes in its order, also while a long message is read. */
export class Inbox {
  readonly #session: Session;
  readonly #statement: string;
  readonly #deliver: (name: string, message: string) => void;
  /** End of what has come last, if something is being read. */
  #last: Promise<void> | undefined;

  /** Makes an inbox. */
  constructor(session: Session, table: string, deliver: (name: string, message: string) => void) {
    this.#session = session;
    this.#statement = reading(table);
    this.#deliver = deliver;
  }

  /** Takes a notification. */
  take(name: string, payload: string): void {
    if (payload.startsWith("@")) this.#queue(() => this.#read(name, payload.slice(1)));
    else if (!payload.startsWith("=")) return; // not of this package
    else if (this.#last === undefined) this.#deliver(name, payload.slice(1));
    else this.#queue(() => this.#deliver(name, payload.slice(1)));
  }

  /** Does something behind all that came before. */
  #queue(deliver: () => Promise<void> | void): void {
    const last = (this.#last ?? Promise.resolve()).then(deliver).catch(() => {}).then(() => {
      if (this.#last === last) this.#last = undefined;
    });
    this.#last = last;
  }

  /** A message that is not there any more, or may not be read, is missed when the next one comes. */
  async #read(name: string, id: string): Promise<void> {
    const [row] = await this.#session.run(this.#statement, [id]);
    if (row !== undefined) this.#deliver(name, row.body as string);
  }
}
