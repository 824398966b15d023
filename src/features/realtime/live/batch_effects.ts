/**
 * What changed rows mean for views.
 *
 * @module
 */
import type { ChangeBatch, PositionOrder } from "../../../change/source.ts";
import type { Step } from "./batch_step.ts";
import type { FollowedEntity } from "./followed_tables.ts";
import type { FollowedQuery, FollowedRows } from "./followed_view.ts";
import type { RowState } from "./row_state.ts";

/** Rows by entity and key. */
export type RowsByEntity = Map<FollowedEntity, Map<string, RowState>>;

/** What rows mean for views. */
export interface Effects {
  /** Views that take over rows. */
  readonly touched: Map<FollowedRows, RowState[]>;
  /** Views whose query has to be run again. */
  readonly dirty: Set<FollowedQuery>;
  /** Views that cannot tell what the rows mean for them. */
  readonly unsure: Set<FollowedRows>;
  /** Rows that have to be read first. */
  readonly missing: RowsByEntity;
}

/** What the rows of a batch mean, and which of them have to be read before that can be told. */
export function effectsOf({ batch, rows }: Step, positions: PositionOrder): Effects {
  const effects: Effects = {
    touched: new Map(),
    dirty: new Set(),
    unsure: new Set(),
    missing: new Map(),
  };
  for (const [entity, { states }] of rows) {
    for (const state of states.values()) {
      const known = latest(entity, state, batch, positions);
      if (known !== state) states.set(known.key, known);
      if (isMissing(entity, known)) addTo(effects.missing, entity, known);
      else match(effects, entity, known);
    }
  }
  return effects;
}

/** A row as it was read, where that has seen the batch. */
function latest(
  entity: FollowedEntity,
  state: RowState,
  batch: ChangeBatch,
  positions: PositionOrder,
): RowState {
  if (entity.read.size === 0 || state.known === "whole" && state.get) return state;
  const read = entity.read.get(state.key);
  if (!read) return state;
  if (positions.has(read.position, batch)) return read.state;
  entity.read.delete(state.key);
  return state;
}

function isMissing(entity: FollowedEntity, { known, get }: RowState): boolean {
  if (known !== "part" || !get) return known === "none";
  for (const column of entity.columns) if (get(column) === undefined) return true;
  return false;
}

function match(effects: Effects, entity: FollowedEntity, state: RowState): void {
  entity.visit(state, (view, matches) => {
    if (!view.inMemory) effects.dirty.add(view);
    // A view that is being read follows the log of its entity.
    else if (view.isReading) return;
    else if (matches === false) {
      addState(effects.touched, view, { key: state.key, known: "whole" });
    } else if (matches && view.canTake(state)) addState(effects.touched, view, state);
    else if (state.known === "part") addTo(effects.missing, entity, state);
    else effects.unsure.add(view);
  });
}

/** Adds a row. */
export function addTo(rows: RowsByEntity, entity: FollowedEntity, state: RowState): void {
  let states = rows.get(entity);
  if (!states) rows.set(entity, states = new Map());
  states.set(state.key, state);
}

function addState(
  touched: Map<FollowedRows, RowState[]>,
  view: FollowedRows,
  state: RowState,
): void {
  const states = touched.get(view);
  if (states) states.push(state);
  else touched.set(view, [state]);
}
