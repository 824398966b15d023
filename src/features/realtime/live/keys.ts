/**
 * Primary keys as texts, which tell records apart.
 *
 * @module
 */

/** The text of a key; equal for equal keys, however their values are held. */
export function keyText(values: readonly unknown[]): string {
  return values.length === 1 ? partText(values[0]) : JSON.stringify(values.map(partText));
}

function partText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value instanceof Uint8Array) return hexOf(value);
      return JSON.stringify(value);
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
