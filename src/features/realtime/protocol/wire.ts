/**
 * Values as JSON, exactly, both ways. What JSON has no form for is an object with one key:
 *
 * | value | as JSON |
 * |---|---|
 * | a date | `{"$date": 1706702400000}`; with microseconds `{"$date": [1706702400000, 456]}` |
 * | a bigint | `{"$bigint": "9007199254740993"}` |
 * | bytes | `{"$bytes": "AQID"}`, in base64 |
 * | `NaN`, `Infinity`, `-Infinity`, `-0` | `{"$number": "NaN"}` |
 * | an object whose only key begins with `$` | `{"$json": {…}}` |
 *
 * Browsers load it: it imports nothing.
 *
 * @module
 */

/** Makes a date of milliseconds since 1970 and the microseconds beyond. */
export type MakeDate = (milliseconds: number, microsecond: number) => Date;

type Json = Record<string, unknown>;

/** The value in a form that `JSON.stringify` loses nothing of. What is `undefined` in an object is left out. */
export function encode(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { $bigint: `${value}` };
    case "number":
      if (Object.is(value, -0)) return { $number: "-0" };
      return Number.isFinite(value) ? value : { $number: `${value}` };
    case "string":
    case "boolean":
      return value;
    case "object":
      return value && encodeObject(value);
  }
}

function encodeObject(value: object): unknown {
  if (value instanceof Date) {
    const time = value.getTime();
    const { microsecond } = value as { microsecond?: number };
    return { $date: microsecond ? [time, microsecond] : time };
  }
  if (value instanceof Uint8Array) {
    let text = "";
    for (const byte of value) text += String.fromCharCode(byte);
    return { $bytes: btoa(text) };
  }
  if (Array.isArray(value)) return value.map((each) => encode(each) ?? null);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  const object = Object.fromEntries(entries.map(([key, each]) => [key, encode(each)]));
  return entries.length === 1 && entries[0]?.[0][0] === "$" ? { $json: object } : object;
}

/**
 * The value that {@linkcode encode} was given.
 *
 * @param value what `JSON.parse` gave; is taken over
 * @param date makes dates; left out: those with microseconds have them as `microsecond`
 * @throws what is wrong with a value that `encode` did not make
 */
export function decode(value: unknown, date: MakeDate = wireDate): unknown {
  if (typeof value !== "object" || value === null) return value;
  let object = value as Json;
  const keys = Object.keys(object);
  const mark = keys[0];
  if (keys.length === 1 && mark?.[0] === "$") {
    const inner = object[mark] as never;
    switch (mark) {
      case "$bigint":
        return BigInt(inner);
      case "$number":
        return Number(inner);
      case "$bytes":
        return Uint8Array.from(atob(inner), (character) => character.charCodeAt(0));
      case "$date":
        return date(
          ...((inner as unknown) instanceof Array ? inner : [inner ?? NaN, 0]) as [number, number],
        );
      case "$json":
        object = inner;
        break;
      default:
        throw new TypeError("Cannot read a value: its mark is unknown");
    }
  }
  for (const key of Object.keys(object)) object[key] = decode(object[key], date);
  return object;
}

function wireDate(time: number, microsecond: number): Date {
  const date = new Date(time);
  return microsecond ? Object.assign(date, { microsecond }) : date;
}
