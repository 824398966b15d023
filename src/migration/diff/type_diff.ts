/**
 * What makes one set of types and sequences into another.
 *
 * @module
 */
import { type DatabaseSchema, type EnumSchema, nameKey } from "../../schema/database_schema.ts";
import type { TypeStep } from "../../schema/step.ts";
import { domainsInOrder } from "../../schema/mentions.ts";
import { pairsBy } from "./pairs.ts";
import { same } from "../../schema/same.ts";

/** The steps for types, by when they have their turn. */
export interface TypeChanges {
  /** What tables stand on. */
  readonly before: readonly TypeStep[];
  /** What no table stands on any more. */
  readonly after: readonly TypeStep[];
}

/** Compares schemas, enums, domains and sequences. */
export function diffTypes(from: DatabaseSchema, to: DatabaseSchema): TypeChanges {
  const before: TypeStep[] = [];
  const after: TypeStep[] = [];
  const schemas = pairsBy(from.schemas, to.schemas, (name) => name);
  for (const name of schemas.added) before.push({ kind: "createSchema", name });

  const enums = pairsBy(from.enums, to.enums, nameKey);
  for (const each of enums.added) before.push({ kind: "createEnum", enum: each });
  for (const [old, next] of enums.kept) before.push(...diffEnum(old, next, to));
  for (const each of enums.removed) after.push({ kind: "dropEnum", enum: each });

  const domains = pairsBy(from.domains, to.domains, nameKey);
  for (const domain of domainsInOrder(domains.added)) before.push({ kind: "createDomain", domain });
  for (const [old, next] of domains.kept) {
    if (same(old, next)) continue;
    before.push({ kind: "alterDomain", from: old, to: next });
  }
  for (const domain of domainsInOrder(domains.removed)) {
    after.unshift({ kind: "dropDomain", domain });
  }

  const sequences = pairsBy(from.sequences, to.sequences, nameKey);
  for (const sequence of sequences.added) before.push({ kind: "createSequence", sequence });
  for (const [old, next] of sequences.kept) {
    if (same(old, next)) continue;
    before.push({ kind: "alterSequence", from: old, to: next });
  }
  for (const sequence of sequences.removed) after.push({ kind: "dropSequence", sequence });

  for (const name of schemas.removed) after.push({ kind: "dropSchema", name });
  return { before, after };
}

/**
 * Values that only came are added where they stand; if any went or moved, the type is made anew. So it is where a default or
 * condition has a value that came: a transaction cannot use what it added itself.
 */
function diffEnum(from: EnumSchema, to: EnumSchema, wanted: DatabaseSchema): TypeStep[] {
  if (same(from.values, to.values)) return [];
  const old = new Set(from.values);
  const kept = to.values.filter((value) => old.has(value));
  const came = to.values.filter((value) => !old.has(value));
  if (!same(kept, from.values) || came.some((value) => isConstantIn(wanted, value))) {
    return [{ kind: "replaceEnum", from, to }];
  }
  const { name, schema } = to;
  const named = { name, ...schema !== undefined && { schema } };
  return to.values.flatMap((value, i): TypeStep[] => {
    if (old.has(value)) return [];
    const next = to.values.slice(i + 1).find((later) => old.has(later));
    return [{
      kind: "addEnumValue",
      enum: named,
      value,
      ...next !== undefined && { before: next },
    }];
  });
}

/** Whether SQL anywhere in the tables has a value with a type behind it: `'open'::state`. */
function isConstantIn({ tables }: DatabaseSchema, value: string): boolean {
  const text = JSON.stringify(`'${value.replaceAll("'", "''")}'::`).slice(1, -1);
  return JSON.stringify(tables, (_, each) => typeof each === "bigint" ? null : each).includes(text);
}
