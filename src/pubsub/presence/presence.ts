/** Who is there: `presence()`, and what a server has of it. @module */

import { checkCount, checkTimeout, kindOf } from "../../core/checks.ts";
import { checkNames } from "../../core/option_names.ts";
import { utf8Length } from "../../core/close_code.ts";
import { OPEN } from "../../core/ready_state.ts";
import type { PresenceHost, PresenceKeeper } from "./keeper.ts";
import type { Presence } from "./members.ts";
import { MAX_KEY, MAX_META, MAX_TOPIC } from "./messages.ts";
import { Neighbours } from "./neighbours.ts";
import { Residents } from "./residents.ts";
import { type ChangeListener, Entries, Roster } from "./roster.ts";

/** Options for {@linkcode presence}. */
export interface PresenceOptions {
  /**
   * Time for which somebody whose socket has closed is still present, in milliseconds; 0 for none. Who
   * comes back within it, to the same server or another one, has neither left nor joined.
   *
   * @default {5000}
   */
  grace?: number;
  /**
   * Maximum size of what `join()` is given beside the key, as JSON, in bytes of UTF-8: 65,536 at most.
   *
   * @default {1024}
   */
  maxMeta?: number;
}

/**
 * Makes a presence: who is in which topic, of all servers with the same broker. Give it to a server as
 * its `presence`, and one to each of the others. Without a broker, it knows who is at its own server.
 *
 * @throws {TypeError} If an option is invalid.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import { presence } from "@isosocket/isosocket/presence";
 * import assert from "node:assert/strict";
 *
 * const people = presence<{ device: string }>();
 * const server = await serve({ port: 0, hostname: "127.0.0.1", presence: people }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   const device = new URL(request.url).searchParams.get("device")!;
 *   socket.onopen = () => people.join(socket, "room", "Ann", { device });
 *   return response;
 * });
 * const changed = new Promise((resolve) => people.onChange(resolve));
 * await connect(`${server.url}?device=phone`).opened;
 * await changed;
 * assert.deepEqual(people.list("room"), [{
 *   key: "Ann",
 *   metas: [{ device: "phone" }],
 *   stale: false,
 * }]);
 * await server.close();
 * ```
 */
export function presence<Meta = unknown>(options: PresenceOptions = {}): Presence<Meta> {
  checkNames("keep a presence", options, { grace: 0, maxMeta: 0 });
  const grace = checkTimeout("grace", options.grace ?? 5000);
  const maxMeta = checkCount("maxMeta", options.maxMeta ?? 1024, 4);
  if (maxMeta > MAX_META) {
    throw new RangeError(`Cannot use maxMeta ${maxMeta}: it must be ${MAX_META} or less`);
  }
  const roster = new Roster((error) => keeper?.host.onError(error));
  let keeper: Keeper | undefined;
  return {
    join(socket, topic, key, meta) {
      if (keeper === undefined) {
        throw new TypeError("Cannot join: no server has this presence as its option");
      }
      checkName("topic", topic, MAX_TOPIC);
      checkName("key", key, MAX_KEY);
      const text = metaTextOf(meta, maxMeta);
      if (Object(socket).readyState > OPEN) return;
      if (!keeper.host.has(socket)) {
        throw new TypeError("Cannot join: it must be a socket of the server with this presence");
      }
      keeper.residents.join(socket, topic, key, text);
    },
    leave: (socket, topic) => keeper?.residents.leave(socket, topic),
    list: (topic) => roster.list(topic) as ReturnType<Presence<Meta>["list"]>,
    onChange(listener) {
      if (typeof listener !== "function") {
        throw new TypeError(
          `Cannot listen to changes: the listener must be a function, and is ${kindOf(listener)}`,
        );
      }
      return roster.listen(listener as ChangeListener);
    },
    attach(server) {
      if (keeper !== undefined) {
        throw new TypeError("Cannot use this presence: another server has it already");
      }
      return keeper = new Keeper(server as PresenceHost, roster, grace);
    },
  };
}

function checkName(what: string, name: unknown, limit: number): void {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      `Cannot join with ${what} ${JSON.stringify(name)}: it must be a string, not empty`,
    );
  }
  if (name.length > limit) {
    throw new RangeError(
      `Cannot join with a ${what} of ${name.length} characters: it must be ${limit} or fewer`,
    );
  }
}

function metaTextOf(meta: unknown, limit: number): string {
  const text: string | undefined = JSON.stringify(meta === undefined ? null : meta);
  if (text === undefined) {
    throw new TypeError(`Cannot join with ${kindOf(meta)}: meta must be what JSON can hold`);
  }
  const size = utf8Length(text);
  if (size > limit) {
    throw new RangeError(`Cannot join with ${size} bytes of meta: it must be ${limit} or fewer`);
  }
  return text;
}

/** Presence of one server. */
class Keeper implements PresenceKeeper {
  readonly host: PresenceHost;
  readonly residents: Residents;
  readonly #neighbours: Neighbours | undefined;

  constructor(host: PresenceHost, roster: Roster, grace: number) {
    this.host = host;
    const own = new Entries(roster);
    if (host.relay !== undefined) this.#neighbours = new Neighbours(host, roster, own);
    this.residents = new Residents(
      own,
      host.clock,
      grace,
      (ref, entry) => this.#neighbours?.changed(ref, entry),
    );
  }

  left(socket: object): void {
    this.residents.left(socket);
  }

  async close(): Promise<void> {
    this.residents.close();
    await this.#neighbours?.close();
  }
}
