/** Signals of the platform that an attempt to connect is worth making at once. @module */

interface Page extends EventTarget {
  readonly visibilityState?: string;
}

/**
 * Calls back when the network has come back, or the page has become visible, if the platform reports
 * it.
 *
 * @returns A function that removes the listeners.
 */
export function onWake(callback: () => void): () => void {
  const { document, addEventListener } = globalThis as {
    document?: Page;
    addEventListener?: unknown;
  };
  const end = new AbortController();
  const { signal } = end;
  if (typeof addEventListener === "function") {
    globalThis.addEventListener("online", () => callback(), { signal });
  }
  document?.addEventListener?.("visibilitychange", () => {
    if (document.visibilityState === "visible") callback();
  }, { signal });
  return () => end.abort();
}
