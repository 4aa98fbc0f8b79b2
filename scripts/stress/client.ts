/** Process that opens connections, and keeps them until it ends. @module */

import { answerQuestions } from "../processes/answering.ts";
import { frame, TEXT } from "./frames.ts";
import { type Address, LoadClient } from "./load_client.ts";

/** Question to the process. */
export interface Opening extends Address {
  /** Number of connections. */
  readonly count: number;
  /** Whether each is in the middle of a message. */
  readonly unfinished: boolean;
}

/** Answers with the number of open connections. */
answerQuestions("ready", async (question): Promise<number> => {
  const { count, unfinished, ...address } = question as unknown as Opening;
  const clients = await LoadClient.open(count, address);
  if (unfinished) { for (const client of clients) client.write(frame(TEXT, "unfinished", TEXT)); }
  return clients.length;
});
