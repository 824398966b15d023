/**
 * The order of migrations: that of the time in front of their names, however it is written (`20240131120000_x`,
 * `2024-01-31-120000_x`), then that of the names.
 *
 * @module
 */

/** Compares two names of migrations. */
export function compareNames(a: string, b: string): number {
  const [first, second] = [timeOf(a), timeOf(b)];
  if (first !== second) return first < second ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

function timeOf(name: string): string {
  return (/^[\d-]+/.exec(name)?.[0] ?? "").replaceAll("-", "");
}
