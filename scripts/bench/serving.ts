/** What each server does beside serving: it tells its port, and what it costs. @module */

import { answerQuestions } from "../processes/answering.ts";
import { cost } from "../processes/cost.ts";

/** Tells the port, then answers what the server costs; after collecting garbage, if so asked. */
export function serving(port: number): void {
  answerQuestions({ port }, ({ settled }) => cost(settled === true));
}
