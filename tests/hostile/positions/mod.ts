/**
 * Every place of the public API where text goes in: what it is, and what must come of a hostile one.
 *
 * @module
 */
import type { Position } from "../arena.ts";
import { repositories } from "./repositories.ts";
import { schemas } from "./schemas.ts";
import { typed } from "./typed.ts";
import { untyped } from "./untyped.ts";

/** All of them. */
export const positions: readonly Position[] = [...repositories, ...typed, ...untyped, ...schemas];
