/** Maximum number of sockets and handshakes of a server: in all, and from one address. @module */

import { busy } from "./refusals.ts";
import { checkCount } from "../core/checks.ts";

/** A count in all, and by address if that is limited. */
class Count {
  all = 0;
  readonly #byGroup: Map<string, number> | undefined;

  constructor(byAddress: boolean) {
    this.#byGroup = byAddress ? new Map() : undefined;
  }

  of(group: string): number {
    return this.#byGroup?.get(group) ?? 0;
  }

  /** Counts one more, and returns the address group that it is counted under, if any. */
  enter(address: string | undefined): string | undefined {
    this.all++;
    if (address === undefined || this.#byGroup === undefined) return undefined;
    const group = addressGroup(address);
    this.#byGroup.set(group, this.of(group) + 1);
    return group;
  }

  leave(group: string | undefined): void {
    this.all--;
    if (group === undefined) return;
    const left = this.of(group) - 1;
    if (left === 0) this.#byGroup!.delete(group);
    else this.#byGroup!.set(group, left);
  }
}

/**
 * Counts the sockets of one server, and the handshakes that may become some. A handshake whose
 * client has disconnected while the handler is at work is abandoned: it takes no place any more,
 * but is counted too. Otherwise clients that come and leave could have any number of handlers at
 * work.
 */
export class Capacity {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #present: Count;
  readonly #abandoned: Count;

  /**
   * Checks the limits.
   *
   * @throws {RangeError} If one of them is not a number, or less than 1.
   */
  constructor(maxConnections: number, maxConnectionsPerAddress: number) {
    this.#max = checkCount("maxConnections", maxConnections, 1);
    this.#maxPerAddress = checkCount("maxConnectionsPerAddress", maxConnectionsPerAddress, 1);
    const byAddress = this.#maxPerAddress !== Infinity;
    this.#present = new Count(byAddress);
    this.#abandoned = new Count(byAddress);
  }

  /**
   * Checks that there may be one more.
   *
   * @param address Its IP address, if known.
   * @throws {UpgradeError} 503 if there may not.
   */
  check(address: string | undefined): void {
    if (isFull(this.#max, this.#present.all, this.#abandoned.all)) {
      throw busy("the server has as many sockets as it may have", "full");
    }
    if (address === undefined || this.#maxPerAddress === Infinity) return;
    const group = addressGroup(address);
    if (isFull(this.#maxPerAddress, this.#present.of(group), this.#abandoned.of(group))) {
      throw busy("there are as many sockets from this address as there may be", "full");
    }
  }

  /**
   * Counts one more socket.
   *
   * @returns The address group that it is counted under, for {@linkcode Capacity.leave};
   * `undefined` for none.
   */
  enter(address: string | undefined): string | undefined {
    return this.#present.enter(address);
  }

  /** Counts one socket less. */
  leave(group: string | undefined): void {
    this.#present.leave(group);
  }

  /**
   * Reserves a place for a handshake, before its handler runs.
   *
   * @throws {UpgradeError} 503 if there is none.
   */
  reserve(address: string | undefined): Place {
    this.check(address);
    return new Place(this.#present, this.#abandoned, address);
  }
}

/** Reports whether a limit is reached. The number of abandoned handshakes may be as large again. */
function isFull(max: number, present: number, abandoned: number): boolean {
  return present >= max || present + abandoned >= 2 * max;
}

/** Place of a handshake, until it becomes a socket's or the handler has answered. */
export class Place {
  readonly #abandoned: Count;
  readonly #address: string | undefined;
  #count: Count | undefined;
  #group: string | undefined;

  /** Takes a place. {@linkcode Capacity.reserve} calls it. */
  constructor(present: Count, abandoned: Count, address: string | undefined) {
    this.#count = present;
    this.#group = present.enter(address);
    this.#abandoned = abandoned;
    this.#address = address;
  }

  /**
   * Hands the place over to a socket, which gives it back by {@linkcode Capacity.leave}.
   *
   * @returns The address group that it is counted under.
   */
  handOver(): string | undefined {
    this.#count = undefined;
    return this.#group;
  }

  /** Frees the place for others, as the client has disconnected, but counts the handler on. */
  abandon(): void {
    this.free();
    this.#count = this.#abandoned;
    this.#group = this.#abandoned.enter(this.#address);
  }

  /** Gives the place back. Further calls have no effect. */
  free(): void {
    this.#count?.leave(this.#group);
    this.#count = undefined;
  }
}

/**
 * Returns the name that an address is counted under. A client that has one IPv6 address has its
 * whole network, so that is its first 64 bits. IPv4-mapped and link-local addresses are counted one
 * by one, since all of them are in one network.
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
