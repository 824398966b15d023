/**
 * Creates and drops the tables of models as they are declared: for tests, examples and first steps. A
 * database that lives on is changed by migrations.
 *
 * @module
 */
import { nameKey } from "../schema/database_schema.ts";
import type { CompiledQuery } from "../ast/executor.ts";
import type { DdlNode } from "../ast/ddl.ts";
import type { Session } from "../engine/session.ts";
import type { ModelClass } from "../model/keys.ts";
import { entityOf, ModelRegistry } from "../model/registry.ts";
import { tablesOf } from "../model/tables.ts";
import type { EntitySchema } from "../schema/entity.ts";
import type { ForeignKeySchema, TableSchema } from "../schema/table.ts";
import { type FollowedTable, followedTables, followTables, unfollowTables } from "./follow.ts";
import { enumsOf } from "./models.ts";

/** How tables are created. */
export interface CreateOptions {
  /** The models; by default all that are registered. */
  readonly models?: readonly ModelClass[];
  /** Leave tables alone that are there already. */
  readonly ifNotExists?: boolean;
}

/** How tables are dropped. */
export interface DropOptions {
  /** The models; by default all that are registered. */
  readonly models?: readonly ModelClass[];
}

/** Creates and drops the tables of models. */
export class SchemaCreator {
  readonly #session: () => Session;

  /** Works on what `session` gives. */
  constructor(session: () => Session) {
    this.#session = session;
  }

  /** Creates tables, join tables, types, keys and indexes, all or nothing where the database can. */
  async create(options: CreateOptions = {}): Promise<void> {
    await this.#run(this.nodes(options));
  }

  /** Drops the tables, those that others point to last. */
  async drop(options: DropOptions = {}): Promise<void> {
    const { capabilities } = this.#session().dialect;
    const tables = tablesOf(entities(options.models)).reverse();
    const nodes: DdlNode[] = tables.map((table) => ({
      kind: "DropTable",
      table: table.name,
      ...table.schema !== undefined && { schema: table.schema },
      ifExists: true,
      cascade: capabilities.supportsAddForeignKey,
    }));
    if (capabilities.supportsEnumTypes) {
      for (const type of enumsOf(tables)) nodes.push({ kind: "DropEnum", type, ifExists: true });
    }
    await this.#run(nodes);
  }

  /**
   * Has the database log every change of these tables, whoever makes it, for feeds with the source `log`. Tables that are
   * logged already stay so. In a database that lives on it belongs into a migration.
   *
   * ```ts ignore
   * await db.schema.followChanges(); // the tables of all models
   * await db.schema.followChanges(["posts", User]);
   * ```
   *
   * @param tables names, or models with their join tables; left out: those of all registered models
   * @throws {MigrationError} when there is no such table
   * @throws {UnsupportedError} when the database has no log of changes
   */
  async followChanges(tables?: readonly FollowedTable[]): Promise<void> {
    const session = this.#session();
    const logged = followedTables(tables);
    await inTransaction(session, (tx) => followTables(session.dialect, tx, logged));
  }

  /**
   * Ends the logging of these tables.
   *
   * @param tables left out: of all, and the log itself is removed
   * @throws {UnsupportedError} when the database has no log of changes
   */
  async unfollowChanges(tables?: readonly FollowedTable[]): Promise<void> {
    const session = this.#session();
    const logged = tables && followedTables(tables);
    await inTransaction(session, (tx) => unfollowTables(session.dialect, tx, logged));
  }

  /** The statements that `create` runs, without running them. */
  statements(options: CreateOptions = {}): CompiledQuery[] {
    const session = this.#session();
    return this.nodes(options).map((node) => session.compile(node));
  }

  /** The same as nodes. */
  nodes(options: CreateOptions = {}): DdlNode[] {
    const { capabilities } = this.#session().dialect;
    const tables = tablesOf(entities(options.models));
    const ifNotExists = options.ifNotExists === true;
    const nodes: DdlNode[] = [];
    if (capabilities.supportsEnumTypes) {
      for (const type of enumsOf(tables)) nodes.push({ kind: "CreateEnum", type, ifNotExists });
    }
    const created = new Set<string>();
    const later: DdlNode[] = [];
    for (const table of tables) {
      created.add(nameKey(table));
      const early = capabilities.supportsAddForeignKey
        ? table.foreignKeys.filter((each) => !created.has(nameKey({ ...each, name: each.table })))
        : [];
      nodes.push({ kind: "CreateTable", table, ifNotExists, withoutForeignKeys: early });
      later.push(...early.map((each) => addForeignKey(table, each)));
      for (const index of table.indexes) {
        nodes.push({
          kind: "CreateIndex",
          table: table.name,
          ...table.schema !== undefined && { schema: table.schema },
          index,
          ifNotExists,
        });
      }
      if (capabilities.supportsComments) nodes.push(...comments(table));
    }
    return [...nodes, ...later];
  }

  async #run(nodes: readonly DdlNode[]): Promise<void> {
    const session = this.#session();
    // All are compiled before the first is sent: what the database cannot do is told before anything is done.
    const statements = nodes.map((node) => session.prepare(node));
    const work = async (tx: Session) => {
      for (const statement of statements) await tx.perform(statement, []);
    };
    await inTransaction(session, work);
  }
}

async function inTransaction(
  session: Session,
  work: (tx: Session) => Promise<void>,
): Promise<void> {
  if (session.inTransaction) await work(session);
  else await session.transaction(work);
}

function entities(models?: readonly ModelClass[]): EntitySchema[] {
  return (models ?? ModelRegistry.getAllModels()).map((model) => entityOf(model));
}

/** What the table and its columns are for. */
function comments({ name, schema, comment, columns }: TableSchema): DdlNode[] {
  const on = { table: name, ...schema !== undefined && { schema } };
  const node = (to: string, column?: string): DdlNode => ({
    kind: "Step",
    step: { ...on, kind: "setComment", to, ...column !== undefined && { column } },
  });
  return [
    ...comment === undefined ? [] : [node(comment)],
    ...columns.flatMap((column) =>
      column.comment === undefined ? [] : [node(column.comment, column.name)]
    ),
  ];
}

function addForeignKey(table: TableSchema, foreignKey: ForeignKeySchema): DdlNode {
  return {
    kind: "AddForeignKey",
    table: table.name,
    ...table.schema !== undefined && { schema: table.schema },
    foreignKey,
  };
}
