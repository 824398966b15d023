/**
 * Stop-gap until the branch `access` is merged: values and their JSON.
 *
 * @module
 */

/** To JSON. */
export function encode(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { $bigint: String(value) };
    case "number":
      return Number.isFinite(value) ? value : { $number: String(value) };
    case "object":
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof Date) return { $date: value.toJSON() };
  if (value instanceof Uint8Array) return { $bytes: btoa(String.fromCharCode(...value)) };
  if (Array.isArray(value)) return value.map(encode);
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== undefined).map(([name, each]) => [
      name,
      encode(each),
    ]),
  );
}

/** From JSON. */
export function decode(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  const [[name, text] = []] = Object.entries(value) as [string?, string?][];
  if (name === "$date") return new Date(text as string);
  if (name === "$bigint") return BigInt(text as string);
  if (name === "$number") return Number(text);
  if (name === "$bytes") {
    return Uint8Array.from(atob(text as string), (each) => each.charCodeAt(0));
  }
  return Object.fromEntries(Object.entries(value).map(([each, inner]) => [each, decode(inner)]));
}
