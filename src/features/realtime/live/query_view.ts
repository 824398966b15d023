/**
 * A view whose query is run again when something that it reads has changed.
 *
 * @module
 */
import type { BatchMark } from "../../../change/source.ts";
import type { Session } from "../../../engine/session.ts";
import { findRecords } from "../../../repository/find.ts";
import type { Row } from "../../../repository/shape.ts";
import type { FollowedEntity } from "./followed_tables.ts";
import type { LiveShape } from "./live.ts";
import type { HeldRow, Result } from "./result.ts";
import { keyText } from "./row_state.ts";
import { View, type ViewHost } from "./view.ts";
import type { ViewQuery } from "./view_query.ts";

/** Batches that may be remembered while a query runs; where there are more, it runs again anyway. */
const mostMarks = 1_000;
const noValues: readonly unknown[] = Object.freeze([]);

/** A view that is kept true by its query. */
export class QueryView extends View {
  /** Whether it takes over changed rows. */
  readonly inMemory = false;
  readonly #followed: FollowedEntity;
  readonly #query: LiveShape;
  /** Key properties that the query does not select. */
  readonly #unselected: readonly string[];
  /** What came while it runs. */
  #marks: BatchMark[] = [];

  /** Makes a view. */
  constructor(query: ViewQuery, host: ViewHost, followed: FollowedEntity) {
    super(query, host);
    this.#followed = followed;
    const { select, limit } = query.query;
    const names = select as readonly string[] | undefined;
    this.#unselected = names
      ? query.entity.primaryKey.map(({ name }) => name).filter((name) => !names.includes(name))
      : [];
    const most = host.maxRows + 1;
    this.#query = {
      ...query.query,
      ...names && { select: [...names, ...this.#unselected] },
      limit: typeof limit === "number" ? Math.min(limit, most) : most,
    };
  }

  /** A batch may have changed the result. */
  dirty(batch: BatchMark): void {
    if (this.isRunning) this.#marks.push(batch);
    else if (!this.isReading && this.hasHad(batch)) return;
    if (this.#marks.length > mostMarks) this.want();
    else this.asked();
  }

  /** Called before the snapshot is taken. */
  override begin(): void {
    super.begin();
    this.#marks = [];
    this.#followed.running.add(this);
  }

  /** Runs the query. */
  async read(snapshot: Session): Promise<readonly HeldRow[]> {
    const { entity } = this.query;
    const records = await findRecords(snapshot, entity, this.#query);
    return records.map((record): HeldRow => {
      const key = keyText(entity, ({ name }) => record[name]) as string;
      for (const name of this.#unselected) delete (record as Row)[name];
      return { key, row: record, values: noValues };
    });
  }

  /** Takes the result; it is up to date when its snapshot has all that came meanwhile. */
  protected override brought(
    position: string,
    rows: readonly HeldRow[],
  ): { readonly result: Result; readonly current: boolean } {
    const marks = this.#marks;
    this.#marks = [];
    this.#followed.running.delete(this);
    const result = new Map(rows.map((each) => [each.key, each]));
    if (!this.query.shifts) this.#followed.replace(this, this.result, result);
    const { positions } = this.host;
    return { result, current: marks.every((mark) => positions.has(position, mark)) };
  }
}
