/**
 * Makes and removes the log and its triggers, each in one statement: nothing is half done, and whoever does the same
 * at the same time waits.
 *
 * @module
 */
import type { SourceConnection } from "../../../change/source.ts";
import type { ChangeLog, LoggedTable } from "../../../dialect/change_support.ts";
import { literal } from "../schema/names.ts";
import {
  functions,
  insertTrigger,
  logFunction,
  logTable,
  replicaFunction,
  replicaTrigger,
  setUpLock,
  statementTriggers,
  stateTable,
  tableStatements,
} from "./log_sql.ts";

/** The log's schema: where it is, or where a table without a schema would be made. */
const schemaSql = `coalesce((SELECT n.nspname FROM pg_class c JOIN pg_namespace n ` +
  `ON n.oid = c.relnamespace WHERE c.oid = to_regclass('${logTable}')), current_schema())::text`;

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function regclass({ schema, name }: LoggedTable): string {
  const parts = schema === undefined ? [name] : [schema, name];
  return `${literal(parts.map(quoted).join("."))}::regclass`;
}

function block(declarations: string, body: string): string {
  return `DO $rexdo$ DECLARE s text := ${schemaSql}; ${declarations} BEGIN
PERFORM pg_advisory_xact_lock(${setUpLock});
${body}
END $rexdo$`;
}

const run = (sql: string, ...values: string[]) =>
  `EXECUTE format(${[literal(sql), ...values].join(", ")});`;

function makeFunction(name: string, body: string): string {
  const create = `CREATE OR REPLACE FUNCTION %1$I.${name}() RETURNS trigger LANGUAGE plpgsql ` +
    `SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $rexfn$${body}$rexfn$`;
  return `IF NOT EXISTS (SELECT FROM pg_proc WHERE proname = '${name}'
    AND pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = s)
    AND prosrc = format(${literal(body)}, s)) THEN ${run(create, "s")} END IF;`;
}

/** Every table of a partitioned one is written by name too; others are alone. */
const family = "SELECT f.relid FROM pg_partition_tree(t) f JOIN pg_class c ON c.oid = f.relid " +
  "WHERE c.relkind IN ('r', 'p') UNION SELECT t";

const hasTrigger = (name: string) =>
  `EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
    WHERE g.tgrelid = r AND g.tgname = '${name}' AND p.pronamespace =
      (SELECT oid FROM pg_namespace WHERE nspname = s))`;

const makeTriggers = `FOR r IN ${family} LOOP
${
  statementTriggers.map(([event, definition]) => {
    const name = `_rex_changes_${event}`;
    const create = `CREATE TRIGGER ${name} AFTER ${definition} ` +
      `FOR EACH STATEMENT EXECUTE FUNCTION %1$I.${logFunction}_${event}()`;
    return `IF NOT ${hasTrigger(name)} THEN
    ${run(`DROP TRIGGER IF EXISTS ${name} ON %1$s`, "r")}
    ${run(create, "s", "r")}
    END IF;`;
  }).join("\n")
}
${run(`ALTER TABLE %1$s ENABLE ALWAYS TRIGGER _rex_changes_truncate`, "r")}
END LOOP;
r := t;
IF NOT ${hasTrigger(replicaTrigger)} THEN
  ${
  run(
    `CREATE TRIGGER ${replicaTrigger} AFTER INSERT OR UPDATE OR DELETE ON %2$s ` +
      `FOR EACH ROW EXECUTE FUNCTION %1$I.${replicaFunction}()`,
    "s",
    "t",
  )
}
END IF;
FOR r IN ${family} LOOP
  ${run(`ALTER TABLE %1$s ENABLE REPLICA TRIGGER ${replicaTrigger}`, "r")}
END LOOP;`;

const checkKind = `IF (SELECT relkind FROM pg_class WHERE oid = t) NOT IN ('r', 'p') THEN
  RAISE EXCEPTION 'changes of % cannot be logged: it is not a table', t USING ERRCODE = '42809';
END IF;`;

const dropTriggers = `FOR r IN ${family} LOOP
${
  statementTriggers.map(([event]) =>
    run(`DROP TRIGGER IF EXISTS _rex_changes_${event} ON %1$s`, "r")
  ).join("\n")
}
END LOOP;
${run(`DROP TRIGGER IF EXISTS ${replicaTrigger} ON %1$s`, "t")}`;

/** The tables that have the trigger; those that are parts of one that has it are left out. */
const logged = `SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name
  FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid AND p.proname = '${logFunction}_insert'
  JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE g.tgname = '${insertTrigger}'
  AND NOT EXISTS (SELECT FROM pg_trigger o WHERE o.tgname = '${insertTrigger}'
    AND o.tgfoid = g.tgfoid AND o.tgrelid <> c.oid
    AND o.tgrelid IN (SELECT relid FROM pg_partition_ancestors(c.oid)))`;

const each = (tables: readonly LoggedTable[], body: string) =>
  tables.length === 0
    ? ""
    : `FOREACH t IN ARRAY ARRAY[${tables.map(regclass).join(", ")}] LOOP ${body} END LOOP;`;

/** Statements for the log of PostgreSQL. */
export const postgresChangeLog: ChangeLog = Object.freeze({
  async tables(connection: SourceConnection): Promise<readonly LoggedTable[]> {
    const { rows } = await connection.execute<{ schema: string | null; name: string }>(
      `SELECT nullif(schema, current_schema()::text) AS schema, name FROM (${logged}) x ORDER BY 1, 2`,
    );
    return rows.map(({ schema, name }) =>
      Object.freeze(schema === null ? { name } : { schema, name })
    );
  },

  async create(connection: SourceConnection, tables: readonly LoggedTable[]): Promise<void> {
    await connection.execute(block(
      "t regclass; r regclass;",
      `s := ${schemaSql};
IF to_regclass(format('%I.${logTable}', s)) IS NULL THEN
${tableStatements.map((sql) => run(sql, "s")).join("\n")}
END IF;
${functions.map(([name, body]) => makeFunction(name, body)).join("\n")}
${each(tables, checkKind + makeTriggers)}`,
    ));
  },

  async drop(connection: SourceConnection, tables?: readonly LoggedTable[]): Promise<void> {
    await connection.execute(block(
      "t regclass; r regclass;",
      tables ? each(tables, dropTriggers) : `FOR t IN SELECT oid FROM (${logged}) x LOOP
${dropTriggers} END LOOP;
${functions.map(([name]) => run(`DROP FUNCTION IF EXISTS %1$I.${name}() CASCADE`, "s")).join("\n")}
${run(`DROP TABLE IF EXISTS %1$I.${logTable}, %1$I.${stateTable}`, "s")}`,
    ));
  },
});
