/** Summarizes events of reconnecting sockets. @module */

/** Returns what matters of an event: `1006` of a `close`, `2 in 500` of a `waiting`; or `undefined`. */
export function summaryOf(event: Event): unknown {
  const { data, code, attempt, delay, error } = event as unknown as Record<string, unknown>;
  const summaries: Record<string, unknown> = {
    message: data,
    error: (error as Error | undefined)?.name,
    close: code,
    connecting: attempt,
    waiting: `${attempt} in ${delay}`,
  };
  return summaries[event.type];
}
