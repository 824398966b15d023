/**
 * Enum types and domains changed in place.
 *
 * @module
 */
import { UnsupportedError } from "../../../base/errors.ts";
import type { Compiler } from "../../../dialect/dialect.ts";
import type { DatabaseSchema } from "../../../schema/database_schema.ts";
import { same } from "../../../schema/same.ts";
import type { Step, StepOf } from "../../../schema/step.ts";
import { defaultSql } from "./alter_column.ts";
import { literal, shortened, SqlNames } from "./names.ts";

/** PostgreSQL cannot take a value from an enum: the type is made anew and its columns are changed over. */
export function replaceEnum(
  { from, to }: StepOf<"replaceEnum">,
  schema: DatabaseSchema,
  compiler: Compiler,
): string[] {
  const names = new SqlNames(compiler);
  const enumName = from.schema === undefined ? from.name : `${from.schema}.${from.name}`;
  const old = names.name(shortened(`rex_old_${from.name}`));
  const gone = from.values.filter((value) => !to.values.includes(value)).map(literal);
  const sql = (step: Step) => compiler.compile({ kind: "Step", step }).sql;
  const changes = schema.tables.flatMap((table) =>
    table.columns.filter(({ type }) => type.enumName === enumName).map((column) => {
      const name = names.name(column.name);
      const [list, text] = column.type.array ? ["[]", "text[]"] : ["", "text"];
      const default_ = column.default?.kind === "sql" ? column.default.sql : undefined;
      return `ALTER TABLE ${names.table(table)} ${
        [
          ...default_ === undefined ? [] : [`ALTER COLUMN ${name} DROP DEFAULT`],
          `ALTER COLUMN ${name} TYPE ${names.table(to)}${list} USING ${name}::${text}::${
            names.table(to)
          }${list}`,
          // A default that goes with its value is another step's matter.
          ...default_ === undefined || gone.some((value) => default_.includes(value))
            ? []
            : [`ALTER COLUMN ${name} SET DEFAULT ${default_}`],
        ].join(", ")
      }`;
    })
  );
  return [
    `ALTER TYPE ${names.table(from)} RENAME TO ${old}`,
    sql({ kind: "createEnum", enum: to }),
    ...changes,
    `DROP TYPE ${from.schema === undefined ? old : `${names.name(from.schema)}.${old}`}`,
  ];
}

/** Conditions, NULL and default of a domain; its type stays. */
export function alterDomain(
  { from, to }: StepOf<"alterDomain">,
  compiler: Compiler,
): string[] {
  if (!same(from.type, to.type)) {
    throw new UnsupportedError(`Cannot change the type of the domain ${to.name}`, {
      hint: "Make another domain and change the columns over to it",
    });
  }
  const names = new SqlNames(compiler);
  const alter = `ALTER DOMAIN ${names.table(to)}`;
  const statements: string[] = [];
  const has = (checks: typeof to.checks, wanted: (typeof to.checks)[number]) =>
    checks.some(({ name, sql }) => name === wanted.name && sql === wanted.sql);
  for (const check of from.checks.filter((each) => !has(to.checks, each))) {
    statements.push(`${alter} DROP CONSTRAINT ${names.name(check.name)}`);
  }
  if (!same(from.default, to.default)) {
    statements.push(
      to.default ? `${alter} SET DEFAULT ${defaultSql(compiler, to)}` : `${alter} DROP DEFAULT`,
    );
  }
  if (from.nullable !== to.nullable) {
    statements.push(`${alter} ${to.nullable ? "DROP" : "SET"} NOT NULL`);
  }
  for (const check of to.checks.filter((each) => !has(from.checks, each))) {
    statements.push(`${alter} ADD CONSTRAINT ${names.name(check.name)} CHECK (${check.sql})`);
  }
  return statements;
}
