/**
 * Loads a dump of `pg_dump` without `psql`: runs its statements, and feeds the rows of its `COPY` blocks through
 * `INSERT`.
 *
 * @module
 */
import type { Database, TransactionScope } from "@rex/orm";

/** One part of a dump. */
export type DumpPart =
  | { readonly kind: "statement"; readonly sql: string }
  | {
    readonly kind: "rows";
    /** The table and its columns, as the dump writes them: `public.album (album_id, title)`. */
    readonly target: string;
    readonly rows: readonly (readonly (string | null)[])[];
  };

const COPY = /^COPY (.+) FROM stdin;$/;
/** What sets up a session of `psql`. It would stay with a connection of the pool. */
const SESSION = /^(SET |SELECT pg_catalog\.set_config)/;
const PARAMETERS = 20_000;

/** Reads a dump in plain format. Comments and the commands of `psql` are left out. */
export function* readDump(text: string): Generator<DumpPart> {
  const lines = text.split("\n")[Symbol.iterator]();
  let statement = "";
  for (const line of lines) {
    if (statement === "" && (line === "" || line.startsWith("--") || line.startsWith("\\"))) {
      continue;
    }
    const target = COPY.exec(line)?.[1];
    if (target !== undefined) {
      yield { kind: "rows", target, rows: readRows(lines) };
      continue;
    }
    statement += `${line}\n`;
    if (!line.endsWith(";")) continue;
    if (!SESSION.test(statement)) {
      yield { kind: "statement", sql: statement.trimEnd().slice(0, -1) };
    }
    statement = "";
  }
}

/** The rows of a `COPY` block, up to its end. */
function readRows(lines: Iterable<string>): (string | null)[][] {
  const rows: (string | null)[][] = [];
  for (const line of { [Symbol.iterator]: () => keepOpen(lines) }) {
    if (line === "\\.") break;
    rows.push(line.split("\t").map(readField));
  }
  return rows;
}

/** An iterator that a loop can leave without ending the one below. */
function keepOpen(lines: Iterable<string>): Iterator<string> {
  const iterator = lines[Symbol.iterator]();
  return { next: () => iterator.next() };
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function readField(field: string): string | null {
  if (field === "\\N") return null;
  return field.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}

/** Runs a dump in one transaction. */
export async function loadPostgres(db: Database, dump: string): Promise<void> {
  await db.transaction(async (tx) => {
    for (const part of readDump(dump)) {
      if (part.kind === "statement") await tx.execute(part.sql);
      else await insertRows(tx, part);
    }
  });
}

async function insertRows(
  tx: TransactionScope,
  { target, rows }: Extract<DumpPart, { kind: "rows" }>,
): Promise<void> {
  const columns = rows[0]?.length ?? 1;
  const batch = Math.floor(PARAMETERS / columns);
  for (let start = 0; start < rows.length; start += batch) {
    const chunk = rows.slice(start, start + batch);
    const tuples = chunk.map((row, r) =>
      `(${row.map((_, c) => `$${r * columns + c + 1}`).join()})`
    );
    const sql = `INSERT INTO ${target} OVERRIDING SYSTEM VALUE VALUES ${tuples.join()}`;
    await tx.execute(sql, chunk.flat());
  }
}
