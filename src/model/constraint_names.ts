/**
 * Names of constraints and indexes: the same on every run and on every database.
 *
 * @module
 */

/** The longest name, in UTF-8 bytes, that every database keeps whole. */
const LONGEST = 63;
const encoder = new TextEncoder();

/**
 * `ix` with `posts` and `user_id` → `ix_posts_user_id`. A name that is too long ends in a hash of the whole
 * instead.
 */
export function constraintName(
  prefix: "fk" | "uq" | "ix" | "ck" | "ex",
  table: string,
  parts: readonly string[],
): string {
  return shortName([prefix, table, ...parts].join("_"));
}

/** A name that fits: itself, or its start and a hash of it. */
export function shortName(name: string): string {
  const bytes = encoder.encode(name);
  if (bytes.length <= LONGEST) return name;
  const tail = `_${hash(bytes)}`;
  // A character that was cut in two is dropped.
  const start = new TextDecoder().decode(bytes.subarray(0, LONGEST - tail.length));
  return start.replace(/\uFFFD+$/, "") + tail;
}

/** FNV-1a, 32 bits, as 8 hexadecimal digits. */
function hash(bytes: Uint8Array): string {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, "0");
}
