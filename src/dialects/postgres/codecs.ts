/**
 * How values travel: as PostgreSQL's text form, both ways, whatever their type. That is exact for every type,
 * and the driver converts nothing.
 *
 * @module
 */
import type { Codec, Codecs } from "../../schema/codec.ts";
import type { ColumnType, ColumnTypeName } from "../../schema/column_type.ts";
import { parseJson, stringifyJson } from "../../schema/json.ts";
import { parseTimestamp } from "../../schema/precise_date.ts";
import { arrayText, parseArrayText } from "./array_text.ts";
import { dumpUntyped, loadUntyped } from "./untyped.ts";
import {
  booleanText,
  bytesText,
  dateText,
  doubleText,
  enumText,
  integerText,
  kindOf,
  numericText,
  parseBytes,
  plainText,
  realText,
  refused,
  timestampText,
  timestamptzText,
  timeText,
  uuidText,
} from "./value_text.ts";

/**
 * How a column stands in JSON that the database makes: as what `json_build_array` makes of it; as a cast to `text`,
 * because JSON would not keep its value; or as what the type's output function gives, because a cast to `text`
 * can differ from that.
 */
export type NestedForm = "value" | "text" | "output";

interface Scalar {
  readonly dump: (value: unknown) => string;
  readonly load: ((text: string) => unknown) | null;
  /** How it stands in JSON that the database makes. */
  readonly nestedAs: NestedForm;
}

const text: Scalar = { dump: plainText, load: null, nestedAs: "value" };

const scalars: Readonly<Record<Exclude<ColumnTypeName, "enum">, Scalar>> = {
  smallint: {
    dump: integerText("smallint", -32768n, 32767n),
    load: Number,
    nestedAs: "value",
  },
  integer: {
    dump: integerText("integer", -2147483648n, 2147483647n),
    load: Number,
    nestedAs: "value",
  },
  bigint: {
    dump: integerText("bigint", -(2n ** 63n), 2n ** 63n - 1n),
    load: BigInt,
    nestedAs: "text",
  },
  numeric: { dump: numericText, load: null, nestedAs: "text" },
  real: { dump: realText, load: Number, nestedAs: "text" },
  double: { dump: doubleText, load: Number, nestedAs: "text" },
  boolean: { dump: booleanText, load: (text) => text === "t", nestedAs: "value" },
  text,
  varchar: text,
  char: text,
  uuid: { dump: uuidText, load: null, nestedAs: "value" },
  date: { dump: dateText, load: null, nestedAs: "value" },
  time: { dump: timeText, load: null, nestedAs: "value" },
  timestamp: { dump: timestampText, load: parseTimestamp, nestedAs: "text" },
  timestamptz: { dump: timestamptzText, load: parseTimestamp, nestedAs: "text" },
  json: { dump: stringifyJson, load: parseJson, nestedAs: "text" },
  jsonb: { dump: stringifyJson, load: parseJson, nestedAs: "text" },
  bytes: { dump: bytesText, load: parseBytes, nestedAs: "text" },
  other: { dump: plainText, load: null, nestedAs: "output" },
};

/** How a column of a type stands in JSON that the database makes. */
export function nestedForm(type: ColumnType): NestedForm {
  return type.array ? "text" : scalarOf(type).nestedAs;
}

function scalarOf(type: ColumnType): Scalar {
  return type.name === "enum"
    ? { dump: enumText(type.values), load: null, nestedAs: "value" }
    : scalars[type.name];
}

function scalarCodec({ dump, load, nestedAs }: Scalar): Codec {
  // Codec gives `unknown`; on this wire every value is text.
  const fromWire = load as Codec["load"];
  return Object.freeze({
    dump,
    load: fromWire,
    loadNested: nestedAs === "value" ? null : fromWire,
  });
}

function arrayCodec(type: ColumnType): Codec {
  const { dump, load } = scalarOf(type);
  const nests = type.name !== "json" && type.name !== "jsonb";
  const fromWire = (wire: unknown) => parseArrayText(wire as string, load);
  return Object.freeze({
    dump: (value: unknown) => {
      if (Array.isArray(value)) return arrayText(value, dump, nests);
      throw refused(`an array of ${type.name}`, `it is a ${kindOf(value)}`, "pass a list");
    },
    load: fromWire,
    loadNested: fromWire,
  });
}

const shared = new Map<string, Codec>();
const enums = new WeakMap<ColumnType, Codec>();

function codec(type: ColumnType): Codec {
  if (type.name === "enum") {
    const found = enums.get(type) ?? (type.array ? arrayCodec(type) : scalarCodec(scalarOf(type)));
    enums.set(type, found);
    return found;
  }
  const key = type.array ? `${type.name}[]` : type.name;
  let found = shared.get(key);
  if (!found) {
    found = type.array ? arrayCodec(type) : scalarCodec(scalarOf(type));
    shared.set(key, found);
  }
  return found;
}

/** The codecs of PostgreSQL: every wire value is text or NULL. */
export const postgresCodecs: Codecs = Object.freeze({ codec, dumpUntyped, loadUntyped });
