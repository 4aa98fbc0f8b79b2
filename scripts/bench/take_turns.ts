/** The course of a contest. @module */

import type { Runtime } from "../processes/runtime.ts";
import type { Candidate, Effort, TakeTurn, Task, Turn } from "./task.ts";

/**
 * Lets candidates take turns. Each second round has the reverse order, against a drift in time.
 *
 * @param onRound Called with the number of finished rounds, and of all.
 * @returns The turns of each candidate, in the order of the candidates.
 */
export async function takeTurns(
  task: Task,
  runtime: Runtime,
  candidates: readonly Candidate[],
  given: Effort,
  onRound: (round: number, rounds: number) => void,
): Promise<Turn[][]> {
  const { rounds, ms, warmUp } = task.effort?.(given) ?? given;
  onRound(0, rounds);
  await using stack = new AsyncDisposableStack();
  const entries: { take: TakeTurn; turns: Turn[] }[] = [];
  for (const candidate of candidates) {
    const take = await task.enter(candidate, candidate.runtime ?? runtime, stack);
    entries.push({ take, turns: [] });
  }
  for (const { take } of warmUp > 0 ? entries : []) await take(warmUp);
  for (let round = 1; round <= rounds; round++) {
    for (const { take, turns } of round % 2 === 1 ? entries : entries.toReversed()) {
      turns.push(await take(ms));
    }
    onRound(round, rounds);
  }
  return entries.map(({ turns }) => turns);
}
