/**
 * Tables and views, put together from the rows of the catalogs.
 *
 * @module
 */
import type { ColumnType } from "../../../schema/column_type.ts";
import type { OtherObject, QualifiedName, ViewSchema } from "../../../schema/database_schema.ts";
import type {
  CheckSchema,
  ColumnSchema,
  Deferral,
  ExclusionSchema,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  KeySchema,
  PartitionSchema,
  ReferentialAction,
  TableSchema,
} from "../../../schema/table.ts";
import type {
  ColumnRow,
  ConstraintRow,
  IndexPartRow,
  IndexRow,
  RelationRow,
  TypeRow,
} from "./catalog.ts";

/** What the catalogs told, by relation. */
export interface CatalogRows {
  /** The name by which something is told. */
  readonly told: (schema: string, name: string) => QualifiedName;
  /** The type of a column. */
  readonly type: (row: TypeRow) => ColumnType;
  /** Columns. */
  readonly columns: ReadonlyMap<number, readonly ColumnRow[]>;
  /** Constraints. */
  readonly constraints: ReadonlyMap<number, readonly ConstraintRow[]>;
  /** Indexes. */
  readonly indexes: ReadonlyMap<number, readonly IndexRow[]>;
}

const actions: Readonly<Record<string, ReferentialAction | undefined>> = {
  r: "restrict",
  c: "cascade",
  n: "set null",
  d: "set default",
};

/** Puts tables and views together. */
export class RelationReader {
  /** Parts of tables that there is no data for. */
  readonly leftOut: OtherObject[] = [];
  readonly #rows: CatalogRows;

  /** Reads from rows. */
  constructor(rows: CatalogRows) {
    this.#rows = rows;
  }

