/**
 * Lists bound as one parameter: JSON text, which `json_each` turns into rows.
 *
 * @module
 */
import { DataError } from "../../base/errors.ts";
import type { Codecs } from "../../schema/codec.ts";
import type { ColumnType } from "../../schema/column_type.ts";

/** Makes the conversion of a list into JSON text that `json_each` gives back exactly. */
export function listDump(
  codecs: Codecs,
  types: ColumnType | undefined | readonly (ColumnType | undefined)[],
): (value: unknown) => unknown {
  if (Array.isArray(types)) {
    const dumps = types.map((type) => elementDump(codecs, type));
    return (value) =>
      json(value, (row) => `[${dumps.map((dump, index) => dump((row as unknown[])[index]))}]`);
  }
  const dump = elementDump(codecs, types as ColumnType | undefined);
  return (value) => json(value, dump);
}

function json(value: unknown, element: (value: unknown) => string): string {
  if (!Array.isArray(value)) throw new DataError("Cannot bind a list: the value is not an array");
  return `[${value.map(element).join(",")}]`;
}

function elementDump(codecs: Codecs, type: ColumnType | undefined): (value: unknown) => string {
  const dump = type ? codecs.codec(type).dump : codecs.dumpUntyped;
  const mayHoldBytes = type?.name === "bytes";
  return (value) => {
    if (value === null || value === undefined) return "null";
    const wire = dump ? dump(value) : value;
    if (!(wire instanceof Uint8Array)) return elementJson(wire);
    if (mayHoldBytes) return `"${hex(wire)}"`;
    throw new DataError(
      "Cannot bind a list of bytes: its type is not known",
      undefined,
      undefined,
      {
        hint: "Compare with a column of type bytes",
      },
    );
  };
}

function elementJson(wire: unknown): string {
  if (typeof wire === "bigint") return String(wire);
  if (typeof wire !== "number") return JSON.stringify(wire);
  if (wire === Infinity) return "9e999";
  if (wire === -Infinity) return "-9e999";
  // A number is a REAL: without a point or exponent SQLite would read an integer, perhaps too large a one.
  const text = Object.is(wire, -0) ? "0" : String(wire);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
