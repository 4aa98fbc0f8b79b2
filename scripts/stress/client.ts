/** A process that opens connections, and holds them until it is gone. @module */

import { answerQuestions } from "../processes/answering.ts";
import { frame, TEXT } from "./frames.ts";
import { type Address, LoadClient } from "./load_client.ts";

/** What it is asked for. */
export interface Opening extends Address {
  /** How many connections. */
  readonly count: number;
  /** Whether each is in the middle of a message. */
  readonly unfinished: boolean;
}

/** Answers how many are open. */
answerQuestions("ready", async (question): Promise<number> => {
  const { count, unfinished, ...address } = question as unknown as Opening;
  const clients = await LoadClient.open(count, address);
  if (unfinished) { for (const client of clients) client.write(frame(TEXT, "unfinished", TEXT)); }
  return clients.length;
});
