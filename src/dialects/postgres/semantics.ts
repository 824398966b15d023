/**
 * How PostgreSQL compares values.
 *
 * @module
 */
import type { Semantics, SemanticsConnection, TextRule } from "../../dialect/semantics.ts";

const byteCollations: ReadonlySet<string> = new Set(["C", "POSIX", "ucs_basic"]);
/** The built-in provider's locales all sort by code points. */
const builtin = "b";
const libc = "c";

function semantics(
  own: TextRule,
  insensitiveLetters: Semantics["insensitiveLetters"],
): Semantics {
  return Object.freeze({
    textRule: (collation: string | undefined): TextRule => {
      if (collation === undefined) return own;
      // Another one may take different texts for equal (nondeterministic collations).
      return byteCollations.has(collation) ? "bytes" : "none";
    },
    insensitiveLetters,
    enumOrder: "declared",
    padsChar: true,
    textualValues: false,
    singleFloats: "binary",
    jsonNumbers: "decimal",
  });
}

/** What holds for every database: its own collation is deterministic, but sorts as its locale wants. */
export const postgresSemantics: Semantics = semantics("equality", "locale");

/** The settings of a database that matter here; which of them there are depends on the server's version. */
interface DatabaseSettings {
  readonly encoding: string;
  readonly provider: string | null;
  readonly collate: string;
  readonly ctype: string;
  readonly locale: string | null;
}

const settingsQuery = `SELECT pg_encoding_to_char(encoding) AS encoding,
  to_jsonb(d) ->> 'datlocprovider' AS provider, d.datcollate AS "collate", d.datctype AS ctype,
  to_jsonb(d) ->> 'datlocale' AS locale
FROM pg_database d WHERE d.datname = current_database()`;

/** Reads by which locale the database sorts: with that of C, or a built-in one, text sorts by its code points. */
export async function readSemantics(connection: SemanticsConnection): Promise<Semantics> {
  const { rows: [row] } = await connection.execute<DatabaseSettings>(settingsQuery);
  if (row?.encoding !== "UTF8") return postgresSemantics;
  const isC = (locale: string | null) => locale === "C" || locale === "POSIX";
  if (row.provider === builtin) {
    return semantics("bytes", isC(row.locale) ? "ascii" : "locale");
  }
  if (row.provider !== null && row.provider !== libc) return postgresSemantics;
  return semantics(
    isC(row.collate) ? "bytes" : "equality",
    isC(row.ctype) ? "ascii" : "locale",
  );
}
