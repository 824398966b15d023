/**
 * How many changes a second are followed: writers fill the log while server and client stand still, then the time is
 * taken until the client has the last change.
 *
 * @module
 */
import type { Sql } from "postgres";
import type { Client } from "./client.ts";
import { followedRows } from "./model.ts";
import { now, type Program } from "./programs.ts";

/** What is written. */
export interface Backlog {
  /** Changes. */
  readonly count: number;
  /** Changes in one transaction. */
  readonly each: number;
  /** Whether the client's query has the rows. */
  readonly matches: boolean;
}

/** A server that stands still, and the client that waits for it. */
export interface Follower {
  readonly program: Program;
  readonly client: Client;
}

/** What one follower did in one round. */
export interface Pace {
  /** Changes a second. */
  readonly rate: number;
  /** Frames that the client was sent. */
  readonly frames: number;
}

const text = "Some sixty characters of text, as rows of tables have, or more";

let rounds = 0;

/** One round: all followers read the same log, one after the other. */
export async function followBacklog(
  sql: Sql,
  backlog: Backlog,
  followers: readonly Follower[],
): Promise<Pace[]> {
  const mark = `end${++rounds}.`;
  for (const { program } of followers) program.signal("SIGSTOP");
  const { count, each, matches } = backlog;
  const base = matches ? 1 : followedRows + 1;
  // COMMIT inside DO: the server writes without waiting for anybody.
  await sql.unsafe(`DO $$ DECLARE at int; BEGIN FOR i IN 1..${count / each} LOOP
    at := ${base} + i * ${each} % ${followedRows};
    UPDATE items SET body = '${text} ' || i WHERE id >= at AND id < at + ${each};
    COMMIT;
  END LOOP; END $$`);
  await sql.unsafe(`UPDATE items SET body = '${mark}' WHERE id = 1`);
  const paces: Pace[] = [];
  const order = rounds % 2 === 0 ? [...followers.keys()] : [...followers.keys()].reverse();
  for (const at of order) {
    const { program, client } = followers[at]!;
    const before = client.frames;
    const seen = client.sees(mark);
    const start = now();
    program.signal("SIGCONT");
    const time = await seen - start;
    paces[at] = { rate: count / time * 1000, frames: client.frames - before };
  }
  return paces;
}
