/** Reports of each server: its port, and its cost. @module */

import { answerQuestions } from "../processes/answering.ts";
import { cost } from "../processes/cost.ts";

/** Reports the port, then answers with the server's cost: after garbage collection, if `settled`. */
export function serving(port: number): void {
  answerQuestions({ port }, ({ settled }) => cost(settled === true));
}
