/**
 * Presence, for servers: who is there, and with what, over all servers with the same broker and without
 * a store.
 *
 * @module
 */

export { presence, type PresenceOptions } from "./presence.ts";
export type { Presence, PresenceChange, PresenceMember } from "./members.ts";
