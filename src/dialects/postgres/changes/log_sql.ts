/**
 * The parts of the log in the database: its table, its state and what its triggers do.
 *
 * A statement writes one entry with its rows, or one for every 200 of them or megabyte, as text: what types' output
 * functions give, with the settings that they depend on pinned, is exact for every type and costs least. Columns are
 * not named in an entry; the reader takes their names from the catalogue and knows when it must not (see
 * `log_window.ts`).
 *
 * @module
 */

/** The table of the log. */
export const logTable = "_rex_changes";
/** The table with the one row that says what the log is and what was removed. */
export const stateTable = "_rex_changes_state";
/** The functions of the triggers for each statement begin with this; the event follows. */
export const logFunction = "_rex_changes_log";
/** The function of the triggers for each row, which only fire where those for statements do not. */
export const replicaFunction: string = `${logFunction}_replica`;
/** The trigger whose being there makes a table a logged one. */
export const insertTrigger = "_rex_changes_insert";
/** The channel of wake-ups. */
export const channel = "_rex_changes";

/** The first half of the keys of advisory locks: `rexc`. */
const lockSpace = 0x72657863;
/** Held by a reader that sleeps: who writes then rings. */
export const bell = `${lockSpace}, 1`;
/** Held while the log is made or removed. */
export const setUpLock = `${lockSpace}, 2`;

/** The statements that make the tables; `%1$I` is the schema. */
export const tableStatements: readonly string[] = [
  `CREATE TABLE %1$I.${logTable} (id bigserial, xid xid8 NOT NULL DEFAULT pg_current_xact_id(), ` +
  `rel oid NOT NULL, depth int NOT NULL, kind "char" NOT NULL, olds text, news text)`,
  // Compressing costs more than it saves: entries live for an hour.
  `ALTER TABLE %1$I.${logTable} ALTER olds SET STORAGE EXTERNAL, ALTER news SET STORAGE EXTERNAL`,
  `CREATE INDEX ${logTable}_xid ON %1$I.${logTable} (xid, id)`,
  `CREATE TABLE %1$I.${stateTable} (id uuid NOT NULL, removed text, marks jsonb NOT NULL)`,
  `INSERT INTO %1$I.${stateTable} VALUES (gen_random_uuid(), NULL, '[]')`,
];

/** Each row with its place, in chunks of at most 200 rows or a megabyte and a row. */
function chunked(row: string, from: string): string {
  return `SELECT t, row_number() OVER w AS r, sum(octet_length(t) + 5000) OVER w / 1000000 AS g ` +
    `FROM (SELECT ${row}::text AS t FROM ${from} ${row} OFFSET 0) x ` +
    `WINDOW w AS (ROWS UNBOUNDED PRECEDING)`;
}

const entry = "TG_RELID, pg_trigger_depth()";
const into = (columns: string) => `INSERT INTO %1$I.${logTable} (rel, depth, kind, ${columns})`;

/** A chunk that goes on with a statement has its kind in upper case. */
function kindOfChunk(kind: string): string {
  return `CASE row_number() OVER (ORDER BY g) WHEN 1 THEN '${kind}' ` +
    `ELSE '${kind.toUpperCase()}' END::"char"`;
}

/** What tells that the settings are not those whose text the codecs read. */
const odd = `current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC', 'GMT')
      OR current_setting('DateStyle') NOT LIKE 'ISO%%'
      OR current_setting('IntervalStyle') <> 'postgres'
      OR current_setting('bytea_output') <> 'hex'
      OR current_setting('extra_float_digits')::int < 1`;

const settings = ["TimeZone", "DateStyle", "IntervalStyle", "bytea_output", "extra_float_digits"];
const wanted = ["UTC", "ISO", "postgres", "hex", "1"];
const pin = settings.map((name, i) => `set_config('${name}', '${wanted[i]}', true)`).join(", ");
const unpin = settings.map((name, i) => `set_config('${name}', saved[${i + 1}], true)`).join(", ");
const current = settings.map((name) => `current_setting('${name}')`).join(", ");

// As clauses of the function the five settings would cost every statement ten microseconds.
const pinned = `saved := ARRAY[${current}];
    PERFORM ${pin};`;
const unpinned = `PERFORM ${unpin};`;

