/** Signals of the platform that an attempt to connect is worth making at once. @module */

interface Page extends EventTarget {
  readonly visibilityState?: string;
}

/**
 * Calls back when the network has come back, or the page has become visible, if the platform reports
 * it.
 *
 * @param signal Removes the listeners when it is aborted.
 */
export function onWake(callback: () => void, signal: AbortSignal): void {
  const { document } = globalThis as { document?: Page };
  const window: Partial<EventTarget> = globalThis;
  window.addEventListener?.("online", () => callback(), { signal });
  document?.addEventListener?.("visibilitychange", () => {
    if (document.visibilityState === "visible") callback();
  }, { signal });
}
