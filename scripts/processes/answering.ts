/**
 * The counterpart of {@linkcode Child}: a process that answers questions, one line of JSON each, on
 * its standard input. It ends with its parent.
 *
 * @module
 */

import process from "node:process";

/** Answers one question. */
export type QuestionHandler = (question: Record<string, unknown>) => unknown;

/**
 * Answers the parent's questions in their order.
 *
 * @param hello First line, printed without a question.
 */
export function answerQuestions(hello: unknown, answers: QuestionHandler): void {
  let rest = "";
  let turn = Promise.resolve();
  const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      turn = turn.then(async () => say(await answers(JSON.parse(line))));
    }
  });
  process.stdin.on("end", () => process.exit());
  say(hello);
}
