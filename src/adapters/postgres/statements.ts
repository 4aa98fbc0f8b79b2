/** Statements of the broker on PostgreSQL. All parameters are text. @module */

/** Notifies many channels, in one transaction: of a list of pairs in JSON. */
export const NOTIFY =
  "select pg_notify(it->>0, it->>1) from json_array_elements($1::text::json) as it";

/** Time for which a long message is kept: others read it as soon as they are notified. */
const KEPT = "interval '1 minute'";

/** Maximum number of old messages that go when a new one is stored. */
const REMOVED_AT_ONCE = 20;

/** Returns the statement that creates the table of long messages. */
export function creation(table: string): string {
  return `create unlogged table if not exists ${table} (` +
    "id bigint generated always as identity primary key, " +
    "at timestamptz not null default now(), body text not null)";
}

/** Returns the statement that stores a long message, and notifies a channel of its number. */
export function storing(table: string): string {
  return `with old as (delete from ${table} where id in (` +
    `select id from ${table} where at < now() - ${KEPT} ` +
    `order by id limit ${REMOVED_AT_ONCE} for update skip locked)), ` +
    `stored as (insert into ${table} (body) values ($2::text) returning id) ` +
    "select pg_notify($1::text, '@' || id) from stored";
}

/** Returns the statement that reads a long message. */
export function reading(table: string): string {
  return `select body from ${table} where id = $1::text::bigint`;
}
