/**
 * Records that a feed tells of, whatever the form in which it does.
 *
 * @module
 */
import type { ChangeBatch, ChangeSource, RowChange, RowImage } from "../../../change/source.ts";
import type { Session } from "../../../engine/session.ts";
import { usedEntities } from "../../../model/registry.ts";
import { Repository } from "../../../repository/repository.ts";
import type { ModelClass } from "../../../model/keys.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import type { EntitySchema, PropertySchema } from "../../../schema/entity.ts";
import { keyOf } from "./plain_filter.ts";

/** A record that changed. */
export interface FollowedRow {
  /** Its model. */
  readonly entity: EntitySchema;
  /** What happened. */
  readonly event: "save" | "delete";
  /** Its values by property; of one that is gone those that the source tells, at least the key. */
  readonly values: Readonly<Record<string, unknown>>;
}

type Load = ((raw: unknown) => unknown) | null;
type Values = Record<string, unknown>;

/** Records that are read by one statement. */
const readAtOnce = 200;

/** Makes records of the changes of a feed. */
export class FollowedRows {
  readonly #session: Session;
  readonly #loader: (type: ColumnType) => Load;
  readonly #loads = new Map<PropertySchema, Load>();

  private constructor(session: Session, loader: (type: ColumnType) => Load) {
    this.#session = session;
    this.#loader = loader;
  }

  /** For a source of a database. */
  static async of(session: Session, { form }: ChangeSource): Promise<FollowedRows> {
    const support = form === "value" ? undefined : await session.dialect.changeSupport?.();
    return new FollowedRows(session, (type) => support?.loader(form, type) ?? null);
  }

  /**
   * The records of a batch. What the batch does not tell of a record is read, and so is as it is then; one that is gone
   * again is left out.
   */
  async read(batch: ChangeBatch): Promise<FollowedRow[]> {
    const rows = batch.changes.flatMap((change) => this.#rowsOf(change));
    const partial = new Map<EntitySchema, FollowedRow[]>();
    for (const row of rows) {
      if (row.event === "delete" || isWhole(row)) continue;
      partial.set(row.entity, [...partial.get(row.entity) ?? [], row]);
    }
    const found = new Map<FollowedRow, Values | undefined>();
    for (const [entity, all] of partial) {
      for (let start = 0; start < all.length; start += readAtOnce) {
        await this.#find(entity, all.slice(start, start + readAtOnce), found);
      }
    }
    return rows.flatMap((row) => {
      if (!found.has(row)) return row;
      const values = found.get(row);
      return values === undefined ? [] : { ...row, values };
    });
  }

  #rowsOf({ table, schema, kind, before, after }: RowChange): FollowedRow[] {
    const image = kind === "delete" ? before : after;
    if (image === undefined) return [];
    const event = kind === "delete" ? "delete" : "save";
    return usedEntities()
      .filter((entity) => entity.table.name === table && isSameSchema(entity.table.schema, schema))
      .map((entity) => ({ entity, event, values: this.#values(entity, image) }));
  }

  #values({ byColumn }: EntitySchema, image: RowImage): Values {
    const values: Values = {};
    for (const [column, raw] of Object.entries(image)) {
      const property = byColumn.get(column);
      if (property && !property.hidden) values[property.name] = this.#value(property, raw);
    }
    return values;
  }

  #value(property: PropertySchema, raw: unknown): unknown {
    if (raw === null) return null;
    let load = this.#loads.get(property);
    if (load === undefined) this.#loads.set(property, load = this.#loader(property.type));
    return load ? load(raw) : raw;
  }

  async #find(
    entity: EntitySchema,
    rows: readonly FollowedRow[],
    found: Map<FollowedRow, Values | undefined>,
  ): Promise<void> {
    const names = entity.primaryKey.map((each) => each.name);
    const repository = new Repository<object>(this.#session, entity.model as ModelClass);
    const OR = rows.map(({ values }) =>
      Object.fromEntries(names.map((name) => [name, values[name]]))
    );
    const records = await repository.find({ where: { OR } as never, withDeleted: true } as never);
    const byKey = new Map(records.map((each) => [keyOf(entity, each as Values), each as Values]));
    for (const row of rows) found.set(row, byKey.get(keyOf(entity, row.values)));
  }
}

/** A source names a schema only where it is not the default one. */
function isSameSchema(one: string | undefined, other: string | undefined): boolean {
  return one === other || one === undefined || other === undefined;
}

function isWhole({ entity, values }: FollowedRow): boolean {
  return entity.properties.every(({ name, hidden }) => hidden || Object.hasOwn(values, name));
}
