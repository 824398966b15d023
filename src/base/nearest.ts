/**
 * Finds what somebody may have meant who mistyped a name.
 *
 * @module
 */

/**
 * The known name that is nearest to `name`; none when none is near.
 *
 * Case, `_`, `-`, `:` and spaces do not count.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((each) => ({ each, distance: distance(plain(name), plain(each)) }))
    .sort((a, b) => a.distance - b.distance);
  if (best === undefined) return undefined;
  return best.distance <= Math.max(2, Math.floor(best.each.length / 3)) ? best.each : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_:-]/g, "");
}

/** How many letters have to be put in, taken out or changed to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
