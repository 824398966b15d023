/**
 * `node:sqlite` by hand: each statement prepared once, rows as objects, values converted in place.
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Candidate } from "../candidate.ts";
import { pragmas } from "../databases/sqlite.ts";
import { type RawSqlite, rawSqliteOperations } from "./sqlite.ts";

/** The floor of everything that runs on `node:sqlite`. */
export const raw: Candidate = {
  name: "node:sqlite",
  driver: "node:sqlite",
  open(place) {
    const database = new DatabaseSync(place);
    for (const pragma of pragmas) database.exec(`PRAGMA ${pragma}`);
    return Promise.resolve(rawSqliteOperations(database as RawSqlite<StatementSync>));
  },
};
