/**
 * What has to hold of every change of a schema: it leads to what is wanted, and no row or value that both schemas can
 * hold is lost, there and back.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DatabaseError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { PlannedStep } from "../../src/dialect/schema_support.ts";
import type { Session } from "../../src/engine/session.ts";
import { diffSchemas, inverseRenames, type Renames } from "../../src/migration/diff/mod.ts";
import { SchemaReader } from "../../src/migration/reader.ts";
import { applySteps } from "../../src/schema/apply_step.ts";
import {
  type DatabaseSchema,
  emptySchema,
  type QualifiedName,
} from "../../src/schema/database_schema.ts";
import type { ColumnSchema } from "../../src/schema/table.ts";
import { Random } from "./random.ts";
import type { Pair } from "./schema_changer.ts";
import { keyColumns, valueOf } from "./schema_columns.ts";
import { isSame, quoted, schemaOf } from "./schema_world.ts";

/** How a pair went. */
export type Outcome = "done" | "refused" | "refused back";

/** A pair that breaks the promise. */
export class Fault extends Error {}

/** What a database says when rows stand in the way of a change. */
const refusals =
  /NOT NULL|CHECK|cannot store|UNIQUE|FOREIGN KEY|foreign key|that is not there|null value|contains null|violate|duplicate|invalid input|out of range|too long|overflow|could not create (?:unique|exclusion)|malformed|does not allow/i;
/** A type that has no cast to the other: told before a row is touched. */
const impossible = /cannot be cast|cannot cast/i;

const rowCount = 4;

function path({ name, schema }: QualifiedName): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

/** Tries a pair on an empty database. */
export async function checkPair(
  db: Database,
  pair: Pair,
  { seed, online = false }: { readonly seed: number; readonly online?: boolean },
): Promise<Outcome> {
  return await new PairCheck(db, pair, seed, online).run();
}

class PairCheck {
  readonly #db: Database;
  readonly #pair: Pair;
  readonly #seed: number;
  readonly #online: boolean;
  readonly #reader: SchemaReader;

  constructor(db: Database, pair: Pair, seed: number, online: boolean) {
    this.#db = db;
    this.#pair = pair;
    this.#seed = seed;
    this.#online = online;
    this.#reader = new SchemaReader(db);
  }

  async run(): Promise<Outcome> {
    const { from, to, renames } = this.#pair;
    if (from.flavour === "PostgreSQL") {
      await this.#db.execute(
        "CREATE FUNCTION rex_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
      );
    }
    const a = await this.#canonical("A", schemaOf(from));
    await this.#apply(await this.#plan("create", emptySchema, emptySchema, a), false);
    await this.#compare("A as created", a);
    await this.#fill(a);
    const before = await this.#rows(a);

    const b = await this.#canonical("B", schemaOf(to));
    const current = await this.#reader.read();
    const up = await this.#plan("up", current, current, b, renames);
    const refused = await this.#tried(up, this.#online);
    if (refused && this.#online) return "refused";
    if (refused) {
      await this.#compare("A after a refusal", a);
      assert.deepEqual(await this.#rows(a), before, "rows after a refusal");
      return "refused";
    }
    await this.#compare("B", b);
    this.#survived("up", before, a, await this.#rows(b), b, renames);

    const filled = await this.#reader.read();
    const down = await this.#plan("down", filled, filled, a, inverseRenames(renames));
    if (await this.#tried(down, false)) return "refused back";
    await this.#compare("A again", a);
    this.#survived("there and back", before, b, await this.#rows(a), a, renames, a);
    return "done";
  }

  async #canonical(what: string, schema: DatabaseSchema): Promise<DatabaseSchema> {
    try {
      return await this.#reader.canonical(schema);
    } catch (error) {
      throw new Fault(`canonical ${what}: ${told(error)}`, { cause: error });
    }
  }

  async #plan(
    what: string,
    from: DatabaseSchema,
    current: DatabaseSchema,
    to: DatabaseSchema,
    renames?: Renames,
  ): Promise<PlannedStep[]> {
    const { planner } = await this.#db.dialect.schemaSupport();
    try {
      const steps = diffSchemas(from, to, { ...renames && { renames } });
      const left = diffSchemas(applySteps(current, steps), to);
      if (left.length > 0) throw new Error(`simulated, there is left ${JSON.stringify(left)}`);
      return planner.plan(steps, current, { online: this.#online && what === "up" });
    } catch (error) {
      throw new Fault(`plan ${what}: ${told(error)}`, { cause: error });
    }
  }

  async #apply(planned: readonly PlannedStep[], online: boolean): Promise<void> {
    const { violations } = await this.#db.dialect.schemaSupport();
    const run = async (session: Session, steps: readonly PlannedStep[]) => {
      for (const { statements } of steps) for (const sql of statements) await session.execute(sql);
    };
    if (online) {
      for (const step of planned) {
        if (step.transactional) await this.#db.transaction((tx) => run(tx, [step]));
        else await run(this.#db, [step]);
      }
      return;
    }
    await this.#db.transaction(async (tx) => {
      await run(tx, planned);
      const [broken] = await violations(tx);
      if (broken) {
        throw new Error(`${broken.table}: points to a row of ${broken.parent} that is not there`);
      }
    }, { schemaChange: true });
  }

