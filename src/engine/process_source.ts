/**
 * What this process itself commits, as a source of changes: nothing to install, on every database.
 *
 * It tells the keys of the rows that repositories and models write, and the tables that builders, SQL text, bulk
 * loads and the database's own cascades change. What other processes write it does not see. Its order is that in
 * which commits were acknowledged, so rows are read anew rather than taken from what was written.
 *
 * @module
 */
import type { Change, CommitBatch, UnseenTables } from "../change/change.ts";
import type { ChangeHub } from "../change/hub.ts";
import type {
  BatchMark,
  ChangeBatch,
  ChangeSource,
  PositionOrder,
  RowChange,
  RowImage,
  SourceReadOptions,
  SourceStep,
} from "../change/source.ts";
import { usedEntities } from "../model/registry.ts";
import { uuidV7 } from "../model/uuid.ts";
import type { EntitySchema } from "../schema/entity.ts";
import type { TableSchema } from "../schema/table.ts";
import { bothOf } from "./written_tables.ts";

/** The commits of one engine as a source. */
export class ProcessSource implements ChangeSource {
  /** What it is called. */
  readonly name = "process";
  /** Values as programs have them. */
  readonly form = "value";
  /** Rows are read anew. */
  readonly images = "keys";
  /** Compares its positions: the number of a commit, marked with the process. */
  readonly positions: PositionOrder;
  readonly #hub: ChangeHub;
  /** Cascades by kind and table, and entities by table and name, for as many models as there were. */
  #cascades = new Map<string, string[]>();
  #entities = new Map<string, EntitySchema | undefined>();
  #models = 0;
  /** Positions mean nothing to another process, nor to this one when it starts again. */
  readonly #mark = uuidV7().slice(-12);

  /** Makes the source of an engine's hub. */
  constructor(hub: ChangeHub) {
    this.#hub = hub;
    const number = (position: string): number => {
      const [mark, count] = position.split(":");
      return mark === this.#mark ? Number(count) : -1;
    };
    this.positions = {
      has: (position, batch) => isAt(number(position), number(batch.position)),
      reaches: (position, other) => isAt(number(position), number(other)),
    };
  }

  /** Tells what is committed from now on. Commits before it are gone: `after` is of no use. */
  async *read({ signal }: SourceReadOptions): AsyncGenerator<SourceStep, void, undefined> {
    let waiting: ChangeBatch[] = [];
    let wake = () => {};
    const end = this.#hub.subscribe((batch) => {
      waiting.push(this.#batchOf(batch));
      wake();
    }, { unseen: true });
    const stop = () => wake();
    signal.addEventListener("abort", stop);
    try {
      yield { batches: [], position: this.#at() };
      while (!signal.aborted) {
        const batches = waiting;
        waiting = [];
        const last = batches.at(-1);
        if (last) yield { batches, position: last.position };
        else await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      end();
      signal.removeEventListener("abort", stop);
    }
  }

  /** What was published before the snapshot began is in it; what is published later is told, and read anew. */
  positionOf(): Promise<string> {
    return Promise.resolve(this.#at());
  }

  /** Commits are published before the writer goes on. */
  markOf(): Promise<() => Partial<BatchMark>> {
    return Promise.resolve(() => ({ position: this.#at() }));
  }

  #at(position = this.#hub.position): string {
    return `${this.#mark}:${position}`;
  }

  #batchOf({ position, changes, unseen = [] }: CommitBatch): ChangeBatch {
    this.#noticeModels();
    const rows: RowChange[] = [];
    let others: UnseenTables = unseen;
    for (const change of changes) {
      const entity = this.#entityOf(change);
      const row = entity && rowChange(entity, change);
      if (row) rows.push(row);
      else others = bothOf(others, [change.table]);
      if (change.kind !== "insert") {
        others = bothOf(others, this.#cascadesOf(change.table, change.kind));
      }
    }
    return {
      position: this.#at(position),
      changes: rows,
      ...others.length > 0 && { unseen: others },
    };
  }

  /** Forgets what was found out when models came into use since. */
  #noticeModels(): void {
    const models = usedEntities().length;
    if (models === this.#models) return;
    this.#models = models;
    this.#cascades = new Map();
    this.#entities = new Map();
  }

  #entityOf({ table, model }: Change): EntitySchema | undefined {
    const key = `${table} ${model}`;
    if (!this.#entities.has(key)) {
      const stored = usedEntities().filter((each) => each.table.name === table);
      this.#entities.set(key, stored.find((each) => each.name === model) ?? stored[0]);
    }
    return this.#entities.get(key);
  }

  #cascadesOf(table: string, kind: "update" | "delete"): string[] {
    const key = `${kind} ${table}`;
    const known = this.#cascades.get(key) ?? cascades(table, kind);
    this.#cascades.set(key, known);
    return known;
  }
}

function rowChange(entity: EntitySchema, change: Change): RowChange | undefined {
  const after = keyImage(entity, change.key);
  if (!after) return undefined;
  const before = change.before && keyImage(entity, change.before);
  const { name: table, schema } = entity.table;
  return {
    ...schema !== undefined && { schema },
    table,
    kind: change.kind,
    ...change.kind === "delete" ? { before: after } : { after },
    ...before && change.kind === "update" && { before },
  };
}

/** Positions of others are below 0: nobody knows whether they are before or after. */
function isAt(position: number, other: number): boolean {
  return other >= 0 && position >= other;
}

/** The columns of the key; nothing where the table has no key, or not all of it is known. */
function keyImage(
  { primaryKey }: EntitySchema,
  values: Readonly<Record<string, unknown>>,
): RowImage | undefined {
  const image: Record<string, unknown> = {};
  for (const { name, column } of primaryKey) {
    if (values[name] === undefined) return undefined;
    image[column.name] = values[name];
  }
  return primaryKey.length > 0 ? image : undefined;
}

/** The tables whose rows the database itself changes when rows of a table go, or their keys change. */
function cascades(table: string, kind: "update" | "delete"): string[] {
  const tables = usedEntities().flatMap(tablesOf);
  const found = new Set<string>();
  const follow = (parent: string, action: "onUpdate" | "onDelete"): void => {
    for (const { name, foreignKeys } of tables) {
      for (const key of foreignKeys) {
        const does = key.table === parent ? key[action] : undefined;
        if (does === undefined || !changesRows.has(does) || found.has(name)) continue;
        found.add(name);
        // A row that is not deleted but changed can only pass on a change of its key.
        follow(name, does === "cascade" ? action : "onUpdate");
      }
    }
  };
  follow(table, kind === "delete" ? "onDelete" : "onUpdate");
  return [...found];
}

const changesRows: ReadonlySet<string> = new Set(["cascade", "set null", "set default"]);

function tablesOf({ table, relations }: EntitySchema): TableSchema[] {
  const joins = [...relations.values()].flatMap(({ through }) => through ? [through.table] : []);
  return [table, ...joins];
}
