/** The list of what happened. The page gets this function's source. @module */

import type { Elements } from "./elements.ts";

/** What kind of thing happened. */
export type Kind = "begin" | "call" | "sent" | "exception" | "note" | keyof WebSocketEventMap;

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
   * @param more What can be unfolded.
   */
  add(kind: Kind, label: string, text?: string, more?: { title: string; text: string }): void;
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
    add(kind, label, text = "", more) {
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
      const time = make("time", "", after(log.now()));
      time.setAttribute("title", new Date().toISOString());
      const what = make("div", "what", make("span", "badge", label), " ");
      what.append(kind === "note" || kind === "error" ? make("span", "plain", text) : text);
      if (more !== undefined) {
        what.append(
          make("details", "", make("summary", "", more.title), make("pre", "", more.text)),
        );
      }
      const entry = make("li", "entry", time, what);
      entry.dataset.kind = kind;
      list.append(entry);
      if (list.childElementCount > MOST) list.firstElementChild!.remove();
      if (atEnd) list.scrollTop = list.scrollHeight;
    },
    threw(error) {
      const { name, message } = error as Error;
      log.add("exception", name, message);
    },
  };
  get("clear").addEventListener("click", () => list.replaceChildren());
  return log;
}
