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
  const { document } = globalThis as { document?: Page };
  const end = new AbortController();
  const window: Partial<EventTarget> = globalThis;
  window.addEventListener?.("online", () => callback(), end);
  document?.addEventListener?.("visibilitychange", () => {
    if (document.visibilityState === "visible") callback();
  }, end);
  return () => end.abort();
}
