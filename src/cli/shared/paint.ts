/** Colours, where somebody sees them and wants them. @module */

import process from "node:process";
import { styleText } from "node:util";

/** A style of a terminal's text. */
export type Style = Parameters<typeof styleText>[0];

/** Sets a text off. */
export type Paint = (style: Style, text: string) => string;

/** A stream that may be a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean;
}

/** Whether a stream is a terminal whose user wants colours (no-color.org). */
export function wantsColour({ isTTY = false }: MaybeTerminal): boolean {
  return isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}

/** Paints for a stream: elsewhere than on a terminal, text stays as it is. */
export function paintFor(stream: MaybeTerminal): Paint {
  if (!wantsColour(stream)) return (_, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}
