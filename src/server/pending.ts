/** The requests whose handlers are at work. @module */

import type { Acceptance, RequestInfo, UpgradeContext } from "./handler.ts";
import type { UpgradeError } from "../handshake/upgrade_error.ts";
import type { AbandonReason } from "./handler_wait.ts";
import type { Place } from "./capacity.ts";
import type { ServerSocket } from "./server_socket.ts";

/** One request whose handler is at work. */
export interface Pending {
  readonly context: UpgradeContext;
  readonly request: Request;
  readonly info: RequestInfo;
  /** The `Sec-WebSocket-Key` header, valid or not; `null` if there is none. */
  readonly key: string | null;
  /** Place of a handshake until its handler has answered, unless a socket takes it over. */
  readonly place: Place | undefined;
  /** Whether the request is answered: it can no longer be upgraded. */
  isAnswered: boolean;
  /** Reason why the handler is no longer waited for; `undefined` while it is. */
  abandoned: AbandonReason | undefined;
  /** Result of `upgrade()`, until the runtime has opened the socket. */
  upgrade: Upgrade | undefined;
  /** Error that `upgrade()` has thrown, which the handler may have caught. */
  refusal: UpgradeError | undefined;
}

/** Result of `upgrade()` for one request. */
export interface Upgrade {
  /** Key of the handshake, which its placeholder carries. */
  readonly key: string;
  readonly socket: ServerSocket;
  readonly acceptance: Acceptance;
}

/** All requests whose handlers are at work. */
interface Registry {
  readonly pendings: WeakMap<Request, Pending>;
  /** Handshakes that are not answered yet, by their keys. */
  readonly handshakes: Map<string, Set<Pending>>;
}

/**
 * Symbol of the registry of the process. A loader may give a program two copies of this package, one by
 * `require()` and one by `import()`, as tsx does: a request of `serve()` in one is upgraded by the other.
 * The number counts the changes of what stands in it, since copies may have different versions.
 */
const REGISTRY = Symbol.for("isosocket.registry.1");

const { pendings, handshakes } = (globalThis as { [REGISTRY]?: Registry })[REGISTRY] ??= {
  pendings: new WeakMap(),
  handshakes: new Map(),
};

/** Adds a request to the registry. */
export function register(pending: Pending): void {
  const { request, key } = pending;
  pendings.set(request, pending);
  if (key === null) return;
  const sharing = handshakes.get(key);
  if (sharing === undefined) handshakes.set(key, new Set([pending]));
  else sharing.add(pending);
}

/** Marks a request as answered, and frees its place. Further calls have no effect. */
export function settle(pending: Pending): void {
  if (pending.isAnswered) return;
  pending.isAnswered = true;
  const { key } = pending;
  pending.place?.free();
  if (key === null) return;
  const sharing = handshakes.get(key)!;
  sharing.delete(pending);
  if (sharing.size === 0) handshakes.delete(key);
}

/**
 * Finds the entry of a request or of a copy of it, as frameworks make one, with another URL, where
 * one app is mounted in another. A copy is found by its key, which is new for each connection (RFC
 * 6455, 4.1): one whose key two connections use belongs to neither.
 */
export function findPending(request: Request): Pending | undefined {
  const own = pendings.get(request);
  if (own !== undefined || !isRequest(request)) return own;
  const sharing = handshakes.get(request.headers.get("sec-websocket-key") ?? "");
  return sharing?.size === 1 ? [...sharing][0] : undefined;
}

/** Reports whether this is the platform's `Request`, not a framework's object that wraps one. */
export function isRequest(request: Request): boolean {
  return request instanceof Request;
}
