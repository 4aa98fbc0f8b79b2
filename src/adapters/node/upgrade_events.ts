/**
 * Handshakes on a server of `node:http`: which requests it hands over, and what comes before and
 * after them on the same connection.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { drainWith } from "./reply.ts";
import type { NodeServer, UpgradeListener } from "./http_server.ts";
import type { Watch } from "../../server/handler_wait.ts";

/** Decides whether a connection is handed over with a request that has an Upgrade header. */
type ShouldUpgrade = (this: unknown, incoming: IncomingMessage) => boolean;

/** Maximum number of bytes that are kept of what a client sends before it is answered. */
const MAX_EARLY = 64 * 1024;

/**
 * Whether a connection is to be handed over with a request: only for what can become a WebSocket
 * (RFC 6455, 4.2.1). With another protocol, another method or a body it is an ordinary request, from
 * whose answer its client sees that (RFC 9110, 7.8).
 */
function isHandshake(incoming: IncomingMessage): boolean {
  const { method, httpVersionMajor, httpVersionMinor, headers } = incoming;
  return method === "GET" && httpVersionMajor === 1 && httpVersionMinor > 0 &&
    (headers.upgrade ?? "").split(",").some((name) => name.trim().toLowerCase() === "websocket") &&
    headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}

/**
 * Takes the handshakes of a server. Its other requests stay its own, those for an upgrade to another
 * protocol among them: they come to its listeners for `upgrade`, if it has others, or else to those
 * for `request`.
 *
 * @returns Gives them back: then the server is as it was before.
 */
export function takeHandshakes(http: NodeServer, listener: UpgradeListener): () => void {
  const onUpgrade: UpgradeListener = (incoming, stream, head) => {
    // If nobody else is there, it is an emitter that asks nobody what to hand over.
    if (isHandshake(incoming) || http.listenerCount("upgrade") === 1) {
      listener(incoming, stream, head);
    }
  };
  const isOthers = (): boolean => http.listenerCount("upgrade") > 1;
  http.on("upgrade", onUpgrade);
  const giveBack = narrow(http, isOthers);
  return () => {
    http.off("upgrade", onUpgrade);
    giveBack();
  };
}

function narrow(
  http: NodeServer & { shouldUpgradeCallback?: ShouldUpgrade },
  isOthers: () => boolean,
): () => void {
  const { shouldUpgradeCallback: before } = http;
  if (before === undefined) return narrowByClass(http, isOthers);
  let isOver = false;
  const decide: ShouldUpgrade = function (incoming) {
    if (isOver) return before.call(this, incoming);
    return isHandshake(incoming) || (isOthers() && before.call(this, incoming));
  };
  http.shouldUpgradeCallback = decide;
  return () => {
    isOver = true; // it may be called further by one that was set after it
    if (http.shouldUpgradeCallback === decide) http.shouldUpgradeCallback = before;
  };
}

/**
 * Node 20 hands over every request for an upgrade if there is a listener. But it asks the request
 * itself whether it is one, and a server can have a class of its own for requests.
 */
function narrowByClass(http: NodeServer, isOthers: () => boolean): () => void {
  const name = Object.getOwnPropertySymbols(http).find((it) =>
    it.description === "IncomingMessage"
  );
  if (name === undefined) return () => {};
  const before: typeof IncomingMessage = Reflect.get(http, name);
  const upgrades = new WeakMap<IncomingMessage, boolean | null>();
  let isOver = false;
  const Incoming = class extends before {};
  Object.defineProperty(Incoming.prototype, "upgrade", {
    get(this: IncomingMessage): boolean | null { // set before the headers are known, read after
      let value = upgrades.get(this) ?? null;
      if (value === true && !isOver && this.method !== "CONNECT") {
        upgrades.set(this, value = isHandshake(this) || isOthers());
      }
      return value;
    },
    set(this: IncomingMessage, value: boolean | null) {
      upgrades.set(this, value);
    },
  });
  Reflect.set(http, name, Incoming);
  return () => {
    isOver = true;
    if (Reflect.get(http, name) === Incoming) Reflect.set(http, name, before);
  };
}

/** A stream over a handle of the system's, in part. */
interface Handled extends Duplex {
  readonly _handle?: { readonly reading?: boolean } | null;
}

/**
 * Starts the handle of a connection. Node stops it while answers wait to be sent, and starts it again
 * only as long as the connection is its own: the stream would flow, and nothing would come.
 */
function startReading(stream: Handled): void {
  if (stream._handle?.reading === false) stream._read(0);
}

/** What a client sends before its handshake is answered: kept, but not without bound. */
export class Early {
  readonly #stream: Duplex;
  readonly #pieces: Buffer[];
  #size: number;

  /**
   * Begins to read, which is also how it is seen that a client leaves.
   *
   * @param head What came with the handshake.
   */
  constructor(stream: Duplex, head: Buffer) {
    this.#stream = stream;
    this.#pieces = [head];
    this.#size = head.length;
    stream.on("data", this.#keep);
    stream.on("end", this.#left);
    startReading(stream);
  }

  /** Watches for a client that leaves. */
  readonly watch: Watch = (left) => {
    const stream = this.#stream;
    if (stream.destroyed || stream.readableEnded) return void left();
    stream.on("end", left).on("close", left);
    return () => stream.off("end", left).off("close", left);
  };

  readonly #keep = (piece: Buffer): void => {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size >= MAX_EARLY) this.#stream.pause();
  };

  /** As Node does for pages. What has been written still leaves. */
  readonly #left = (): void => {
    const stream = this.#stream;
    stream.end(() => stream.destroy());
  };

  /** Stops reading, and returns what has come. */
  take(): Buffer {
    this.#stop();
    const stream = this.#stream;
    stream.pause();
    Object.assign(stream, { readableFlowing: null }); // as Node hands it over
    return Buffer.concat(this.#pieces, this.#size);
  }

  /** Drops what has come, and all that will. */
  drop(): void {
    this.#stop();
    this.#stream.resume();
  }

  #stop(): void {
    this.#stream.off("data", this.#keep);
    this.#stream.off("end", this.#left);
  }
}

/** A connection as Node sees it. */
interface Connection extends Duplex {
  /** The answer that is being sent on it, as `assignSocket()` sets it. */
  readonly _httpMessage?: ServerResponse | null;
  /** Whether Node reads no more requests from it until earlier answers have left. */
  _paused?: boolean;
}

/** Whether an earlier request on a connection is still being answered. */
export function isAnswering(stream: Connection): boolean {
  return Boolean(stream._httpMessage);
}

/**
 * Resolves when all earlier requests on a connection are answered: answers come in the order of the
 * requests (RFC 9112, 9.3.2).
 */
export function earlierAnswers(stream: Connection): Promise<void> {
  stream._paused = false; // or else Node would pause it again and again
  return new Promise((resolve) => {
    const follow = (): void => {
      const reply = stream._httpMessage;
      if (!reply || stream.destroyed) return resolve();
      drainWith(reply, stream); // Node has stopped to
      reply.once("finish", follow); // Node's own listener has the next one begin
      reply.once("close", () => {
        if (stream.destroyed) resolve();
      });
    };
    follow();
  });
}
