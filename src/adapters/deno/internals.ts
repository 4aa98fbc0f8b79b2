/** What no API of Deno reaches. In another Deno it may be missing, and then it is done without. @module */

/**
 * Deno forgets to stop the timer of its Pings where a connection is lost: it would keep the process
 * alive for half of the idle timeout. No API reaches that timer. But Deno starts it anew after each
 * message, and so it can be made to end now.
 */
export function endPings(socket: WebSocket): void {
  const timeout = symbolOf(socket, "[[idleTimeout]]");
  const startAnew = symbolOf(WebSocket.prototype, "[[serverHandleIdleTimeout]]");
  if (timeout === undefined || startAnew === undefined || !Reflect.get(socket, timeout)) return;
  Reflect.set(socket, timeout, 1e-3); // s
  try {
    Reflect.get(socket, startAnew).call(socket);
  } catch {
    // In another Deno that may be something else: then the timer ends in its own time.
  }
}

function symbolOf(of: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(of).find((it) => it.description === description);
}

/** Whether Deno has said already what it has to say of signals, or has been kept from it. */
let isQuiet = false;

/** How the words begin that Deno says once in a process where somebody has asked for a signal. */
const LEGACY = "Deno.serve: request.signal aborts";

/**
 * The signal of a request: by it alone Deno tells that a client has left. Deno's warning is that it
 * also aborts after an answer, which does no harm here; a program that uses it too gets the warning.
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
