/** What receives messages for the `ws` package, in a bounded memory. @module */

import { Buffer } from "node:buffer";
import { Receiver } from "ws";

/** Number of bytes of the memory in which small fragments are joined. */
const SLAB = 16 * 1024;

/** Number of bytes from which on a fragment is kept as it is, if it keeps nothing else. */
const LARGE = SLAB / 4;

const NOTHING = Buffer.alloc(0);

/**
 * Joins the fragments of a message as they come. `ws` keeps each of them till the last has come, as a
 * view of what TCP has brought: one byte of a message would keep 64 KiB alive, if Pings stand beside
 * it, and take 240 bytes by itself. So a message takes little more than its own bytes (10.4).
 */
export class JoiningReceiver extends Receiver {
  /** Where fragments are joined, in the course of a message. */
  declare slab: Buffer | undefined;
  /** Whether the fragment that came is the last. */
  declare readonly _fin: boolean;
  /** The fragments of the message so far. */
  declare readonly _fragments: Buffer[];

  /** Calls what listens to the receiver. */
  declare readonly emit: (event: string, data: Buffer) => void;

  /** Makes one of a receiver of `ws`, which makes its receivers itself. Bun has none. */
  static replace(receiver: object | null): void {
    if (receiver !== null) Object.setPrototypeOf(receiver, JoiningReceiver.prototype);
  }

  /** Called by `ws` when a fragment is among those of the message. */
  dataMessage(done: (error?: Error) => void): void {
    if (!this._fin) {
      joinLast(this, this._fragments);
      this.emit("pong", NOTHING); // as what is heard of a peer, fragments count for others' turn
    } else if (this.slab !== undefined) {
      this.slab = undefined;
    }
    super.dataMessage(done);
  }
}

/** Joins the last fragment with those before it, unless it is large. An empty one is not there. */
function joinLast(receiver: { slab: Buffer | undefined }, fragments: Buffer[]): void {
  const { slab } = receiver;
  const last = fragments.at(-1);
  if (last === undefined || last.buffer === slab?.buffer) return;
  const { length } = last;
  if (length >= LARGE && length * 2 >= last.buffer.byteLength) return;
  fragments.pop();
  const before = fragments.at(-1);
  if (before === undefined || slab === undefined || before.buffer !== slab.buffer) {
    return begin(receiver, fragments, last);
  }
  const joined = before.length + length;
  if (joined > slab.length) return begin(receiver, fragments, last);
  slab.set(last, before.length);
  fragments[fragments.length - 1] = slab.subarray(0, joined);
}

/** Begins a slab with a fragment. */
function begin(receiver: { slab: Buffer | undefined }, fragments: Buffer[], first: Buffer): void {
  const slab = Buffer.allocUnsafeSlow(Math.max(SLAB, first.length));
  slab.set(first);
  receiver.slab = slab;
  fragments.push(slab.subarray(0, first.length));
}
