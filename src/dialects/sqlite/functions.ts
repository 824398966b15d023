/**
 * The SQL functions that every connection of ours has beside SQLite's own: exact decimals, and what
 * PostgreSQL's operators on JSON and patterns do.
 *
 * | function | gives |
 * |---|---|
 * | `rex_numeric(x)` | the canonical text of `x` |
 * | `rex_numeric_real(x)` | the number nearest to `x` |
 * | `rex_numeric_form(x, scale)` | the text of `x` with at least `scale` digits after the point, no zeros beyond |
 * | `rex_numeric_round(x, scale)` | the text of `x` with `scale` digits after the point |
 * | `rex_numeric_key(x)` | text that sorts as the numbers do |
 * | `rex_numeric_add(x, y)` `_sub` `_mul`, `rex_numeric_abs(x)` | exact results |
 * | `rex_numeric_sum(x)` `_avg` `_min` `_max` | exact aggregates |
 * | `rex_json_contains(x, y)` | whether JSON `x` contains `y` |
 * | `rex_json_equal(x, y)` | whether JSON `x` and `y` are the same, whatever the order of keys |
 * | `rex_json_has(x, keys, all)` | whether JSON `x` has one (or all) of a JSON list of keys |
 * | `rex_glob(x, match)` | the `GLOB` pattern for a `LIKE` pattern |
 *
 * A numeric result is a number where up to fifteen digits make that exact, so that it also sorts and compares well in
 * SQL that knows nothing of it, and text where there are more.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { LikeNode } from "../../ast/nodes.ts";
import { parseJson } from "../../schema/json.ts";
import { globOf } from "./glob.ts";
import { jsonContains, jsonEqual, jsonHasKey } from "../../schema/json_contains.ts";
import {
  add,
  average,
  canonical,
  compare,
  type Decimal,
  formatDecimal,
  multiply,
  parseDecimal,
  rescale,
  sortKey,
  subtract,
} from "./numeric.ts";

/** What SQLite gives a function, and takes from it. */
type SqlValue = string | number | bigint | null | Uint8Array;

interface FunctionOptions {
  readonly deterministic?: boolean;
  readonly useBigIntArguments?: boolean;
}

/** The parts of `DatabaseSync` that define functions. */
interface FunctionDatabase {
  function(
    name: string,
    options: FunctionOptions,
    run: (...values: SqlValue[]) => SqlValue,
  ): void;
  aggregate<State>(name: string, aggregate: Aggregate<State>): void;
}

interface Aggregate<State> extends FunctionOptions {
  readonly start: () => State;
  readonly step: (state: State, value: SqlValue) => State;
  readonly inverse?: (state: State, value: SqlValue) => State;
  readonly result: (state: State) => SqlValue;
}

/** The state of an aggregate that cannot be told. */
const failed = Symbol("failed");
const options: FunctionOptions = { deterministic: true, useBigIntArguments: true };
const zero: Decimal = { units: 0n, scale: 0 };

/**
 * What makes SQLite report an error: a value that has no form in SQL. A function must never throw: in Deno's
 * `node:sqlite`, `all()` then steps for ever.
 */
const failure = Object.freeze({}) as unknown as SqlValue;

/** The function, failing in SQL where it throws in JavaScript. */
function safe(run: (...values: SqlValue[]) => SqlValue): (...values: SqlValue[]) => SqlValue {
  // Fixed parameters: SQLite takes the number of arguments from the function's length.
  const guarded = (...values: SqlValue[]) => {
    try {
      return run(...values);
    } catch {
      return failure;
    }
  };
  switch (run.length) {
    case 1:
      return (a) => guarded(a!);
    case 2:
      return (a, b) => guarded(a!, b!);
    default:
      return (a, b, c) => guarded(a!, b!, c!);
  }
}

/** Defines them all on a connection. */
export function defineFunctions(database: DatabaseSync): void {
  const target = safely(database as unknown as FunctionDatabase);
  const binary = (name: string, run: (a: Decimal, b: Decimal) => Decimal) =>
    target.function(
      name,
      options,
      (a, b) => a === null || b === null ? null : result(run(decimalOf(a!), decimalOf(b!))),
    );
  target.function("rex_numeric_key", options, (x) => x === null ? null : sortKey(decimalOf(x!)));
  target.function("rex_numeric", options, (x) => {
    return x === null ? null : formatDecimal(canonical(decimalOf(x!)));
  });
  target.function("rex_numeric_real", options, (x) => {
    return x === null ? null : Number(formatDecimal(decimalOf(x!)));
  });
  target.function("rex_numeric_form", options, (x, scale) => {
    return x === null ? null : formatDecimal(canonical(decimalOf(x!), Number(scale)));
  });
  target.function("rex_numeric_round", options, (x, scale) => {
    return x === null ? null : formatDecimal(rescale(decimalOf(x!), Number(scale)));
  });
  target.function("rex_numeric_abs", options, (x) => {
    if (x === null) return null;
    const { units, scale } = decimalOf(x!);
    return result({ units: units < 0n ? -units : units, scale });
  });
  binary("rex_numeric_add", add);
  binary("rex_numeric_sub", subtract);
  binary("rex_numeric_mul", multiply);
  defineAggregates(target);
  defineTextFunctions(target);
}

