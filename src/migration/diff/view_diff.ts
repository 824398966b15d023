/**
 * Views and triggers: those that differ, and those that stand on what is about to change, go before and come
 * back after.
 *
 * @module
 */
import {
  type DatabaseSchema,
  nameKey,
  type TriggerSchema,
  type ViewSchema,
} from "../../schema/database_schema.ts";
import { mentions, viewsInOrder } from "../../schema/mentions.ts";
import type { Step } from "../../schema/step.ts";
import type { TableSchema } from "../../schema/table.ts";
import { pairsBy } from "./pairs.ts";
import { same } from "../../schema/same.ts";

/** Tables whose views cannot stay while they change. */
export interface MovingTables {
  /** Tables that go. */
  readonly removed: readonly TableSchema[];
  /** Tables of which columns go or become different, with the names of these. */
  readonly changed: readonly {
    readonly table: TableSchema;
    readonly columns: ReadonlySet<string>;
  }[];
}

/** The steps for views and triggers, by when they have their turn. */
export interface ViewChanges {
  /** Before anything else. */
  readonly before: readonly Step[];
  /** When all tables are as they shall be. */
  readonly after: readonly Step[];
}

/** Compares views and triggers. */
export function diffViews(
  from: DatabaseSchema,
  to: DatabaseSchema,
  { removed, changed }: MovingTables,
): ViewChanges {
  const views = pairsBy(from.views, to.views, nameKey);
  const moving = new Set(
    [...removed, ...changed.map(({ table }) => table)].map(({ name }) => name),
  );
  const differs = new Set([
    ...views.removed,
    ...views.kept.filter(([old, next]) => !same(old, next)).map(([old]) => old),
  ]);
  // A view may stand on another one: as many rounds as it takes.
  const going = new Set<ViewSchema>();
  for (let before = -1; before < going.size;) {
    before = going.size;
    for (const view of from.views) {
      if (going.has(view) || !differs.has(view) && !mentions(view.sql, moving)) continue;
      going.add(view);
      moving.add(view.name);
    }
  }
  const coming = to.views.filter((view) =>
    !from.views.some((old) => nameKey(old) === nameKey(view) && !going.has(old))
  );

  const triggers = pairsBy(from.triggers, to.triggers, triggerKey);
  const gone = new Set(removed.map(nameKey));
  const lost = (trigger: TriggerSchema) =>
    gone.has(onKey(trigger)) || [...going].some((view) => nameKey(view) === onKey(trigger));
  const stands = (trigger: TriggerSchema) =>
    changed.some(({ table, columns }) =>
      nameKey(table) === onKey(trigger) && mentions(trigger.sql, columns)
    );
  const changedTriggers = triggers.kept.filter(([old, next]) =>
    !same(old, next) || lost(old) || stands(old)
  );
  return {
    before: [
      ...[...triggers.removed, ...changedTriggers.map(([old]) => old)]
        .filter((trigger) => !lost(trigger))
        .map((trigger): Step => ({ kind: "dropTrigger", trigger })),
      ...viewsInOrder([...going]).reverse().map((view): Step => ({ kind: "dropView", view })),
    ],
    after: [
      ...viewsInOrder(coming).map((view): Step => ({ kind: "createView", view })),
      ...[...triggers.added, ...changedTriggers.map(([, next]) => next)]
        .map((trigger): Step => ({ kind: "createTrigger", trigger })),
    ],
  };
}

function triggerKey(trigger: TriggerSchema): string {
  return `${trigger.name}\0${onKey(trigger)}`;
}

function onKey({ table, schema }: TriggerSchema): string {
  return nameKey({ name: table, ...schema !== undefined && { schema } });
}
