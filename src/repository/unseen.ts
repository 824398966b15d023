/**
 * Relations that were read as `null` although their foreign key has a value: the record they lead to is
 * deleted softly, or was left out by a condition. Saving such an instance must not unlink it.
 *
 * @module
 */

const unseen = new WeakMap<object, Set<string>>();

/** Notes that a relation of a record was read as `null`, but leads somewhere. */
export function noteUnseen(record: object, relation: string): void {
  const names = unseen.get(record);
  if (names) names.add(relation);
  else unseen.set(record, new Set([relation]));
}

/** Whether a relation was read as `null` although it leads somewhere. */
export function isUnseen(record: object, relation: string): boolean {
  return unseen.get(record)?.has(relation) === true;
}
