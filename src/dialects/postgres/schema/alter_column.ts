/**
 * Columns changed in place.
 *
 * @module
 */
import type { Compiler } from "../../../dialect/dialect.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import type { OnTable, Step, StepOf } from "../../../schema/step.ts";
import type { ColumnSchema, TableSchema } from "../../../schema/table.ts";
import { literal, shortened, SqlNames } from "./names.ts";
import { same } from "../../../schema/same.ts";
import type { Work } from "./work.ts";

type Alter = StepOf<"alterColumn">;
type Add = StepOf<"addColumn">;

/** Changes a column's type, NULL, default, identity or expression. */
export function alterColumn(
  step: Alter,
  table: TableSchema,
  compiler: Compiler,
  online: boolean,
): Work {
  const { from, to } = step;
  const names = new SqlNames(compiler);
  const alter = `ALTER TABLE ${names.onTable(step)}`;
  const column = `ALTER COLUMN ${names.name(to.name)}`;
  if (to.generated !== undefined && !same(from.generated, to.generated)) {
    return madeAnew(step, table, compiler);
  }
  if (from.generated?.stored === false && to.generated === undefined) {
    return writtenDown(step, table, compiler, online);
  }
  const retyped = !same(comparable(from.type), comparable(to.type)) ||
    from.collation !== to.collation;
  const redefaulted = !same(from.default, to.default);
  const actions: string[] = [];
  if (from.generated !== undefined && to.generated === undefined) {
    actions.push(`${column} DROP EXPRESSION`);
  }
  if (from.default !== undefined && (redefaulted || retyped)) {
    actions.push(`${column} DROP DEFAULT`);
  }
  if (from.identity !== undefined && to.identity === undefined) {
    actions.push(from.serial ? `${column} DROP DEFAULT` : `${column} DROP IDENTITY`);
  }
  if (retyped) {
    const type = typeSql(compiler, to);
    actions.push(
      `${column} TYPE ${type} USING ${step.using ?? cast(names.name(to.name), from, to, type)}`,
    );
  }
  if (to.default !== undefined && (redefaulted || retyped)) {
    actions.push(`${column} SET DEFAULT ${defaultSql(compiler, to)}`);
  }
  const statements = actions.length > 0 ? [`${alter} ${actions.join(", ")}`] : [];
  if (from.serial && to.identity === undefined) statements.push(dropSequence(step, names));
  const nullability = from.nullable === to.nullable
    ? []
    : to.nullable
    ? [`${alter} ${column} DROP NOT NULL`]
    : notNull(alter, column, to.name, names, online);
  statements.push(...nullability, ...identity(step, names, alter, column));
  const scans = nullability.length > 0 && !to.nullable;
  const rewrites = retyped && !keepsForm(from.type, to.type);
  return {
    statements,
    ...rewrites
      ? { blocking: `writes ${table.name} anew while nobody else can use it` }
      : scans && !online
      ? { blocking: `reads ${table.name} through while nobody else can use it` }
      : {},
    ...online && nullability.length > 1 && { alone: true as const },
  };
}

/** A computed column is dropped and added: its values follow from the others. What stands on it comes back. */
function madeAnew(step: Alter, table: TableSchema, compiler: Compiler): Work {
  const on: OnTable = {
    table: step.table,
    ...step.schema !== undefined && { schema: step.schema },
  };
  const sql = (each: Step) => compiler.compile({ kind: "Step", step: each }).sql;
  const indexes = table.indexes.filter(({ parts }) =>
    parts.some(({ column }) => column === step.to.name)
  );
  return {
    statements: [
      sql({ ...on, kind: "dropColumn", column: step.from }),
      sql({ ...on, kind: "addColumn", column: step.to }),
      ...indexes.map((index) => sql({ ...on, kind: "createIndex", index })),
    ],
    blocking: `writes ${table.name} anew while nobody else can use it`,
  };
}

/** What was computed at each read becomes a column of its own, with the values that there are. */
function writtenDown(step: Alter, table: TableSchema, compiler: Compiler, online: boolean): Work {
  const { from, to } = step;
  const on: OnTable = {
    table: step.table,
    ...step.schema !== undefined && { schema: step.schema },
  };
  const sql = (each: Step) => compiler.compile({ kind: "Step", step: each }).sql;
  const names = new SqlNames(compiler);
  const { generated: _, ...plain } = from;
  const fresh = { ...plain, name: "rex_new", nullable: true };
  const rest = alterColumn(
    { ...step, from: { ...plain, nullable: true } },
    table,
    compiler,
    online,
  );
  return {
    ...rest,
    statements: [
      sql({ ...on, kind: "addColumn", column: fresh }),
      `UPDATE ${names.onTable(on)} SET ${names.name(fresh.name)} = ${names.name(from.name)}`,
      sql({ ...on, kind: "dropColumn", column: from }),
      sql({ ...on, kind: "renameColumn", from: fresh.name, to: to.name }),
      ...rest.statements,
    ],
    blocking: `writes ${table.name} anew while nobody else can use it`,
  };
}

