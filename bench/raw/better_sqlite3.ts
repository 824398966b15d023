/**
 * `better-sqlite3` by hand: the same statements as on `node:sqlite`.
 *
 * @module
 */
import Database from "better-sqlite3";
import type { Candidate } from "../candidate.ts";
import { pragmas } from "../databases/sqlite.ts";
import { type RawSqlite, rawSqliteOperations } from "./sqlite.ts";

/** The floor of everything that runs on `better-sqlite3`. */
export const raw: Candidate = {
  name: "better-sqlite3",
  driver: "better-sqlite3",
  open(place) {
    const database = new Database(place);
    for (const pragma of pragmas) database.pragma(pragma);
    return Promise.resolve(rawSqliteOperations(database as unknown as RawSqlite));
  },
};
