/**
 * What both of Drizzle's dialects share.
 *
 * @module
 */
import { type Placeholder, sql } from "drizzle-orm";
import type { NewItem } from "../model.ts";

/** A place for each column's value, by the column's name. */
export const itemPlaces = {
  name: sql.placeholder("name"),
  email: sql.placeholder("email"),
  city: sql.placeholder("city"),
  bio: sql.placeholder("bio"),
  age: sql.placeholder("age"),
  visits: sql.placeholder("visits"),
  score: sql.placeholder("score"),
  active: sql.placeholder("active"),
  createdAt: sql.placeholder("createdAt"),
} satisfies Record<keyof NewItem, Placeholder>;
