/**
 * Topics that keep a history, for servers: messages have one order for all, and clients that come back
 * get what they have missed. In one process, or in many by a broker.
 *
 * @module
 */

export type { HistoryPosition } from "../broker/broker.ts";
export { history, type HistoryOptions } from "./history.ts";
export type { TopicHistory } from "./topic_history.ts";
