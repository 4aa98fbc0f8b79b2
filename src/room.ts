/** How many sockets a server has room for: in all, and from one address. @module */

import { UpgradeError } from "./handshake.ts";
import { checkCount } from "./limits.ts";

/** Counts the sockets of one server. */
export class Room {
  readonly #most: number;
  readonly #mostPerAddress: number;
  /** Sockets by address: counted only if there is a limit. */
  readonly #present: Map<string, number> = new Map();

  /**
   * Checks the limits.
   *
   * @throws {RangeError} If one of them is no number, or less than 1.
   */
  constructor(maxConnections: number, maxConnectionsPerAddress: number) {
    this.#most = checkCount("maxConnections", maxConnections, 1);
    this.#mostPerAddress = checkCount("maxConnectionsPerAddress", maxConnectionsPerAddress, 1);
  }

  /**
   * Checks that there may be one more socket.
   *
   * @param present How many there are.
   * @param address Where it comes from, if that is known.
   * @throws {UpgradeError} 503 if there may not.
   */
  check(present: number, address: string | undefined): void {
    if (present >= this.#most) {
      throw busy("the server has as many sockets as it may have", "full");
    }
    if (address === undefined || this.#mostPerAddress === Infinity) return;
    if ((this.#present.get(household(address)) ?? 0) >= this.#mostPerAddress) {
      throw busy("there are as many sockets from this address as there may be", "full");
    }
  }

  /**
   * There is one more socket.
   *
   * @returns What it is counted under, for {@linkcode Room.leave}; `undefined` if it is not.
   */
  enter(address: string | undefined): string | undefined {
    if (address === undefined || this.#mostPerAddress === Infinity) return undefined;
    const name = household(address);
    this.#present.set(name, (this.#present.get(name) ?? 0) + 1);
    return name;
  }

  /** There is one less. */
  leave(name: string | undefined): void {
    if (name === undefined) return;
    const left = this.#present.get(name)! - 1;
    if (left === 0) this.#present.delete(name);
    else this.#present.set(name, left);
  }
}

/**
 * What addresses count together. Whoever has one address of IPv6 has its whole network: the first 64
 * bits. IPv4 in IPv6, and links without routers, have all of their addresses in one network.
 */
function household(address: string): string {
  if (!address.includes(":") || /^(?:::ffff:|fe80:)/i.test(address)) return address;
  const [start = "", end] = address.split("::");
  const first = start === "" ? [] : start.split(":");
  const last = end === undefined || end === "" ? [] : end.split(":");
  const zeros = end === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array<string>(Math.max(0, zeros)).fill("0"), ...last];
  return `${groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(":")}::`;
}

/** The answer where there is no room now, but may be later. */
export function busy(why: string, reason: "full" | "closing"): UpgradeError {
  const headers = { "retry-after": reason === "closing" ? "1" : "5" };
  return new UpgradeError(`Cannot upgrade: ${why}`, 503, headers, reason);
}
