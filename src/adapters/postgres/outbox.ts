/** Messages on their way to PostgreSQL: in their order, and many in one statement. @module */

import { Buffer } from "node:buffer";
import type { Session } from "./session.ts";
import { creation, NOTIFY, storing } from "./statements.ts";

/** Number of bytes that a notification carries beyond doubt: PostgreSQL refuses 8000. */
const MAX_NOTIFIED = 7000;

/** Number of bytes of one statement after which the next one begins. */
const MAX_STATEMENT = 256 * 1024;

/** Codes of PostgreSQL: a table that is not there, and one that somebody else has just created. */
const UNDEFINED_TABLE = "42P01";
const ALREADY_THERE = ["23505", "42P07"];

interface Waiting {
  readonly name: string;
  readonly payload: string;
  readonly size: number;
  readonly settle: (error?: unknown) => void;
}

/** Returns the code of an error of PostgreSQL, where each client has it. */
function codeOf(error: unknown): string | undefined {
  const { code, errno } = Object(error);
  return /^[0-9A-Z]{5}$/.test(errno) ? errno : code;
}

/** Sends one statement after the other: each has what was published while the one before was on its way. */
export class Outbox {
  readonly #session: Session;
  readonly #table: string;
  readonly #waiting: Waiting[] = [];
  #isSending = false;

  /** Makes an outbox. */
  constructor(session: Session, table: string) {
    this.#session = session;
    this.#table = table;
  }

  /** Publishes a message on a channel. Rejects if PostgreSQL refuses it. */
  send(name: string, message: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const payload = message.toWellFormed();
      this.#waiting.push({
        name,
        payload,
        size: Buffer.byteLength(payload),
        settle: (error) => error === undefined ? resolve() : reject(error),
      });
      if (this.#isSending) return;
      this.#isSending = true;
      // Later, with what is published in the same turn. It does not reject.
      queueMicrotask(() => void this.#sendAll().catch(() => {}));
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting[0]!.size > MAX_NOTIFIED) await this.#settle(this.#waiting.splice(0, 1));
      else await this.#settle(this.#waiting.splice(0, this.#shortOnes()));
    }
    this.#isSending = false;
  }

  /** Returns how many short messages go in one statement. */
  #shortOnes(): number {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ size }) =>
      size > MAX_NOTIFIED || (bytes += size) > MAX_STATEMENT
    );
    return end < 0 ? this.#waiting.length : end;
  }

  async #settle(messages: readonly Waiting[]): Promise<void> {
    try {
      if (messages[0]!.size > MAX_NOTIFIED) await this.#store(messages[0]!);
      else await this.#notify(messages);
      for (const { settle } of messages) settle();
    } catch (error) {
      if (messages.length === 1 || !/^[0-9A-Z]{5}$/.test(codeOf(error) ?? "")) {
        for (const { settle } of messages) settle(error);
        return;
      }
      // PostgreSQL refuses one of them, for instance a character that its encoding lacks: none has left.
      for (const message of messages) await this.#settle([message]);
    }
  }

  async #notify(messages: readonly Waiting[]): Promise<void> {
    const pairs = messages.map(({ name, payload }) => [name, `=${payload}`]);
    await this.#session.run(NOTIFY, [JSON.stringify(pairs)]);
  }

  async #store({ name, payload }: Waiting): Promise<void> {
    const store = (): Promise<unknown> => this.#session.run(storing(this.#table), [name, payload]);
    try {
      await store();
    } catch (error) {
      if (codeOf(error) !== UNDEFINED_TABLE) throw error;
      await this.#create();
      await store();
    }
  }

  async #create(): Promise<void> {
    const statement = creation(this.#table);
    try {
      await this.#session.run(statement, []);
    } catch (cause) {
      if (ALREADY_THERE.includes(codeOf(cause) ?? "")) return;
      throw new Error(
        `Cannot publish more than ${MAX_NOTIFIED} bytes: create the table, "${statement}"`,
        { cause },
      );
    }
  }
}