  /** A table. */
  table(row: RelationRow): TableSchema {
    const constraints = this.#rows.constraints.get(row.oid) ?? [];
    const of = (kind: ConstraintRow["kind"]) => constraints.filter((each) => each.kind === kind);
    const indexes = this.#rows.indexes.get(row.oid) ?? [];
    const [primary] = of("p");
    const named = this.#rows.told(row.schema, row.name);
    for (const each of constraints.filter(({ validated }) => !validated)) {
      this.leftOut.push({ kind: "NOT VALID", ...named, name: each.name, table: row.name });
    }
    for (const each of indexes.filter(({ valid }) => !valid)) {
      this.leftOut.push({ kind: "invalid index", ...named, name: each.name, table: row.name });
    }
    if (row.persistence === "u") this.leftOut.push({ kind: "unlogged", ...named, table: row.name });
    const exclusions = of("x").map((each) => this.#exclusion(each, indexes));
    const partition = this.#partition(row);
    return {
      ...named,
      columns: (this.#rows.columns.get(row.oid) ?? []).map((each) => this.#column(each)),
      ...primary && { primaryKey: keyOf(primary) },
      uniques: of("u").map(keyOf),
      indexes: indexes.filter(({ exclusion }) => !exclusion).map(indexOf),
      checks: of("c").map(({ name, sql }): CheckSchema => ({ name, sql: unwrapped(sql ?? "") })),
      foreignKeys: of("f").map((each) => this.#foreignKey(each)),
      ...exclusions.length > 0 && { exclusions },
      ...partition && { partition },
      ...row.options !== null && { options: `WITH (${row.options})` },
      ...row.comment !== null && { comment: row.comment },
    };
  }

  /** A view. */
  view(row: RelationRow): ViewSchema {
    return {
      ...this.#rows.told(row.schema, row.name),
      sql: (row.definition ?? "").trim().replace(/;$/, ""),
      columns: (this.#rows.columns.get(row.oid) ?? []).map(({ name }) => name),
      materialized: row.kind === "m",
      indexes: (this.#rows.indexes.get(row.oid) ?? []).map(indexOf),
      ...row.comment !== null && { comment: row.comment },
    };
  }

  #column(row: ColumnRow): ColumnSchema {
    const { default: value, generated, identity } = row;
    const numbered = identity !== "" || row.serial;
    return {
      name: row.name,
      type: this.#rows.type(row.type),
      nullable: !row.notNull,
      ...numbered && { identity: identity === "a" ? "always" as const : "by default" as const },
      ...row.serial && { serial: true as const },
      ...generated !== "" && {
        generated: { sql: unwrapped(value ?? ""), stored: generated === "s" },
      },
      ...generated === "" && !numbered && value !== null &&
        { default: { kind: "sql" as const, sql: value } },
      ...row.collation !== null && { collation: row.collation },
      ...row.comment !== null && { comment: row.comment },
    };
  }

  #foreignKey(row: ConstraintRow): ForeignKeySchema {
    const { name, schema } = this.#rows.told(row.targetSchema ?? "", row.targetTable ?? "");
    const [onDelete, onUpdate] = [actions[row.onDelete], actions[row.onUpdate]];
    return {
      name: row.name,
      columns: row.columns,
      table: name,
      ...schema !== undefined && { schema },
      references: row.references ?? [],
      ...onDelete && { onDelete },
      ...onUpdate && { onUpdate },
      ...deferralOf(row),
      ...row.match === "f" && { match: "full" as const },
    };
  }

  #exclusion(row: ConstraintRow, indexes: readonly IndexRow[]): ExclusionSchema {
    const index = indexes.find(({ oid }) => oid === row.index);
    return {
      name: row.name,
      method: index?.method ?? "",
      parts: (index?.parts ?? []).filter(({ key }) => key).map((part, i) => ({
        ...indexPart(part),
        operator: row.operators?.[i] ?? "=",
      })),
      ...index && index.where !== null && { where: unwrapped(index.where) },
      ...deferralOf(row),
    };
  }

  #partition(row: RelationRow): PartitionSchema | undefined {
    const [parent] = row.parents ?? [];
    if (row.partitionBound !== null && parent) {
      const { name, schema } = this.#rows.told(parent.schema, parent.name);
      if (row.partitionKey !== null) {
        this.leftOut.push({
          kind: "partition of a partition",
          ...this.#rows.told(row.schema, row.name),
          sql: `PARTITION BY ${row.partitionKey}`,
        });
      }
      return {
        kind: "of",
        table: name,
        ...schema !== undefined && { schema },
        bound: row.partitionBound,
      };
    }
    return row.partitionKey === null ? undefined : { kind: "by", sql: row.partitionKey };
  }
}

function keyOf(row: ConstraintRow): KeySchema {
  return {
    name: row.name,
    columns: row.columns,
    ...row.include && { include: row.include },
    ...row.nullsNotDistinct === true && { nullsNotDistinct: true as const },
    ...deferralOf(row),
  };
}

function deferralOf({ deferrable, deferred }: ConstraintRow): { deferrable?: Deferral } {
  if (!deferrable) return {};
  return { deferrable: deferred ? "initially deferred" : "initially immediate" };
}

function indexOf(row: IndexRow): IndexSchema {
  const include = row.parts.filter(({ key }) => !key).map(({ column }) => column ?? "");
  return {
    name: row.name,
    parts: row.parts.filter(({ key }) => key).map(indexPart),
    unique: row.unique,
    ...row.method !== "btree" && { method: row.method },
    ...row.where !== null && { where: unwrapped(row.where) },
    ...include.length > 0 && { include },
    ...row.nullsNotDistinct === true && { nullsNotDistinct: true as const },
    ...row.options !== null && { options: row.options },
    ...row.comment !== null && { comment: row.comment },
  };
}

/** Bit 1: descending, bit 2: NULLs first; NULLs come last in ascending order unless it says otherwise. */
function indexPart(row: IndexPartRow): IndexPart {
  const descending = (row.option & 1) !== 0;
  const first = (row.option & 2) !== 0;
  return {
    ...row.column !== null ? { column: row.column } : { sql: unwrapped(row.sql) },
    ...descending && { direction: "desc" as const },
    ...first !== descending && { nulls: first ? "first" as const : "last" as const },
    ...row.collation !== null && { collation: row.collation },
    ...row.operatorClass !== null && { operatorClass: row.operatorClass },
  };
}

/** An expression without the parentheses that PostgreSQL puts around all of it. */
export function unwrapped(sql: string): string {
  if (!sql.startsWith("(")) return sql;
  let depth = 0;
  for (const { 0: token, index } of sql.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]/g)) {
    if (token === "(") depth++;
    if (token !== ")" || --depth > 0) continue;
    return index === sql.length - 1 ? sql.slice(1, -1) : sql;
  }
  return sql;
}