/** The database, with every function guarded. */
function safely(database: FunctionDatabase): FunctionDatabase {
  return {
    function: (name, options, run) => database.function(name, options, safe(run)),
    aggregate: <State>(name: string, rest: Aggregate<State>) => {
      type Guarded = State | typeof failed;
      const guard =
        (run: (state: State, value: SqlValue) => State) =>
        (state: Guarded, value: SqlValue): Guarded => {
          if (state === failed) return failed;
          try {
            return run(state as State, value);
          } catch {
            return failed;
          }
        };
      database.aggregate<Guarded>(name, {
        ...options,
        start: rest.start,
        step: guard(rest.step),
        ...(rest.inverse && { inverse: guard(rest.inverse) }),
        result: safe((state) =>
          state as unknown === failed ? failure : rest.result(state as State)
        ) as (state: Guarded) => SqlValue,
      });
    },
  };
}

function defineTextFunctions(target: FunctionDatabase): void {
  target.function("rex_json_contains", options, (x, y) => {
    if (x === null || y === null) return null;
    return jsonContains(parseJson(String(x)), parseJson(String(y))) ? 1n : 0n;
  });
  target.function("rex_json_equal", options, (x, y) => {
    if (x === null || y === null) return null;
    return x === y || jsonEqual(parseJson(String(x)), parseJson(String(y))) ? 1n : 0n;
  });
  target.function("rex_json_has", options, (x, keys, all) => {
    if (x === null || keys === null) return null;
    const document = parseJson(String(x));
    const list = parseJson(String(keys)) as string[];
    const has = (key: string) => jsonHasKey(document, key);
    return (all ? list.every(has) : list.some(has)) ? 1n : 0n;
  });
  target.function("rex_glob", options, (x, match) => {
    return x === null ? null : globOf(match as LikeNode["match"], String(x));
  });
}

/** A running total: how many values, and their sum. */
interface Total {
  readonly count: bigint;
  readonly sum: Decimal;
}

function defineAggregates(target: FunctionDatabase): void {
  const total = (name: string, finish: (total: Total) => Decimal) =>
    target.aggregate<Total>(name, {
      ...options,
      start: () => ({ count: 0n, sum: zero }),
      step: ({ count, sum }, x) =>
        x === null ? { count, sum } : { count: count + 1n, sum: add(sum, decimalOf(x)) },
      inverse: ({ count, sum }, x) =>
        x === null ? { count, sum } : { count: count - 1n, sum: subtract(sum, decimalOf(x)) },
      result: (state) => state.count === 0n ? null : result(finish(state)),
    });
  const extreme = (name: string, sign: 1 | -1) =>
    target.aggregate<{ best: Decimal | null }>(name, {
      ...options,
      start: () => ({ best: null }),
      step: ({ best }, x) => {
        if (x === null) return { best };
        const decimal = decimalOf(x);
        return { best: best === null || compare(decimal, best) * sign > 0 ? decimal : best };
      },
      result: ({ best }) => best === null ? null : result(best),
    });
  total("rex_numeric_sum", ({ sum }) => sum);
  total("rex_numeric_avg", ({ sum, count }) => average(sum, count));
  extreme("rex_numeric_min", -1);
  extreme("rex_numeric_max", 1);
}

function decimalOf(value: SqlValue): Decimal {
  if (typeof value === "bigint") return { units: value, scale: 0 };
  return parseDecimal(typeof value === "number" ? doubleText(value) : String(value));
}

/** The decimal that a double stands for: fifteen digits are all that is surely meant. */
export function doubleText(value: number): string {
  return String(Number(value.toPrecision(15)));
}

function result(decimal: Decimal): SqlValue {
  const text = formatDecimal(canonical(decimal));
  return text.replace(/\D/g, "").length <= 15 ? Number(text) : text;
}
