/** Receives messages for the `ws` package in bounded memory. @module */

import { Buffer } from "node:buffer";
import { Receiver } from "ws";

/** Number of bytes of a slab, in which small fragments are joined. */
const SLAB = 16 * 1024;

/** Number of bytes from which on a fragment is kept as a view, if it keeps little else alive. */
const LARGE = SLAB / 4;

const NOTHING = Buffer.alloc(0);

/**
 * Joins the fragments of a message as they come, so that a message takes little more memory than its
 * own bytes (RFC 6455, 10.4). `ws` keeps each fragment until the last has come, as a view of the chunk
 * that TCP has delivered: one byte of a message would keep 64 KiB alive, if Pings stand beside it, and
 * take 240 bytes by itself.
 */
export class JoiningReceiver extends Receiver {
  /** The slab in which fragments are joined; `undefined` between messages. */
  declare slab: Buffer | undefined;
  /** Whether the fragment that came is the last. */
  declare readonly _fin: boolean;
  /** The fragments of the message so far. */
  declare readonly _fragments: Buffer[];

  /** Calls the receiver's listeners. */
  declare readonly emit: (event: string, data: Buffer) => void;

  /** Turns a receiver that `ws` has created into one of these. On Bun there is none. */
  static replace(receiver: object | null): void {
    if (receiver !== null) Object.setPrototypeOf(receiver, JoiningReceiver.prototype);
  }

  /** Called by `ws` when a fragment has been added to those of the message. */
  dataMessage(done: (error?: Error) => void): void {
    if (!this._fin) {
      joinLast(this, this._fragments);
      this.emit("pong", NOTHING); // counts as heard: after many, other connections have their turn
    } else if (this.slab !== undefined) {
      this.slab = undefined;
    }
    super.dataMessage(done);
  }
}

/** Joins the last fragment with those before it, unless it is large. `ws` keeps no empty ones. */
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

/** Starts a new slab with a fragment. */
function begin(receiver: { slab: Buffer | undefined }, fragments: Buffer[], first: Buffer): void {
  const slab = Buffer.allocUnsafeSlow(Math.max(SLAB, first.length));
  slab.set(first);
  receiver.slab = slab;
  fragments.push(slab.subarray(0, first.length));
}
