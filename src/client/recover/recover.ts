/** Recovers topics across connections: `recover()`. @module */

import { reportLater } from "../../core/task.ts";
import {
  ESCAPED,
  HELLO,
  isPosition,
  MARK,
  MARK_BYTE,
  MAX_HELLO,
  MAX_TOPICS,
  MESSAGE,
  recoveredFrom,
  recovering,
  type TopicState,
} from "../../protocol/recovery.ts";
import type { ConnectRequest } from "../connect.ts";
import type { Carrier, CarrierEvents } from "../reconnect/carrier.ts";
import type { OpenCarrier, Recovery, RecoveryPositions } from "./recovery.ts";

/** A topic of a connection, before any of its messages. */
export interface RecoveredTopic {
  /** Name of the topic. */
  readonly topic: string;
  /**
   * `true` if every message since the last one that listeners have got follows, once and in order.
   * `false` if messages are missing: what a program shows has to be loaded anew. `undefined` if there
   * was no message before, nor a position.
   */
  readonly recovered: boolean | undefined;
}

/** Options for {@linkcode recover}. */
export interface RecoverOptions {
  /**
   * Called for each topic, each time that a connection is made, and when messages are missing though
   * the connection is the same: before any message that follows.
   *
   * @default {undefined}
   */
  onRecover?: (topic: RecoveredTopic) => void;
  /**
   * Positions to go on from: what {@linkcode Recovery.positions} was before a page was loaded anew.
   *
   * @default {{}}
   */
  since?: RecoveryPositions;
}

const decoder = new TextDecoder();

/** Number of characters that an entry of the first message takes beside its topic and its epoch. */
const ENTRY = 32;

class TopicRecovery implements Recovery {
  readonly #onRecover: RecoverOptions["onRecover"];
  #isUsed = false;
  readonly #positions: Map<string, { readonly epoch: string; readonly offset: number }>;

  constructor({ onRecover, since = {} }: RecoverOptions) {
    if (Object(since) !== since) {
      throw new TypeError(`Cannot recover since ${since}: it must be an object`);
    }
    for (const [topic, position] of Object.entries(since)) {
      if (isPosition(topic, position?.epoch, position?.offset)) continue;
      throw new TypeError(
        `Cannot recover "${topic}" since ${JSON.stringify(position)}: it must be a position`,
      );
    }
    this.#onRecover = onRecover;
    this.#positions = new Map(Object.entries(since));
  }

