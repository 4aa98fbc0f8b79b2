/** What a terminal shows: the few control sequences that the command writes. @module */

/** Text in one style. */
export interface Span {
  readonly text: string;
  /** Numbers of its SGR sequence: `1` for bold, `31` for red … */
  readonly style: readonly number[];
}

/** A line of a terminal. */
export type Line = readonly Span[];

interface Cell {
  readonly character: string;
  readonly style: readonly number[];
}

/** Returns what is printed for a command that was typed. */
export function typed(command: string): string {
  return `␛[2m$␛[0m ␛[1m${command}␛[0m\r\n`;
}

/** Returns the lines that a terminal shows after some output, with "␛" for ESC. */
export function screenOf(output: string, columns: number): Line[] {
  const lines: Cell[][] = [[]];
  let column = 0;
  let style: number[] = [];
  for (const [token, parameters, final] of output.matchAll(/␛\[([\d;?]*)([A-Za-z])|./gsu)) {
    const line = lines.at(-1)!;
    if (token === "\r") column = 0;
    else if (token === "\n") lines.push([]);
    else if (final === "m") style = styleAfter(style, parameters!);
    else if (final === "G") column = Number(parameters) - 1;
    else if (final === "K" || final === "J") line.length = Math.min(line.length, column);
    else if (final !== undefined) continue; // the cursor is hidden, or shown
    else {
      if (column >= columns) {
        lines.push([]);
        column = 0;
      }
      lines.at(-1)![column++] = { character: token, style };
    }
  }
  return lines.map(spansOf);
}

function styleAfter(style: readonly number[], parameters: string): number[] {
  let after = [...style];
  for (const number of parameters.split(";").map(Number)) {
    if (number === 0) after = [];
    else if (number === 22) after = after.filter((each) => each > 2); // neither bold nor faint
    else if (number === 39) after = after.filter((each) => each < 30); // the default colour
    else after.push(number);
  }
  return after;
}

/** Joins neighbouring cells of one style. */
function spansOf(cells: readonly (Cell | undefined)[]): Span[] {
  const spans: { text: string; style: readonly number[] }[] = [];
  for (const cell of Array.from(cells)) {
    const { character, style } = cell ?? { character: " ", style: [] };
    const last = spans.at(-1);
    if (last !== undefined && last.style.join() === style.join()) last.text += character;
    else spans.push({ text: character, style });
  }
  return spans;
}
