/** List of events on the page. The page gets this function's source. @module */

import type { Elements } from "./elements.ts";

/** Kind of an entry: an event, an action of the user, or a note. */
export type Kind =
  | ("begin" | "call" | "sent" | "exception" | "note")
  | ("connecting" | "waiting" | keyof WebSocketEventMap);

/** List of events on the page. */
export interface Log {
  /** Restarts the clock. */
  restart(): void;
  /** Returns the milliseconds since the restart. */
  now(): number;
  /**
   * Adds an entry.
   *
   * @param label Name of the event or action.
   * @param text Details.
   * @param hex Hex dump that can be unfolded.
   */
  add(kind: Kind, label: string, text?: string, hex?: string): void;
  /** Returns the number of bytes that fit on a line of a hex dump. */
  bytesPerLine(): number;
  /** Adds an entry for an exception. */
  threw(error: unknown): void;
}

/** Binds the list to the page. */
export function logOf({ get, make, after }: Elements): Log {
  const MOST = 500;
  const list = get("log");
  let since = performance.now();

  const log: Log = {
    restart() {
      since = performance.now();
    },
    now: () => performance.now() - since,
    bytesPerLine: () => list.clientWidth < 560 ? 8 : 16,
    add(kind, label, text = "", hex) {
      const mine = kind === "begin" || kind === "call" || kind === "sent";
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
      const time = make("time", "", after(log.now()));
      time.setAttribute("title", new Date().toISOString());
      const plain = kind === "note" || kind === "error";
      const words = [
        make("span", "badge", label),
        " ",
        plain ? make("span", "plain", text) : text,
      ];
      const what = hex === undefined ? make("div", "what", ...words) : make(
        "details",
        "what",
        make("summary", "", ...words),
        make("pre", "", hex),
      );
      const entry = make("li", "entry", time, what);
      entry.dataset.kind = kind;
      list.append(entry);
      if (list.childElementCount > MOST) list.firstElementChild!.remove();
      if (atEnd || mine) list.scrollTop = list.scrollHeight;
      if (!plain) get("latest").textContent = `${label} ${text}`;
    },
    threw(error) {
      const { name, message } = error as Error;
      log.add("exception", name, message);
    },
  };
  get("clear").addEventListener("click", () => list.replaceChildren());
  return log;
}
