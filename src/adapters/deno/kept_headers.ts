/**
 * Keeps the headers of requests that are answered. Deno takes them away with the answer, and keeps
 * the rest of the request as long as its socket.
 *
 * @module
 */

/** The headers by request: as one string they take a third of the memory. */
const kept = new WeakMap<Request, string | Headers>();

/** One getter for all requests: a property with a closure for each would take a kilobyte more. */
const KEPT: PropertyDescriptor = {
  get(this: Request): Headers {
    let headers = kept.get(this)!;
    if (typeof headers === "string") kept.set(this, headers = new Headers(JSON.parse(headers)));
    return headers;
  },
};

/** Keeps the headers of a request readable after its answer. */
export function keepHeaders(request: Request): void {
  kept.set(request, JSON.stringify([...request.headers]));
  Object.defineProperty(request, "headers", KEPT);
}

/** Returns whether the headers of a request are kept. */
export function hasKeptHeaders(request: Request): boolean {
  return kept.has(request);
}
