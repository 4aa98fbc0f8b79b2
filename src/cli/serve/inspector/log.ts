/** The list of what happened. The page gets this function's source. @module */

import type { Elements } from "./elements.ts";

/** What kind of thing happened. */
export type Kind =
  | ("begin" | "call" | "sent" | "exception" | "note")
  | ("connecting" | "waiting" | keyof WebSocketEventMap);

/** The list of what happened. */
export interface Log {
  /** Starts the clock anew. */
  restart(): void;
  /** Milliseconds since then. */
  now(): number;
  /**
   * Adds a line.
   *
   * @param label What happened, in a word or two.
   * @param text The rest of the line.
   * @param hex What can be unfolded.
   */
  add(kind: Kind, label: string, text?: string, hex?: string): void;
  /** How many bytes a line of hex has room for. */
  bytesPerLine(): number;
  /** Adds a line for what was thrown. */
  threw(error: unknown): void;
}

/** Makes the list work. */
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
