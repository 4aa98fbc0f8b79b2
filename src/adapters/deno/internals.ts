/** Parts of Deno that no API reaches. A Deno that lacks one of them goes without. @module */

/**
 * Stops the timer of a socket's Pings. Deno forgets to do so if a connection is lost, which keeps the
 * process alive for half of the idle timeout. No API reaches that timer, but Deno restarts it after
 * each message, so it can be made to end now.
 */
export function endPings(socket: WebSocket): void {
  const timeout = symbolOf(socket, "[[idleTimeout]]");
  const restart = symbolOf(WebSocket.prototype, "[[serverHandleIdleTimeout]]");
  if (timeout === undefined || restart === undefined || !Reflect.get(socket, timeout)) return;
  Reflect.set(socket, timeout, 1e-3); // s
  try {
    Reflect.get(socket, restart).call(socket);
  } catch {
    // In another Deno that may be something else: then the timer ends in its own time.
  }
}

function symbolOf(of: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(of).find((it) => it.description === description);
}

/** Whether Deno has printed its warning about signals, or has been kept from it. */
let isQuiet = false;

/** Start of the warning that Deno prints once in a process that uses the signal of a request. */
const LEGACY = "Deno.serve: request.signal aborts";

/**
 * Returns the signal of a request, Deno's only report that a client has left. Deno warns that it
 * also aborts after an answer, which does no harm here: the warning is kept back, unless the program
 * itself uses the signal.
 */
export function signalOf(request: Request): AbortSignal {
  const cache = symbolOf(request, "signalCache");
  if (!isQuiet && cache !== undefined && Reflect.get(request, cache) === undefined) {
    const inner = Reflect.get(request, symbolOf(request, "request") ?? "");
    const close = inner?.close;
    if (typeof close === "function") {
      inner.close = (...args: unknown[]) => quietly(close, inner, args);
    }
  }
  return request.signal;
}

/** Calls a function without that warning. */
function quietly(close: () => unknown, inner: object, args: unknown[]): unknown {
  const { warn } = console;
  console.warn = (...data: unknown[]) => {
    if (String(data[0]).startsWith(LEGACY)) isQuiet = true;
    else warn.apply(console, data);
  };
  try {
    return Reflect.apply(close, inner, args);
  } finally {
    console.warn = warn;
  }
}
