/**
 * Column values in a form in which JavaScript compares them as the database does: numeric `1.0` is `1.00`, a UUID has
 * no case, a padded text ends before its spaces.
 *
 * @module
 */
import type { Semantics } from "../../../dialect/semantics.ts";
import type { PropertySchema } from "../../../schema/entity.ts";
import { INFINITY, microsecondOf, NEGATIVE_INFINITY } from "../../../schema/precise_date.ts";
import {
  type Comparable,
  compareCodePoints,
  compareCodeUnits,
  compareNumbers,
  type Order,
} from "./comparable.ts";
import { compareDecimals, decimalForm } from "./decimal_form.ts";

/** Turns a value that is not NULL; `undefined`: it is none of the type, or none that can be compared. */
export type Formed = (value: unknown) => Comparable | undefined;

/** How the values of a column compare. One object for each column and semantics. */
export interface ValueForm {
  /** Forms of one kind compare with each other. */
  readonly kind: string;
  /** Whether equal forms are what the database holds for equal, and others not. */
  readonly equality: boolean;
  /** Forms a row's value. */
  readonly stored: Formed;
  /** Forms the value of a condition. */
  readonly given: Formed;
  /** Forms either one; the same for all values that the database may hold for equal. Absent: there is no such form. */
  readonly key?: Formed;
  /** Compares forms by the database's order; absent: only the database knows it. */
  readonly order?: Order;
}

const textual: Formed = (value) => typeof value === "string" ? value : undefined;

const wholeNumber: Formed = (value) => {
  // Adding zero makes a zero of -0.
  if (typeof value === "number") return Number.isSafeInteger(value) ? value + 0 : undefined;
  if (typeof value !== "bigint") return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
};

const largeNumber: Formed = (value) => {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
};

const double: Formed = (value) => typeof value === "number" ? value + 0 : undefined;

/** In the middle between two 32-bit numbers the text of a number may round to another one than the number itself. */
function isBetweenSingles(value: number): boolean {
  const single = Math.fround(value);
  const other = value + (value - single);
  return other !== single && Math.fround(other) === other;
}

const single: Formed = (value) => {
  if (typeof value !== "number" || isBetweenSingles(value)) return undefined;
  return Math.fround(value) + 0;
};

/** Below it a 32-bit number has ever fewer digits. */
const leastNormalSingle = 2 ** -126;

/** The shortest decimal that stands for the same 32-bit number. */
const shortestSingle: Formed = (value) => {
  if (typeof value !== "number") return undefined;
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) return value;
  for (let digits = Math.abs(rounded) < leastNormalSingle ? 1 : 6; digits < 9; digits++) {
    const short = Number(rounded.toPrecision(digits));
    if (Math.fround(short) === rounded) return short + 0;
  }
  return Number(rounded.toPrecision(9)) + 0;
};

const truth: Formed = (value) => typeof value === "boolean" ? value : undefined;

const lowerCase: Formed = (value) => typeof value === "string" ? value.toLowerCase() : undefined;

/** Without the spaces at its end. */
const unpadded: Formed = (value) => {
  if (typeof value !== "string") return undefined;
  let end = value.length;
  while (end > 0 && value.charCodeAt(end - 1) === 32) end--;
  return value.slice(0, end);
};

const datePattern = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/;

/** A day as a number whose digits are those of the date. */
const day: Formed = (value) => {
  if (typeof value !== "string") return undefined;
  if (value === "infinity") return Infinity;
  if (value === "-infinity") return -Infinity;
  const match = datePattern.exec(value);
  if (!match) return undefined;
  const year = match[4] ? 1 - Number(match[1]) : Number(match[1]);
  return year * 10_000 + Number(match[2]) * 100 + Number(match[3]);
};

const timePattern = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/;

/** A time of day in microseconds. */
const timeOfDay: Formed = (value) => {
  const match = typeof value === "string" ? timePattern.exec(value) : null;
  if (!match) return undefined;
  const [, hour, minute, second = "0", digits = ""] = match;
  return ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1e6 +
    Number(digits.padEnd(6, "0"));
};

/** A time of day as it is stored where it is text: with seconds, and no zeros at the end of a fraction. */
const timeText: Formed = (value) => {
  if (typeof value !== "string") return undefined;
  if (value.length === 5) return `${value}:00`;
  return value.includes(".") ? value.replace(/\.?0+$/, "") : value;
};

/** So many milliseconds that their microseconds are a number's exact integer. */
const exactMilliseconds = 9e12;

