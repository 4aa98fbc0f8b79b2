/** When it is worth trying at once. @module */

interface Page extends EventTarget {
  readonly visibilityState?: string;
}

/**
 * Calls back when the network has come back, or the page has become visible, where a platform tells.
 *
 * @returns What ends it.
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
