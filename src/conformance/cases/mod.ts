/**
 * All cases, in the order in which they are listed and numbered.
 *
 * A new case file exports one array and is added to the list here.
 *
 * @module
 */

import type { Case } from "../case.ts";
import { control } from "./control.ts";

/** Every case there is. Clients judged with `--listen` see them numbered from 1 in this order. */
export const cases: readonly Case[] = [
  ...control,
];
