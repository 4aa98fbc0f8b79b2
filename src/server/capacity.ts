/** Number of sockets and handshakes that a server has room for: in all, and from one address. @module */

import { UpgradeError } from "../handshake/handshake.ts";
import { checkCount } from "../core/checks.ts";

/** A count in all, and by address where that is limited. */
class Count {
  all = 0;
  readonly #byAddress: Map<string, number> | undefined;

  constructor(byAddress: boolean) {
    this.#byAddress = byAddress ? new Map() : undefined;
  }

  of(name: string): number {
    return this.#byAddress?.get(name) ?? 0;
  }

  /** Counts one more, and returns the name that it is counted under, if any. */
  enter(address: string | undefined): string | undefined {
    this.all++;
    if (address === undefined || this.#byAddress === undefined) return undefined;
    const name = addressGroup(address);
    this.#byAddress.set(name, this.of(name) + 1);
    return name;
  }

  leave(name: string | undefined): void {
    this.all--;
    if (name === undefined) return;
    const left = this.of(name) - 1;
    if (left === 0) this.#byAddress!.delete(name);
    else this.#byAddress!.set(name, left);
  }
}

/**
 * Counts the sockets of one server, and the handshakes that may become some. Handshakes whose client
 * has left while the handler was at work take no place any more, but are counted too: otherwise
 * clients that come and leave could have any number of handlers at work.
 */
export class Capacity {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #present: Count;
  readonly #deserted: Count;

  /**
   * Checks the limits.
   *
   * @throws {RangeError} If one of them is no number, or less than 1.
   */
  constructor(maxConnections: number, maxConnectionsPerAddress: number) {
    this.#most = checkCount("maxConnections", maxConnections, 1);
    this.#mostPerAddress = checkCount("maxConnectionsPerAddress", maxConnectionsPerAddress, 1);
    const byAddress = this.#mostPerAddress !== Infinity;
    this.#present = new Count(byAddress);
    this.#deserted = new Count(byAddress);
  }

  /**
   * Checks that there may be one more.
   *
   * @param address Where it comes from, if that is known.
   * @throws {UpgradeError} 503 if there may not.
   */
  check(address: string | undefined): void {
    if (isFull(this.#most, this.#present.all, this.#deserted.all)) {
      throw busy("the server has as many sockets as it may have", "full");
    }
    if (address === undefined || this.#mostPerAddress === Infinity) return;
    const name = addressGroup(address);
    if (isFull(this.#mostPerAddress, this.#present.of(name), this.#deserted.of(name))) {
      throw busy("there are as many sockets from this address as there may be", "full");
    }
  }

  /**
   * Counts one more socket.
   *
   * @returns The name that it is counted under, for {@linkcode Capacity.leave}; `undefined` for none.
   */
  enter(address: string | undefined): string | undefined {
    return this.#present.enter(address);
  }

  /** Counts one socket less. */
  leave(name: string | undefined): void {
    this.#present.leave(name);
  }

  /**
   * Takes a place for a handshake, before its handler runs.
   *
   * @throws {UpgradeError} 503 if there is none.
   */
  reserve(address: string | undefined): Place {
    this.check(address);
    return new Place(this.#present, this.#deserted, address);
  }
}

/** Whether there may be no more: of handlers whose client has left, there may be as many again. */
function isFull(most: number, present: number, deserted: number): boolean {
  return present >= most || present + deserted >= 2 * most;
}

/** The place of a handshake, until it is a socket's or the handler has answered. */
export class Place {
  readonly #deserted: Count;
  readonly #address: string | undefined;
  #count: Count | undefined;
  #name: string | undefined;

  /** Takes a place. {@linkcode Capacity.reserve} calls it. */
  constructor(present: Count, deserted: Count, address: string | undefined) {
    this.#count = present;
    this.#name = present.enter(address);
    this.#deserted = deserted;
    this.#address = address;
  }

  /**
   * Hands the place over to a socket, which gives it back by {@linkcode Capacity.leave}.
   *
   * @returns The name that it is counted under.
   */
  handOver(): string | undefined {
    this.#count = undefined;
    return this.#name;
  }

  /** The client has left: others may come, but the handler is still at work. */
  desert(): void {
    this.free();
    this.#count = this.#deserted;
    this.#name = this.#deserted.enter(this.#address);
  }

  /** Gives the place back. Twice is the same as once. */
  free(): void {
    this.#count?.leave(this.#name);
    this.#count = undefined;
  }
}

/**
 * What addresses count together. Whoever has one address of IPv6 has its whole network: the first 64
 * bits. IPv4 in IPv6, and links without routers, have all of their addresses in one network.
 */
function addressGroup(address: string): string {
  if (!address.includes(":") || /^(?:::ffff:|fe80:)/i.test(address)) return address;
  const [start = "", end] = address.split("::");
  const first = start === "" ? [] : start.split(":");
  const last = end === undefined || end === "" ? [] : end.split(":");
  const zeros = end === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array<string>(Math.max(0, zeros)).fill("0"), ...last];
  return `${groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(":")}::`;
}

/** The answer where there is no room now, but may be later. */
export function busy(why: string, reason: "full" | "closing" | "timeout"): UpgradeError {
  const headers = { "retry-after": reason === "closing" ? "1" : "5" };
  return new UpgradeError(`Cannot upgrade: ${why}`, 503, headers, reason);
}

/** The answer of a server that is closing. */
export function closing(): UpgradeError {
  return busy("the server is closing", "closing");
}
