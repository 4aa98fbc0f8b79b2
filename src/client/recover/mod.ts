/**
 * For sockets of `reconnect()`, in pages and elsewhere: they get what they have missed of a server's
 * topics with a history, and learn whether that is all.
 *
 * @module
 */

export { recover, type RecoveredTopic, type RecoverOptions } from "./recover.ts";
export type { Recovery, RecoveryPositions } from "./recovery.ts";
