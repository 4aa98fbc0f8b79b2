/**
 * The judge's own lateness: time in which its event loop did not turn, as the machine was busy or
 * the judge itself at work. Such time is no silence of the peer's.
 *
 * @module
 */

/** Milliseconds between the turns that are expected. */
const TURN = 50;

/** Milliseconds beyond that which are no lateness: timers are never exact. */
const SLACK = 20;

let total = 0;
let users = 0;
let expected = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function turn(): void {
  const now = performance.now();
  const late = now - expected;
  if (late > SLACK) total += late;
  expected = now + TURN;
}

/**
 * Measures until the function that is returned is called.
 *
 * @returns Ends the measurement; the last one to end stops the timer.
 */
export function measureLateness(): () => void {
  if (users++ === 0) {
    expected = performance.now() + TURN;
    timer = setInterval(turn, TURN);
  }
  return () => {
    if (--users === 0) clearInterval(timer);
  };
}

/** Milliseconds that the judge has been late since the process began, the present turn included. */
export function lateness(): number {
  const late = users > 0 ? performance.now() - expected : 0;
  return total + (late > SLACK ? late : 0);
}