/**
 * A NOTIFY serialises commits, so it is only sent while a reader sleeps, which holds the lock. A transaction that sent
 * one cannot be prepared for a two-phase commit: where the server has those, readers are left to look for themselves,
 * unless the setting `rex_changes.ring` is `on`.
 */
const ring = `IF (CASE current_setting('rex_changes.ring', true) WHEN 'on' THEN true
        WHEN 'off' THEN false ELSE current_setting('max_prepared_transactions') = '0' END)
      AND (CASE WHEN pg_try_advisory_lock_shared(${bell})
        THEN NOT pg_advisory_unlock_shared(${bell}) ELSE true END) THEN
    PERFORM pg_notify('${channel}', '');
  END IF;
  RETURN NULL;`;

/**
 * The body of a function for statements. The first way is for one row, which nearly all have: each expression less is
 * a microsecond less.
 */
function statementBody(rows: string, one: string, many: string): string {
  return `
DECLARE
  rows int := (SELECT count(*) FROM (SELECT FROM ${rows} LIMIT 2) x);
  saved text[];
BEGIN
  IF rows = 1 AND NOT (${odd}) THEN
    ${one};
  ELSIF rows > 0 THEN
    ${pinned}
    ${many};
    ${unpinned}
  ELSE
    RETURN NULL;
  END IF;
  ${ring}
END`;
}

function oneSided(kind: string, column: string, row: string, from: string): string {
  return statementBody(
    from,
    `${into(column)} SELECT ${entry}, '${kind}', ${row}::text FROM ${from} ${row}`,
    `${into(column)} SELECT ${entry}, ${kindOfChunk(kind)}, string_agg(t, '')
      FROM (${chunked(row, from)}) c GROUP BY g ORDER BY g`,
  );
}

const updateBody = statementBody(
  "rex_new",
  `${into("olds, news")} SELECT ${entry}, 'u', o::text, n::text FROM rex_old o, rex_new n`,
  // The two tables have the rows in the same order.
  `${into("olds, news")} SELECT ${entry}, ${kindOfChunk("u")},
      string_agg(o, '' ORDER BY r), string_agg(n, '' ORDER BY r)
      FROM (SELECT g, r, t AS o, NULL AS n FROM (${chunked("o", "rex_old")}) a
        UNION ALL SELECT g, r, NULL, t FROM (${chunked("n", "rex_new")}) b) c
      GROUP BY g ORDER BY g`,
);

const truncateBody = `
BEGIN
  INSERT INTO %1$I.${logTable} (rel, depth, kind) VALUES (${entry}, 't');
  ${ring}
END`;

const replicaBody = `
DECLARE
  saved text[];
BEGIN
  ${pinned}
  IF TG_OP = 'INSERT' THEN
    ${into("news")} VALUES (${entry}, 'i', NEW::text);
  ELSIF TG_OP = 'DELETE' THEN
    ${into("olds")} VALUES (${entry}, 'd', OLD::text);
  ELSE
    ${into("olds, news")} VALUES (${entry}, 'u', OLD::text, NEW::text);
  END IF;
  ${unpinned}
  ${ring}
END`;

/** The functions with their bodies; `%1$I` is the schema. */
export const functions: readonly (readonly [name: string, body: string])[] = [
  [`${logFunction}_insert`, oneSided("i", "news", "n", "rex_new")],
  [`${logFunction}_update`, updateBody],
  [`${logFunction}_delete`, oneSided("d", "olds", "o", "rex_old")],
  [`${logFunction}_truncate`, truncateBody],
  [replicaFunction, replicaBody],
];

/** The triggers of a table for statements: event, and what follows `AFTER`. `%2$s` is the table. */
export const statementTriggers: readonly (readonly [event: string, definition: string])[] = [
  ["insert", "INSERT ON %2$s REFERENCING NEW TABLE AS rex_new"],
  ["update", "UPDATE ON %2$s REFERENCING OLD TABLE AS rex_old NEW TABLE AS rex_new"],
  ["delete", "DELETE ON %2$s REFERENCING OLD TABLE AS rex_old"],
  ["truncate", "TRUNCATE ON %2$s"],
];
/** The trigger for rows, for what is applied as a replica: triggers for statements do not fire there. */
export const replicaTrigger = "_rex_changes_replica";
