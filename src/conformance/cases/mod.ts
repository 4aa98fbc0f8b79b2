/**
 * All cases, in the order in which they are listed and numbered.
 *
 * A new case file exports one array and is added to the list here.
 *
 * @module
 */

import type { Case } from "../case.ts";
import { closing } from "./closing.ts";
import { control } from "./control.ts";
import { deflate } from "./deflate.ts";
import { fragmentation } from "./fragmentation.ts";
import { framing } from "./framing.ts";
import { reserved } from "./reserved.ts";
import { sizes } from "./sizes.ts";
import { utf8 } from "./utf8.ts";

/** Every case there is. Clients judged with `--listen` see them numbered from 1 in this order. */
export const cases: readonly Case[] = [
  ...framing,
  ...reserved,
  ...fragmentation,
  ...control,
  ...utf8,
  ...closing,
  ...sizes,
  ...deflate,
];