/** A point in time in microseconds. */
const instant: Formed = (value) => {
  if (!(value instanceof Date)) return undefined;
  const time = value.getTime();
  if (time === INFINITY) return Infinity;
  if (time === NEGATIVE_INFINITY) return -Infinity;
  if (Number.isNaN(time)) return undefined;
  const micros = microsecondOf(value);
  return Math.abs(time) < exactMilliseconds
    ? time * 1000 + micros
    : BigInt(time) * 1000n + BigInt(micros);
};

const chunk = 8192;

/** Bytes as a text of one character for each. */
const octets: Formed = (value) => {
  if (!(value instanceof Uint8Array)) return undefined;
  if (value.length <= chunk) return String.fromCharCode(...value);
  let text = "";
  for (let at = 0; at < value.length; at += chunk) {
    text += String.fromCharCode(...value.subarray(at, at + chunk));
  }
  return text;
};

const never: Formed = () => undefined;
/** Nothing is known. */
const unknown: ValueForm = Object.freeze({
  kind: "unknown",
  equality: false,
  stored: never,
  given: never,
});

function form(
  kind: string,
  formed: Formed,
  order: Order | undefined,
  rest: Partial<ValueForm> = {},
): ValueForm {
  return Object.freeze({
    kind,
    equality: true,
    stored: formed,
    given: formed,
    key: formed,
    ...(order && { order }),
    ...rest,
  });
}

/** Text that is stored in one form, in which conditions are brought. */
function storedText(kind: string, given: Formed): ValueForm {
  return form(kind, textual, compareCodePoints, { given, key: given });
}

function textForm(property: PropertySchema, semantics: Semantics): ValueForm {
  const rule = semantics.textRule(property.column.collation);
  if (rule === "none") return unknown;
  const order = rule === "bytes" ? compareCodePoints : undefined;
  const padded = property.type.name === "char" && semantics.padsChar;
  return padded ? form("char", unpadded, order) : form("text", textual, order);
}

function enumForm({ type }: PropertySchema, semantics: Semantics): ValueForm {
  if (semantics.enumOrder === "text") return form("text", textual, compareCodePoints);
  const { values } = type;
  if (!values) return form("text", textual, undefined);
  const places = new Map(values.map((value, place) => [value, place]));
  const place = (value: Comparable) => places.get(value as string) ?? NaN;
  return form("text", textual, (a, b) => place(a) - place(b));
}

const byName: Readonly<Record<string, ValueForm>> = {
  smallint: form("whole", wholeNumber, compareNumbers),
  integer: form("whole", wholeNumber, compareNumbers),
  bigint: form("large", largeNumber, compareNumbers),
  numeric: form("decimal", decimalForm, compareDecimals),
  double: form("double", double, compareNumbers),
  boolean: form("boolean", truth, compareNumbers),
  timestamp: form("instant", instant, compareNumbers),
  timestamptz: form("instant", instant, compareNumbers),
  bytes: form("bytes", octets, compareCodeUnits),
};
const asValues: Readonly<Record<string, ValueForm>> = {
  real: form("single", single, compareNumbers),
  uuid: form("uuid", lowerCase, compareCodePoints),
  date: form("day", day, compareNumbers),
  time: form("time", timeOfDay, compareNumbers),
};
const asText: Readonly<Record<string, ValueForm>> = {
  uuid: storedText("uuid", lowerCase),
  date: storedText("day", textual),
  time: storedText("time", timeText),
};
const decimalSingle = form("single", double, compareNumbers, {
  given: shortestSingle,
  key: (value) => typeof value === "number" ? Math.fround(value) + 0 : undefined,
});

function makeForm(property: PropertySchema, semantics: Semantics): ValueForm {
  switch (property.type.name) {
    case "text":
    case "varchar":
    case "char":
      return textForm(property, semantics);
    case "enum":
      return enumForm(property, semantics);
    case "real":
      if (semantics.singleFloats === "decimal") return decimalSingle;
      return asValues.real as ValueForm;
    case "uuid":
    case "date":
    case "time":
      return (semantics.textualValues ? asText : asValues)[property.type.name] as ValueForm;
    default:
      return byName[property.type.name] ?? unknown;
  }
}

const cached = new WeakMap<Semantics, WeakMap<PropertySchema, ValueForm>>();

/** How the elements of a list column compare. */
export function elementForm(property: PropertySchema, semantics: Semantics): ValueForm {
  return makeForm(property, semantics);
}

/** How a column's values compare; of lists and documents nothing is known here. */
export function formOf(property: PropertySchema, semantics: Semantics): ValueForm {
  let forms = cached.get(semantics);
  if (!forms) cached.set(semantics, forms = new WeakMap());
  let found = forms.get(property);
  if (!found) {
    found = property.type.array ? unknown : makeForm(property, semantics);
    forms.set(property, found);
  }
  return found;
}
