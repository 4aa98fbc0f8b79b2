/** What an event of a socket that connects again tells, in a word or two. @module */

/** For instance `1006` of a close, `2 in 500` of a wait; `undefined` if it is only its type. */
export function summaryOf(event: Event): unknown {
  const { data, code, attempt, delay, error } = event as unknown as Record<string, unknown>;
  const words: Record<string, unknown> = {
    message: data,
    error: (error as Error | undefined)?.name,
    close: code,
    connecting: attempt,
    waiting: `${attempt} in ${delay}`,
  };
  return words[event.type];
}
