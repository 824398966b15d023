/**
 * How a program that is measured says that it has its first row.
 *
 * @module
 */

/** Where the database is: the program's only argument. */
export const place: string = Deno.args[0] ?? "";

/** Writes the time, in milliseconds since 1970, and what the row's name is. */
export function report(row: { readonly name: string } | null | undefined): void {
  console.log(JSON.stringify([performance.timeOrigin + performance.now(), row?.name]));
}