/** Online, a check that is validated first spares the look at all rows under the lock. */
function notNull(
  alter: string,
  column: string,
  name: string,
  names: SqlNames,
  online: boolean,
): string[] {
  if (!online) return [`${alter} ${column} SET NOT NULL`];
  const check = names.name(shortened(`rex_not_null_${name}`));
  return [
    `${alter} ADD CONSTRAINT ${check} CHECK (${names.name(name)} IS NOT NULL) NOT VALID`,
    `${alter} VALIDATE CONSTRAINT ${check}`,
    `${alter} ${column} SET NOT NULL`,
    `${alter} DROP CONSTRAINT ${check}`,
  ];
}

/** Numbers go on after the highest that is there. */
function identity(
  { from, to, ...on }: Alter,
  names: SqlNames,
  alter: string,
  column: string,
): string[] {
  if (to.identity === undefined || from.identity === to.identity) return [];
  const kind = to.identity.toUpperCase();
  const [table, name] = [names.onTable(on), names.name(to.name)];
  const serial = from.serial
    ? [`${alter} ${column} DROP DEFAULT`, dropSequence({ ...on, from }, names)]
    : [];
  if (from.identity !== undefined && !from.serial) {
    return [`${alter} ${column} SET GENERATED ${kind}`];
  }
  return [
    ...serial,
    `${alter} ${column} ADD GENERATED ${kind} AS IDENTITY`,
    `SELECT setval(pg_get_serial_sequence(${literal(table)}, ${
      literal(to.name)
    }), coalesce(max(${name}), 0) + 1, false) FROM ${table}`,
  ];
}

/** The sequence of a `serial` has a name that only the database knows. */
function dropSequence(
  { from, table, schema }: OnTable & { readonly from: ColumnSchema },
  names: SqlNames,
): string {
  const on = names.table({ name: table, ...schema !== undefined && { schema } });
  const sequence = `pg_get_serial_sequence(${literal(on)}, ${literal(from.name)})`;
  return `DO $rex$ BEGIN EXECUTE 'DROP SEQUENCE ' || ${sequence}; END $rex$`;
}

/** How old values become new ones. */
function cast(column: string, from: ColumnSchema, to: ColumnSchema, type: string): string {
  const bare = type.replace(/ COLLATE .*$/, "");
  const enums = from.type.name === "enum" || to.type.name === "enum";
  const viaText = enums || from.type.name === "boolean" && to.type.name !== "integer" ||
    to.type.name === "boolean" && from.type.name !== "integer";
  const text = from.type.array ? "text[]" : "text";
  if (viaText) return `${column}::${text}::${bare}`;
  // There is a cast from boolean to integer alone among the numbers.
  return `${column}::${bare}`;
}

/** Whether the rows stay as they are written. */
function keepsForm(from: ColumnType, to: ColumnType): boolean {
  if ((from.array ?? false) !== (to.array ?? false)) return false;
  const longer = (a = Infinity, b = Infinity) => b >= a;
  const text = (type: ColumnType) => type.name === "varchar" || type.name === "text";
  if (text(from) && text(to)) return longer(from.length, to.length);
  if (from.name !== to.name) return false;
  switch (to.name) {
    case "numeric":
      return (from.scale ?? 0) === (to.scale ?? 0) && longer(from.precision, to.precision) ||
        to.precision === undefined;
    case "time":
    case "timestamp":
    case "timestamptz":
      return longer(from.precision ?? 6, to.precision ?? 6);
    default:
      return false;
  }
}

/** What a new column costs: PostgreSQL keeps a constant default apart, anything else is written into every row. */
export function columnRisk({ column, table }: Add): { readonly blocking?: string } {
  const written = column.identity !== undefined || column.generated?.stored ||
    column.default?.kind === "uuid" ||
    column.default?.kind === "sql" && /\(/.test(column.default.sql) &&
      !/^(now\(\)|\(*CURRENT_)/i.test(column.default.sql);
  return written ? { blocking: `writes ${table} anew while nobody else can use it` } : {};
}

function comparable({ values: _, ...type }: ColumnType): object {
  return type;
}

/** The type as a definition of the column has it. */
function typeSql(compiler: Compiler, { name, type, collation }: ColumnSchema): string {
  return definition(compiler, { name, type, nullable: true, ...collation && { collation } });
}

/** The default of a column, as its definition has it. */
export function defaultSql(compiler: Compiler, column: ColumnSchema): string {
  const { name, type, default: value } = column;
  const text = definition(compiler, { name, type, nullable: true, ...value && { default: value } });
  return text.slice(
    definition(compiler, { name, type, nullable: true }).length + " DEFAULT ".length,
  );
}

/** What stands behind the name of a column in its definition. */
function definition(compiler: Compiler, column: ColumnSchema): string {
  const step: Step = { kind: "addColumn", table: "t", column };
  const { sql } = compiler.compile({ kind: "Step", step });
  return sql.slice(`ALTER TABLE t ADD COLUMN ${compiler.identifier(column.name)} `.length);
}
