/** Requests that handlers are at work on. @module */

import type { Acceptance, RequestInfo, UpgradeContext } from "./handler.ts";
import type { UpgradeError } from "../handshake/handshake.ts";
import type { Impatience } from "./patience.ts";
import type { Place } from "./capacity.ts";
import type { ServerSocket } from "./server_socket.ts";

/** One request on its way through a handler. */
export interface Pending {
  readonly context: UpgradeContext;
  readonly request: Request;
  readonly info: RequestInfo;
  answered: boolean;
  /** The place that a handshake takes till its handler has answered, unless a socket takes it over. */
  place: Place | undefined;
  /** Why the handler is not waited for any more. */
  gaveUp: Impatience | undefined;
  key: string;
  upgrade: { readonly socket: ServerSocket; readonly acceptance: Acceptance } | undefined;
  /** What `upgrade()` has thrown: the handler may have caught it. */
  refusal: UpgradeError | undefined;
}

const pendings = new WeakMap<Request, Pending>();

/** Handshakes that are not answered yet, by their keys. */
const underWay = new Map<string, Set<Pending>>();

/** Remembers a request, and the key of its handshake. */
export function enter(key: string | null, pending: Pending): void {
  pendings.set(pending.request, pending);
  if (key === null) return;
  const same = underWay.get(key);
  if (same === undefined) underWay.set(key, new Set([pending]));
  else same.add(pending);
}

/** Notes that a request is answered, and frees its place. Twice is the same as once. */
export function leave(key: string | null, pending: Pending): void {
  if (pending.answered) return;
  pending.answered = true;
  pending.place?.free();
  if (key === null) return;
  const same = underWay.get(key)!;
  same.delete(pending);
  if (same.size === 0) underWay.delete(key);
}

/**
 * Finds what a request, or a copy of it, belongs to. Frameworks that put one app into another make
 * copies, with another URL. A client's key is new for each connection (4.1): a copy whose key two
 * connections have is nobody's.
 */
export function pendingOf(request: Request): Pending | undefined {
  const own = pendings.get(request);
  if (own !== undefined || !isRequest(request)) return own;
  const same = underWay.get(request.headers.get("sec-websocket-key") ?? "");
  return same?.size === 1 ? [...same][0] : undefined;
}

/** Frameworks have requests of their own, in which there is another one. */
export function isRequest(request: Request): boolean {
  return request instanceof Request;
}
