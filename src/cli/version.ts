/**
 * The version of the package.
 *
 * @module
 */

/** The version, as `deno.json` has it: a test holds the two together. */
export const version = "0.1.0";
