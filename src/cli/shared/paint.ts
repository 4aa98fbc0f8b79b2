/** Colours for terminals. @module */

import process from "node:process";
import { styleText } from "node:util";

/** Style of a text on a terminal. */
export type Style = Parameters<typeof styleText>[0];

/** Applies a style to a text. */
export type Paint = (style: Style, text: string) => string;

/** A stream that may be a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean;
}

/** Returns whether a stream is a terminal whose user wants colours (no-color.org). */
export function wantsColour({ isTTY = false }: MaybeTerminal): boolean {
  return isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}

/** Returns the `Paint` of a stream: if it is not such a terminal, text stays unchanged. */
export function paintFor(stream: MaybeTerminal): Paint {
  if (!wantsColour(stream)) return (_, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}
