/**
 * Where the browser of the tests is.
 *
 * @module
 */

const VARIABLE = "REX_TEST_CHROMIUM";
const USUAL = "/usr/bin/chromium";

/** The path of Chromium: what `REX_TEST_CHROMIUM` names, or the system's; nothing where there is none. */
export function chromiumPath(): string | undefined {
  const path = Deno.env.get(VARIABLE) || USUAL;
  try {
    Deno.statSync(path);
    return path;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What to do about a Chromium that is missing. */
export const missingChromium = `no ${USUAL}, and ${VARIABLE} names none`;
