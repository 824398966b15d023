/**
 * Reads the result of a query, with the position of the snapshot that it shows.
 *
 * @module
 */
import { QueryError } from "../../../base/errors.ts";
import type { ChangeSource } from "../../../change/source.ts";
import type { Session, TransactionRunOptions } from "../../../engine/session.ts";
import { findRecords } from "../../../repository/find.ts";
import type { PropertySchema } from "../../../schema/entity.ts";
import { keyText } from "./keys.ts";
import type { LiveRow } from "./live.ts";
import type { ReadResult, View } from "./view.ts";

/** The options of a transaction that reads one snapshot. */
export function snapshotOptions({ dialect }: Session): TransactionRunOptions {
  const { isolationLevels } = dialect.capabilities;
  const isolation = "repeatable read";
  return { readOnly: true, ...isolationLevels.includes(isolation) && { isolation } };
}

/**
 * Reads a view's query.
 *
 * @throws {QueryError} when there are more than `maxRows` records
 */
export async function readView<F>(
  session: Session,
  source: ChangeSource,
  view: View<F>,
  maxRows: number,
): Promise<ReadResult> {
  const { entity, query, analysis } = view;
  const select = query.select as readonly string[] | undefined;
  const sorting = analysis.inMemory ? analysis.ordering?.properties ?? [] : [];
  const beside = select
    ? namesOf([...entity.primaryKey, ...sorting]).filter((each) => !select.includes(each))
    : [];
  const limit = (query.limit as number | undefined) ?? maxRows + 1;
  const wanted = { ...query, limit, ...select && { select: [...select, ...beside] } };
  const { position, records } = await session.transaction(async (tx) => {
    const position = await source.positionOf(tx);
    return { position, records: await findRecords(tx, entity, wanted) };
  }, snapshotOptions(session));
  if (records.length > maxRows) {
    throw new QueryError(
      `Cannot follow ${entity.name}: the result has more than ${maxRows} records`,
      { hint: "narrow it with where, or give it a limit" },
    );
  }
  const rows = new Map<string, LiveRow>();
  const sorts = new Map<string, readonly unknown[]>();
  for (const record of records) {
    const key = keyText(entity.primaryKey.map((each) => record[each.name]));
    if (sorting.length > 0) sorts.set(key, sorting.map((each) => record[each.name]));
    for (const name of beside) delete record[name];
    rows.set(key, record);
  }
  return { rows, sorts, position };
}

function namesOf(properties: readonly PropertySchema[]): string[] {
  return [...new Set(properties.map((each) => each.name))];
}
