/**
 * Ready-made rules for `@Validate()`. A rule for strings on a field of numbers is a compile error.
 *
 * ```ts ignore
 * @Validate(isEmail, "Invalid email format") email!: string;
 * @ValidateMultiple([
 *   { rule: min(0), message: "Age cannot be negative" },
 *   { rule: max(150), message: "Nobody is that old" },
 * ]) age!: number;
 * ```
 *
 * @module
 */

/** A rule that needs the value only. */
export type ValueRule<V> = (value: V) => boolean;

/** Whether a text looks like an address: one `@`, something before it, a domain with a dot after it. */
export function isEmail(value: string): boolean {
  return value.length <= 254 && /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(value);
}

/** Whether a text is an absolute `http` or `https` URL. */
export function isUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

/** Whether a text has more than white space, or a list has elements. */
export function notEmpty(value: string | readonly unknown[]): boolean {
  return typeof value === "string" ? value.trim().length > 0 : value.length > 0;
}

/** Whether a number is an integer that JavaScript holds exactly. */
export function isInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}

/** Whether a text, list or byte array has at least `length` elements (UTF-16 units of a text). */
export function minLength(length: number): ValueRule<{ readonly length: number }> {
  return (value) => value.length >= length;
}

/** Whether a text, list or byte array has at most `length` elements (UTF-16 units of a text). */
export function maxLength(length: number): ValueRule<{ readonly length: number }> {
  return (value) => value.length <= length;
}

/** Whether a text matches a pattern. */
export function matches(pattern: RegExp): ValueRule<string> {
  // The flags g and y make test() remember where it stopped.
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  return (value) => stateless.test(value);
}

/** Whether a number (or bigint, or date) is not less than `least`. */
export function min(least: number | bigint): ValueRule<number | bigint>;
/** Whether a date is not before `least`. */
export function min(least: Date): ValueRule<Date>;
export function min(least: number | bigint | Date): ValueRule<number | bigint | Date> {
  return (value) => value >= least;
}

/** Whether a number (or bigint, or date) is not more than `most`. */
export function max(most: number | bigint): ValueRule<number | bigint>;
/** Whether a date is not after `most`. */
export function max(most: Date): ValueRule<Date>;
export function max(most: number | bigint | Date): ValueRule<number | bigint | Date> {
  return (value) => value <= most;
}

/** Whether a value is one of those listed. */
export function oneOf<V extends string | number | bigint | boolean>(
  ...allowed: readonly V[]
): ValueRule<V extends string ? string : V extends number ? number : V> {
  const set = new Set<unknown>(allowed);
  return (value) => set.has(value);
}
