/**
 * What a client can tell of conditions and orders by itself: plain equality, and orders of numbers and moments. About
 * all else only the database knows; the answer is then `undefined`.
 *
 * @module
 */
import { isSame, type Row } from "./rows.ts";

/** Whether a record meets a condition, as far as can be told. */
export function matches(where: unknown, row: Row): boolean | undefined {
  let known: true | undefined = true;
  for (const [name, condition] of Object.entries(where ?? {})) {
    const answer = name === "AND"
      ? all([condition].flat(), row)
      : name === "OR" || name === "NOT"
      ? undefined
      : holds(row[name], condition);
    if (answer === false) return false;
    known = known && answer;
  }
  return known;
}

function all(conditions: readonly unknown[], row: Row): boolean | undefined {
  const answers = conditions.map((each) => matches(each, row));
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

function holds(value: unknown, condition: unknown): boolean | undefined {
  if (value === undefined) return undefined;
  if (!isPlain(condition)) return isSame(value, condition);
  let known: true | undefined = true;
  for (const [operator, operand] of Object.entries(condition)) {
    const answer = operator === "eq"
      ? isSame(value, operand)
      : operator === "in"
      ? (operand as unknown[]).some((each) => isSame(value, each))
      : operator === "isNull"
      ? (value === null) === operand
      : undefined;
    if (answer === false) return false;
    known = known && answer;
  }
  return known;
}

function isPlain(value: unknown): value is Row {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** A term of an order: a column, and 1 or -1; NULLs are larger than all else unless told otherwise. */
export type OrderTerm = readonly [name: string, sign: number, nulls: number];

/** The terms of an order; `undefined` for one that a client cannot follow, such as one by a relation. */
export function termsOf(orderBy: unknown): OrderTerm[] | undefined {
  const terms: OrderTerm[] = [];
  for (const each of [orderBy ?? []].flat()) {
    for (const [name, given] of Object.entries(each as Row)) {
      const { direction = "asc", nulls, ...others } = isPlain(given)
        ? given
        : { direction: given } as Row;
      if (Object.keys(others).length > 0) return undefined;
      const sign = direction === "desc" ? -1 : 1;
      terms.push([name, sign, nulls === undefined ? sign : nulls === "first" ? -1 : 1]);
    }
  }
  return terms;
}

/** Which of two records comes first: below 0 the first one. */
export function compare(a: Row, b: Row, terms: readonly OrderTerm[]): number | undefined {
  for (const [name, sign, nulls] of terms) {
    const [left, right] = [a[name], b[name]];
    if (isSame(left, right) && left !== undefined) continue;
    if (left === null || right === null) {
      return left === undefined || right === undefined ? undefined : left === null ? nulls : -nulls;
    }
    if (!hasOrder(left) || !hasOrder(right)) return undefined;
    if (left < right) return -sign;
    if (left > right) return sign;
    return undefined;
  }
  return 0;
}

/** Texts have the order of the database's collation, which a client does not know. */
function hasOrder(value: unknown): value is number {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" ||
    value instanceof Date;
}
