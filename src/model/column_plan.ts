/**
 * Turns the options of a column into the parts of its schema that need no names.
 *
 * @module
 */
import type { PropertyRole } from "../schema/entity.ts";
import {
  type ColumnType,
  columnType,
  type ColumnTypeName,
  columnTypeNames,
} from "../schema/column_type.ts";
import type { ColumnDefault, ColumnSchema } from "../schema/table.ts";
import type { ColumnSettings } from "./column_options.ts";
import type { ColumnDeclaration } from "./declarations.ts";

/** A declared column, checked. */
export interface ColumnPlan {
  readonly property: string;
  readonly role: PropertyRole | undefined;
  readonly settings: ColumnSettings;
  readonly type: ColumnType;
  readonly primary: boolean;
  readonly identity: ColumnSchema["identity"] | undefined;
  /** What the database fills in. */
  readonly stored: ColumnDefault | undefined;
  /** Makes the value in JavaScript. */
  readonly make: (() => unknown) | undefined;
  readonly computed: ColumnSchema["generated"] | undefined;
}

const ALIASES: Readonly<Record<string, ColumnTypeName>> = {
  int: "integer",
  serial: "integer",
  bigserial: "bigint",
  decimal: "numeric",
  float: "double",
  blob: "bytes",
};

const INTEGERS: ReadonlySet<string> = new Set(["smallint", "integer", "bigint"]);

/** The options that only some types have, and those types. */
const OPTION_TYPES: readonly (readonly [keyof ColumnSettings, ReadonlySet<string>])[] = [
  ["length", new Set(["varchar", "char"])],
  ["precision", new Set(["numeric", "time", "timestamp", "timestamptz"])],
  ["scale", new Set(["numeric"])],
  ["identity", INTEGERS],
  ["values", new Set(["enum"])],
  ["enumName", new Set(["enum"])],
  ["sql", new Set(["other"])],
];

/** The name of a type in the common vocabulary, or nothing for an unknown one. */
function typeName(type: string): ColumnTypeName | undefined {
  const name = Object.hasOwn(ALIASES, type) ? ALIASES[type]! : type;
  return columnTypeNames.has(name) ? name as ColumnTypeName : undefined;
}

/** What is wrong with the options of a column, or nothing. */
export function checkColumn(settings: ColumnSettings): string | undefined {
  const name = typeName(settings.type);
  if (name === undefined) {
    return `its type ${JSON.stringify(settings.type)} is unknown; known are ${
      [...columnTypeNames, ...Object.keys(ALIASES)].join(", ")
    }`;
  }
  for (const [option, types] of OPTION_TYPES) {
    if (settings[option] !== undefined && !types.has(name)) {
      return `${option} does not belong to type ${settings.type}, only to ${[...types].join(", ")}`;
    }
  }
  return checkTypeOptions(name, settings) ?? checkFilling(settings);
}

function checkTypeOptions(name: ColumnTypeName, settings: ColumnSettings): string | undefined {
  const { length, precision, scale, values, sql } = settings;
  if (length !== undefined && !(Number.isInteger(length) && length > 0)) {
    return "length is not a positive integer";
  }
  if (precision !== undefined && !(Number.isInteger(precision) && precision >= 0)) {
    return "precision is not an integer from 0";
  }
  if (scale !== undefined && (precision === undefined || !(scale >= 0 && scale <= precision))) {
    return "scale needs a precision that is not less";
  }
  if (name === "other" && !sql) return "type other needs `sql`, the type as the database spells it";
  if (name !== "enum") return undefined;
  if (values === undefined || values.length === 0) return "an enum needs `values`";
  return new Set(values).size < values.length ? "its `values` repeat" : undefined;
}

function checkFilling(settings: ColumnSettings): string | undefined {
  const { identity, generatedAs, nullable, primary, array } = settings;
  const numbered = identity || isSerial(settings);
  if (identity !== undefined && ![true, false, "always", "by default"].includes(identity)) {
    return 'identity is not true, false, "always" or "by default"';
  }
  // The roles fill in both: the clock of the caller for models, that of the database for others.
  const filled = settings.default !== undefined || settings.defaultSql !== undefined;
  if (
    settings.default !== undefined && settings.defaultSql !== undefined &&
    typeof settings.default !== "function"
  ) return "it has both `default` and `defaultSql`";
  if (numbered && filled) return "the database numbers it, so it has no default";
  if (numbered && array) return "a list cannot be numbered";
  if (numbered && nullable) return "the database numbers it, so it is not nullable";
  if (generatedAs !== undefined && (numbered || filled)) {
    return "it is computed, so it has no default and is not numbered";
  }
  if (primary && nullable) return "a primary key is not nullable";
  return undefined;
}

function isSerial({ type }: ColumnSettings): boolean {
  return type === "serial" || type === "bigserial";
}

/** Plans a column whose options were checked. */
export function planColumn({ property, settings, role }: ColumnDeclaration): ColumnPlan {
  const identity = isSerial(settings) ? true : settings.identity;
  const { default: given, generatedAs } = settings;
  return Object.freeze({
    property,
    role,
    settings,
    type: typeOf(settings),
    primary: settings.primary === true,
    identity: identity === true ? "by default" : identity || undefined,
    stored: storedDefault(settings),
    make: given === undefined
      ? undefined
      : typeof given === "function"
      ? given as () => unknown
      : typeof given === "object" && given !== null
      ? () => structuredClone(given)
      : () => given,
    computed: generatedAs === undefined ? undefined : Object.freeze(
      typeof generatedAs === "string" ? { sql: generatedAs, stored: true } : { ...generatedAs },
    ),
  });
}

function typeOf(settings: ColumnSettings): ColumnType {
  const { length, precision, scale, values, enumName, array, sql } = settings;
  return columnType(typeName(settings.type)!, {
    ...(length !== undefined && { length }),
    ...(precision !== undefined && { precision }),
    ...(scale !== undefined && { scale }),
    ...(values !== undefined && { values: Object.freeze([...values]) }),
    ...(enumName !== undefined && { enumName }),
    ...(array === true && { array }),
    ...(sql !== undefined && { sql }),
  });
}

function storedDefault({ default: given, defaultSql }: ColumnSettings): ColumnDefault | undefined {
  if (defaultSql === "now") return Object.freeze({ kind: "now" });
  if (defaultSql === "uuid") return Object.freeze({ kind: "uuid" });
  if (defaultSql !== undefined) return Object.freeze({ kind: "sql", sql: defaultSql });
  if (given === undefined || typeof given === "function") return undefined;
  return Object.freeze({ kind: "value", value: given });
}
