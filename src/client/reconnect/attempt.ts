/** Attempts to connect: their events, and the providers that are called for them. @module */

/** An attempt to connect, as passed to functions that return the address, subprotocols or headers. */
export interface Attempt {
  /** Number of the attempt: 1 for the first, and for the first after a stable connection. */
  readonly attempt: number;
  /** Aborted when the result is no longer needed: the attempt timed out, or the socket was closed. */
  readonly signal: AbortSignal;
}

/** A value, or a function that is called before each attempt and returns it. */
export type ValueOrProvider<T> = T | ((attempt: Attempt) => T | Promise<T>);

/** Event `connecting`: an attempt begins. Event `waiting`: an attempt is scheduled. */
export interface AttemptEvent extends Event {
  /** The number of the attempt: 1 for the first, and for the first after a stable connection. */
  readonly attempt: number;
  /** Time until it begins, in milliseconds; 0 if it begins now. */
  readonly delay: number;
}

/** Makes the event of one attempt. */
export function attemptEvent(
  type: "connecting" | "waiting",
  attempt: number,
  delay: number,
): AttemptEvent {
  return Object.assign(new Event(type), { attempt, delay });
}

/** Returns the value, or what the provider returns. A provider that throws is a rejection, too. */
export async function valueOf<T>(source: ValueOrProvider<T>, attempt: Attempt): Promise<T> {
  if (typeof source !== "function") return source;
  return await (source as (it: Attempt) => T | Promise<T>)(attempt);
}