  /** Whether the data refused it; a plan that can be refused has to say so before. */
  async #tried(planned: readonly PlannedStep[], online: boolean): Promise<boolean> {
    try {
      await this.#apply(planned, online);
      return false;
    } catch (error) {
      const text = told(error);
      const warned = planned.some(({ risk }) => risk !== "safe");
      if (warned && (refusals.test(text) || impossible.test(text))) return true;
      throw new Fault(`apply: ${text}`, { cause: error });
    }
  }

  async #compare(what: string, wanted: DatabaseSchema): Promise<void> {
    const found = await this.#reader.read();
    const others = new Set(["function"]);
    const left = diffSchemas(found, wanted);
    if (left.length > 0) throw new Fault(`${what} differs: ${JSON.stringify(left)}`);
    const unknown = found.others.filter(({ kind }) => !others.has(kind));
    if (unknown.length > 0) throw new Fault(`${what} has ${JSON.stringify(unknown)}`);
  }

  async #fill({ tables }: DatabaseSchema): Promise<void> {
    const { flavour } = this.#pair.from;
    await this.#db.transaction(async (tx) => {
      if (flavour === "PostgreSQL") {
        await tx.execute("SET LOCAL session_replication_role = replica");
      }
      for (const table of tables) {
        const columns = table.columns.filter(({ generated }) => generated === undefined);
        const keys = keyColumns(tables, table);
        const always = columns.some(({ identity }) => identity === "always");
        for (let row = 1; row <= rowCount; row++) {
          const values = columns.map((column) => {
            const random = new Random(hash(`${this.#seed} ${table.name} ${column.name} ${row}`));
            return valueOf(random, flavour, column, row, keys.has(column.name));
          });
          await tx.execute(
            `INSERT INTO ${path(table)} (${columns.map(({ name }) => quoted(name)).join(", ")}) ` +
              `${always ? "OVERRIDING SYSTEM VALUE " : ""}VALUES (${values.join(", ")})`,
          );
        }
      }
    }, { schemaChange: true });
  }

  /** The rows of each table, each value as text. */
  async #rows({ tables }: DatabaseSchema): Promise<Map<string, Record<string, unknown>[]>> {
    const sqlite = this.#pair.from.flavour === "SQLite";
    const all = new Map<string, Record<string, unknown>[]>();
    for (const table of tables) {
      const values = table.columns.map(({ name }, i) =>
        `${sqlite ? `quote(${quoted(name)})` : `${quoted(name)}::text`} AS c${i}`
      );
      const { rows } = await this.#db.execute(`SELECT ${values.join(", ")} FROM ${path(table)}`);
      all.set(
        path(table),
        rows.map((row) =>
          Object.fromEntries(table.columns.map(({ name }, i) => [name, row[`c${i}`]]))
        ),
      );
    }
    return all;
  }

  /** Rows are as before in all the columns that the other schema can hold. */
  #survived(
    what: string,
    before: Map<string, Record<string, unknown>[]>,
    from: DatabaseSchema,
    after: Map<string, Record<string, unknown>[]>,
    to: DatabaseSchema,
    { tables, columns }: Renames,
    again?: DatabaseSchema,
  ): void {
    const renames = again ? inverseRenames({ tables, columns }) : { tables, columns };
    for (const table of from.tables) {
      const name = renames.tables.find((each) => isSame(each.from, table))?.to ?? table;
      const next = to.tables.find((each) => isSame(each, name));
      const taken = renames.tables.some(({ from, to }) => isSame(to, name) && !isSame(from, table));
      if (next === undefined || taken) continue;
      const kept = table.columns.flatMap((old) => {
        const renamed = renames.columns.find((each) =>
          isSame(each.table, next) && each.from === old.name
        );
        const column = next.columns.find((each) => each.name === (renamed?.to ?? old.name));
        const replaced = !renamed &&
          renames.columns.some((each) => isSame(each.table, next) && each.to === old.name);
        return column && !replaced && holds(old, column) ? [[old.name, column.name] as const] : [];
      });
      const project = (rows: readonly Record<string, unknown>[], side: 0 | 1) =>
        rows.map((row) => JSON.stringify(kept.map((pair) => row[pair[side]]))).sort();
      const old = project(before.get(path(again ? next : table)) ?? [], again ? 1 : 0);
      const now = project(after.get(path(next)) ?? [], 1);
      if (JSON.stringify(old) !== JSON.stringify(now)) {
        throw new Fault(`${what}: rows of ${table.name}: ${old.join()} became ${now.join()}`);
      }
    }
  }
}

/** Whether a column takes every value of another without changing it. */
function holds(from: ColumnSchema, to: ColumnSchema): boolean {
  if (to.generated !== undefined || from.generated !== undefined) return false;
  const { values: _, ...type } = from.type;
  const { values: __, ...other } = to.type;
  if (JSON.stringify(type) === JSON.stringify(other)) return from.declared === to.declared;
  const integers = ["smallint", "integer", "bigint"];
  return integers.includes(from.type.name) && integers.includes(to.type.name) &&
    !from.type.array && !to.type.array;
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${told(error.cause)})` : "";
  const query = error instanceof DatabaseError && error.query ? ` in ${error.query}` : "";
  return `${error.message}${cause}${query}`;
}

function hash(text: string): number {
  let value = 17;
  for (const each of text) value = (Math.imul(value, 31) + (each.codePointAt(0) as number)) | 0;
  return value;
}
