/** Script of a page with a reconnecting socket, whose events it logs; tests call it. @module */

import {
  reconnect,
  type ReconnectEventMap,
  type ReconnectingSocket,
  type ReconnectOptions,
} from "@isosocket/isosocket/page";
import { recover } from "@isosocket/isosocket/recover";
import { summaryOf } from "../client/event_summary.ts";

/** The part of a page's `document` that is used here. */
declare const document: EventTarget & { readonly visibilityState: string };

/** Log entry of an event. */
export interface Entry {
  readonly line: string;
  /** Time of the event, in milliseconds, by `Date.now()`. */
  readonly at: number;
}

/** Functions of the page that tests call. */
export interface Reconnecting {
  /**
   * Makes the socket of a test, in place of the last one.
   *
   * @param randoms Results of `Math.random()`, one after another; the last one repeats.
   * @param address Address of the server, by default that of the page.
   * @param recovers Whether it recovers topics. What it is told is in the log.
   */
  begin(
    options: ReconnectOptions,
    randoms: readonly number[],
    address?: string,
    recovers?: boolean,
  ): void;
  /** Sends texts. */
  send(texts: readonly string[]): void;
  /** Waits for an entry that starts with a text; resolves with all entries since the last call. */
  next(beginning: string): Promise<Entry[]>;
  /** Returns the present `readyState`. */
  state(): number;
}

/** Milliseconds to wait for an entry. */
const LIMIT = 15_000;

let socket: ReconnectingSocket | undefined;
let entries: Entry[] = [];
let taken = 0;
let changed = (): void => {};

function add(line: string): void {
  entries.push({ line, at: Date.now() });
  changed();
}

function lineOf(event: Event): string {
  return [event.type, summaryOf(event) ?? []].flat().join(" ");
}

const TYPES = [
  "open",
  "message",
  "error",
  "close",
  "connecting",
  "waiting",
] satisfies (keyof ReconnectEventMap)[];

const reconnecting: Reconnecting = {
  begin(options, randoms, address = "/", recovers = false) {
    if (socket !== undefined) {
      for (const type of TYPES) socket[`on${type}`] = null;
      socket.close();
    }
    let turn = 0;
    Math.random = () => randoms[Math.min(turn++, randoms.length - 1)]!;
    entries = [];
    taken = 0;
    const recovery = recover({
      onRecover: ({ topic, recovered }) => add(`recovered ${topic} ${recovered}`),
    });
    const made = socket = reconnect(
      address,
      recovers ? { ...options, recover: recovery } : options,
    );
    for (const type of TYPES) made[`on${type}`] = (event: Event) => add(lineOf(event));
  },

  send(texts) {
    for (const text of texts) socket!.send(text);
  },

  async next(beginning) {
    const late = Date.now() + LIMIT;
    while (true) {
      const at = entries.findIndex(({ line }, i) => i >= taken && line.startsWith(beginning));
      if (at >= 0) return entries.slice(taken, taken = at + 1);
      if (Date.now() > late) {
        const lines = entries.map(({ line }) => line).join(", ");
        throw new Error(`No ${beginning} came after ${taken} of: ${lines}`);
      }
      await new Promise<void>((resolve) => {
        changed = resolve;
        setTimeout(resolve, late - Date.now() + 1);
      });
    }
  },

  state: () => socket!.readyState,
};

for (const type of ["online", "offline"]) addEventListener(type, () => add(type));
for (const type of ["freeze", "resume"]) document.addEventListener(type, () => add(type));
document.addEventListener("visibilitychange", () => add(document.visibilityState));

Object.assign(globalThis, { reconnecting });