  get positions(): RecoveryPositions {
    return Object.fromEntries(this.#positions);
  }

  wrap(config: { open: unknown }): void {
    if (this.#isUsed) throw new TypeError("Cannot recover: another socket has this option already");
    this.#isUsed = true;
    const open = config.open as OpenCarrier;
    const wrapped: OpenCarrier = (request, events) => this.#open(open, request, events);
    config.open = wrapped;
  }

  #open(open: OpenCarrier, request: ConnectRequest, events: CarrierEvents): Carrier {
    const { protocols = [], binaryType = "blob" } = request;
    const own = typeof protocols === "string" ? [protocols] : [...protocols];
    const offered = own.length === 0 ? [recovering("")] : [...own.map(recovering), ...own];
    let asked: BinaryType = binaryType;
    let isRecovering = false;
    let broken: unknown;
    const carrier = open({ ...request, protocols: offered, binaryType: "arraybuffer" }, {
      onOpened: () => {
        const protocol = recoveredFrom(carrier.protocol);
        isRecovering = protocol !== undefined;
        if (isRecovering) {
          Object.defineProperty(carrier, "protocol", { value: protocol });
          carrier.send(this.#hello());
        }
        events.onOpened();
      },
      onReceived: (event) => {
        if (broken !== undefined) return;
        let data: unknown = event.data;
        try {
          if (isRecovering) data = this.#received(event.data);
        } catch (error) {
          broken = new SyntaxError("Cannot recover: a message is malformed", { cause: error });
          return carrier.terminate(); // what was missed is not known any more
        }
        if (data === undefined) return;
        const shown = typeof data === "string" || asked === "arraybuffer"
          ? data
          : new Blob([data as ArrayBuffer]);
        events.onReceived({ data: shown, origin: event.origin } as MessageEvent);
      },
      onEnded: (code, reason, error) => events.onEnded(code, reason, broken ?? error),
    });
    // Headers are read as they come: Blobs would have to be waited for.
    Object.defineProperty(carrier, "binaryType", {
      get: () => asked,
      set: (type: BinaryType) => asked = type,
    });
    return carrier;
  }

  /** Says how far the listeners have come: in the topics that had a message last, as many as may be. */
  #hello(): string {
    const list: TopicState[] = [];
    let size = 0;
    for (const [topic, { epoch, offset }] of [...this.#positions].reverse()) {
      size += JSON.stringify([topic, epoch]).length + ENTRY;
      if (list.length === MAX_TOPICS || size > MAX_HELLO) break;
      list.push([topic, epoch, offset]);
    }
    return MARK + HELLO + JSON.stringify(list);
  }

  /** Returns what a program gets of a message; `undefined` for nothing. */
  #received(data: string | ArrayBuffer): string | ArrayBuffer | undefined {
    if (typeof data === "string") {
      if (!data.startsWith(MARK)) return data;
      const kind = data[1];
      if (kind === ESCAPED) return data.slice(2);
      if (kind === MESSAGE) return data.slice(this.#advance(data.slice(0, data.indexOf("\n") + 1)));
      this.#recovered(JSON.parse(data.slice(2)) as TopicState);
      return undefined;
    }
    const bytes = new Uint8Array(data);
    if (bytes[0] !== MARK_BYTE) return data;
    if (bytes[1] === ESCAPED.charCodeAt(0)) return data.slice(2);
    const end = bytes.indexOf(10) + 1;
    this.#advance(decoder.decode(bytes.subarray(0, end)));
    return data.slice(end);
  }

  /** Takes note of a message, before listeners get it. Returns the length of its header. */
  #advance(header: string): number {
    const [offset] = header.slice(2).split(" ", 1);
    const topic: string = JSON.parse(header.slice(3 + offset!.length));
    const epoch = this.#positions.get(topic)?.epoch ?? ""; // unknown if there are too many topics
    this.#set(topic, epoch, Number(offset));
    return header.length;
  }

  /** @throws {SyntaxError} If it is no position. */
  #set(topic: string, epoch: string, offset: number): void {
    if (!isPosition(topic, epoch, offset)) throw new SyntaxError("It has no position");
    this.#positions.delete(topic); // goes to the end
    if (epoch === "") return; // the server does not know
    if (this.#positions.size >= MAX_TOPICS) {
      this.#positions.delete(this.#positions.keys().next().value!);
    }
    this.#positions.set(topic, { epoch, offset });
  }

  #recovered([topic, epoch, offset, recovered]: TopicState): void {
    this.#set(topic, epoch, offset);
    try {
      this.#onRecover?.({ topic, recovered: recovered ?? undefined });
    } catch (error) {
      reportLater(error);
    }
  }
}

/**
 * Lets a socket of `reconnect()` go on where it was: on each connection, it gets what it has missed of
 * the topics that the server's handler subscribes it to, and is told whether that is all. The server
 * needs a `history`. Both agree on it by a subprotocol, `isosocket.recover.v1`, by itself or behind one
 * of the program's with a `+`; `socket.protocol` shows only the program's.
 *
 * @param options What is called for each topic, and positions to go on from.
 * @returns Value of the option `recover` of one socket.
 * @throws {TypeError} If `since` holds something else than positions.
 *
 * @example
 * ```ts ignore
 * import { reconnect } from "@isosocket/isosocket/client";
 * import { recover } from "@isosocket/isosocket/recover";
 *
 * const socket = reconnect("wss://example.org/chat", {
 *   recover: recover({
 *     onRecover({ topic, recovered }) {
 *       if (recovered !== true) console.log(`load ${topic} anew: messages from now on follow`);
 *     },
 *   }),
 * });
 * socket.onmessage = (event) => console.log(event.data);
 * ```
 */
export function recover(options: RecoverOptions = {}): Recovery {
  return new TopicRecovery(options);
}
