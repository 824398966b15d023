/**
 * What a batch did to the rows of tables that are followed: the state of each row after it.
 *
 * @module
 */
import type { ChangeBatch, ChangeSource, RowChange } from "../../../change/source.ts";
import type { FollowedEntity, FollowedTable, FollowedTables } from "./followed_tables.ts";
import type { FollowedQuery } from "./followed_view.ts";
import { keyText, merged, type RowState } from "./row_state.ts";

/** What a batch did to the rows of one entity. */
export interface Rows {
  /** The rows that it changed, by key. */
  readonly states: Map<string, RowState>;
  /** All other rows are gone. */
  truncated: boolean;
}

/** What a batch did. */
export interface Step {
  /** The batch. */
  readonly batch: ChangeBatch;
  /** The rows that it changed. */
  readonly rows: Map<FollowedEntity, Rows>;
  /** Views that read its tables beside their own rows. */
  readonly dependents: Set<FollowedQuery>;
  /** Tables with rows that are not known. */
  readonly unseen: Set<FollowedTable>;
}

/** Finds out what a batch did to the rows of tables that are followed. */
export function stepOf(
  tables: FollowedTables,
  images: ChangeSource["images"],
  batch: ChangeBatch,
): Step {
  const rows = new Map<FollowedEntity, Rows>();
  const dependents = new Set<FollowedQuery>();
  const unseen = new Set<FollowedTable>();
  for (const change of batch.changes) {
    const table = tables.get(change.schema, change.table);
    if (!table) continue;
    for (const view of table.dependents) dependents.add(view);
    for (const entity of table.entities.values()) {
      let changed = rows.get(entity);
      if (!changed) rows.set(entity, changed = { states: new Map(), truncated: false });
      if (!note(changed, entity, change, images)) unseen.add(table);
    }
  }
  if (batch.unseen) { for (const table of tables.named(batch.unseen)) unseen.add(table); }
  return { batch, rows, dependents, unseen };
}

/** Notes what a change did to a row; `false` when it does not tell which row. */
function note(
  rows: Rows,
  { reader }: FollowedEntity,
  change: RowChange,
  images: ChangeSource["images"],
): boolean {
  const { states } = rows;
  const keysOnly = images === "keys";
  if (change.kind === "truncate") {
    if (keysOnly) return false;
    states.clear();
    rows.truncated = true;
    return true;
  }
  const before = change.before && reader.values(change.before);
  const beforeKey = before && keyText(reader.entity, before);
  const gone = (key: string): RowState =>
    keysOnly && before ? { key, get: before, known: "none" } : { key, known: "whole" };
  if (change.kind === "delete") {
    if (beforeKey === undefined) return false;
    states.set(beforeKey, gone(beforeKey));
    return true;
  }
  const after = change.after && reader.values(change.after);
  const key = after && keyText(reader.entity, after);
  if (!after || key === undefined) return false;
  if (keysOnly) states.set(key, { key, get: after, known: "none" });
  else {
    const earlier = change.kind === "update" ? states.get(beforeKey ?? key)?.get : undefined;
    states.set(key, { key, get: earlier ? merged(earlier, after) : after, known: "part" });
  }
  if (change.kind === "update" && beforeKey !== undefined && beforeKey !== key) {
    states.set(beforeKey, gone(beforeKey));
  }
  return true;
}
