/**
 * What OpenTelemetry's stable conventions for databases want to know of a statement.
 *
 * @module
 */
import { DatabaseError, RexError } from "../../base/errors.ts";
import type { InstrumentedDatabase, WatchedStatement } from "../../engine/instrumentation.ts";
import { LruMap } from "../../engine/lru.ts";
import { querySummary, summaryParts } from "../../engine/query_summary.ts";
import { tokensOf } from "../../engine/sql_tokens.ts";
import type { Attributes } from "./api.ts";

/** What of a statement is the same each time. */
export interface StatementTexts {
  /** `SELECT posts users`: the name of the span. */
  readonly summary: string;
  /** What tells both spans and measurements apart. */
  readonly attributes: Readonly<Attributes>;
  /** The text without literals, for statements without parameters that the library did not write. */
  readonly sanitized: string;
}

const STATEMENTS = 500;

/** Describes statements, each text once. */
export class StatementDescriber {
  readonly #texts = new LruMap<string, StatementTexts>(STATEMENTS);
  readonly #database: Attributes;

  /** Describes statements of a database whose attributes all of them have. */
  constructor(database: Attributes) {
    this.#database = database;
  }

  /** The texts of a statement. */
  describe({ sql, kind }: Pick<WatchedStatement, "sql" | "kind">): StatementTexts {
    const key = kind === "unknown" ? sql : `${kind} ${sql}`;
    let texts = this.#texts.get(key);
    if (texts === undefined) this.#texts.set(key, texts = this.#make(sql, kind === "unknown"));
    return texts;
  }

  #make(sql: string, foreign: boolean): StatementTexts {
    const summary = querySummary(sql) || String(this.#database["db.system.name"]);
    return Object.freeze({
      summary,
      attributes: Object.freeze({
        ...this.#database,
        "db.query.summary": summary,
        // The convention: not from a text, which may have several. Here the text is the library's own.
        ...foreign ? {} : operationOf(sql),
      }),
      sanitized: sanitized(sql),
    });
  }
}

/** The operation and the table, where a statement has only one of each. */
function operationOf(sql: string): Attributes {
  const parts = summaryParts(sql);
  const operations = parts.filter(({ kind }) => kind === "operation");
  const targets = parts.filter(({ kind }) => kind === "target");
  const attributes: Attributes = {};
  if (operations.length === 1) attributes["db.operation.name"] = operations[0]!.text;
  if (targets.length === 1) attributes["db.collection.name"] = targets[0]!.text;
  return attributes;
}

/** The attributes of a database. */
export function databaseAttributes({ system, name, host, port }: InstrumentedDatabase): Attributes {
  return {
    "db.system.name": system,
    ...name === undefined ? {} : { "db.namespace": name },
    ...host === undefined ? {} : { "server.address": host },
    ...port === undefined ? {} : { "server.port": port },
  };
}

/** The attributes of a failure: our code, which does not depend on the database, and the database's own. */
export function errorAttributes(error: unknown): Attributes {
  const status = error instanceof DatabaseError ? error.databaseCode : undefined;
  return {
    "error.type": error instanceof RexError
      ? error.code
      : error instanceof Error
      ? error.name
      : "_OTHER",
    ...status === undefined ? {} : { "db.response.status_code": status },
  };
}

/** The values that were bound, by their place from 0. */
export function parameterAttributes(params: readonly unknown[]): Attributes {
  return Object.fromEntries(params.map((value, i) => [
    `db.query.parameter.${i}`,
    value instanceof Uint8Array ? `${value.length} bytes` : String(value),
  ]));
}

/** A text with `?` in place of its literals, and without comments: both may hold what is nobody's business. */
function sanitized(sql: string): string {
  return tokensOf(sql).map(({ kind, text }) =>
    kind === "text" || kind === "number" ? "?" : kind === "comment" ? "" : text
  ).join("").trim();
}
