/** What workers and the primary process of a cluster say to each other. @module */

import type {
  HistoryEntry,
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "../../pubsub/broker/broker.ts";

/** Mark of these messages among those of the program. */
export const MARK = "isosocket:broker";

/** A request of a worker. `id` is one of its connections. */
export type Request =
  | { readonly type: typeof MARK; readonly call: "open" | "close"; readonly id: number }
  | {
    readonly type: typeof MARK;
    readonly call: "subscribe" | "unsubscribe";
    readonly id: number;
    readonly channel: string;
  }
  | {
    readonly type: typeof MARK;
    readonly call: "publish";
    readonly id: number;
    readonly channel: string;
    readonly message: string | Uint8Array;
  }
  | {
    readonly type: typeof MARK;
    readonly call: "append";
    readonly id: number;
    /** Number of the request, which its answer repeats. */
    readonly request: number;
    readonly channel: string;
    readonly message: string | Uint8Array;
    readonly entry: HistoryEntry;
  }
  | {
    readonly type: typeof MARK;
    readonly call: "read";
    readonly id: number;
    readonly request: number;
    readonly channel: string;
    readonly limits: HistoryLimits;
  };

/** What the primary process says to a worker. */
export type Answer =
  | {
    readonly type: typeof MARK;
    readonly call: "opened";
    readonly id: number;
    /** Bytes: they arrive as such only with `serialization: "advanced"`. */
    readonly bytes: unknown;
  }
  | {
    readonly type: typeof MARK;
    readonly call: "subscribed";
    readonly id: number;
    readonly channel: string;
  }
  | {
    readonly type: typeof MARK;
    readonly call: "message";
    readonly id: number;
    readonly channel: string;
    readonly message: string | Uint8Array;
    readonly place?: HistoryPlace | undefined;
  }
  | {
    readonly type: typeof MARK;
    readonly call: "answer";
    readonly id: number;
    readonly request: number;
    /** What was asked for; left out if it is not to be had. */
    readonly value?: HistoryPosition | HistoryRange;
    /** Why not. */
    readonly error?: string;
  };

/** Returns whether a message is one of these, and not the program's own. */
export function isFrame<T extends Request | Answer>(message: unknown): message is T {
  return typeof message === "object" && message !== null &&
    (message as { type?: unknown }).type === MARK;
}
