/** Passes the reports of a link on. @module */

import type { LinkEvents } from "../../core/link.ts";

/** Returns what passes all reports on, but for those that are replaced. */
export function passOn(events: LinkEvents, replaced: Partial<LinkEvents>): LinkEvents {
  return {
    opened: (link, protocol, extensions) => events.opened(link, protocol, extensions),
    received: (data) => events.received(data),
    heard: (kind, payload) => events.heard(kind, payload),
    closing: (answer) => events.closing(answer),
    closed: (code, reason) => events.closed(code, reason),
    failed: (cause) => events.failed(cause),
    ...replaced,
  };
}
