/**
 * One SQLite connection: its prepared statements, and how one request is run on it. Everything here is
 * synchronous, as SQLite itself is; who may use the connection when is the driver's business.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { DatabaseError, QueryError } from "../../base/errors.ts";
import type {
  DriverColumn,
  DriverRequest,
  DriverResult,
  PreparedCounts,
} from "../../dialect/driver.ts";
import { maxParameters } from "./capabilities.ts";
import { isReadOnly } from "./errors.ts";
import { defineFunctions } from "./functions.ts";
import { isBlank, scanStatement, type StatementText } from "./statement_text.ts";

/** A statement that is ready to run. */
interface Prepared {
  readonly statement: StatementSync;
  readonly text: StatementText;
  /** Whether it gives rows; those that write may, too. */
  readonly returnsRows: boolean;
  /** Known after the first run: only then has SQLite looked whether the schema is still the same. */
  columns: readonly DriverColumn[];
  /** Whether the statement gives integers as bigints now. */
  bigints: boolean;
  /** Whether it was used since the cache last looked for one to drop. */
  used: boolean;
}

/** An open iterator over a statement's rows. */
type Cursor = IterableIterator<unknown[]>;

/** What TypeScript's types of `node:sqlite` leave out. */
interface ArrayStatement {
  setReturnArrays(enabled: boolean): void;
}

/** How often the schema was changed, so that every connection knows when its statements are stale. */
export interface SchemaVersion {
  /** The count. */
  version: number;
}

/** What a connection needs to open. */
export interface ConnectionOptions {
  /** The file, or `:memory:`. */
  readonly path: string;
  /** How many prepared statements are kept. */
  readonly cacheSize: number;
  /** Whether the connection refuses to write. */
  readonly readOnly: boolean;
  /** Counts the changes of the schema; one object for all connections of a database. */
  readonly schema: SchemaVersion;
  /** Counts how often a statement was found prepared. */
  readonly prepared: PreparedCounts;
}

/** The `DatabaseSync` class, as the runtime gives it. */
export type DatabaseClass = new (path: string) => DatabaseSync;

/** Milliseconds that SQLite itself waits for a lock, blocking this thread; the driver waits on without. */
const busyTimeout = 20;
const noColumns: readonly DriverColumn[] = Object.freeze([]);

/** One connection and its prepared statements. */
export class Connection {
  readonly #database: DatabaseSync;
  readonly #cacheSize: number;
  readonly #cache = new Map<string, Prepared>();
  readonly #cursors = new Set<Cursor>();
  readonly #schema: SchemaVersion;
  readonly #prepared: PreparedCounts;
  #seenVersion: number;
  #schemaChanged = false;
  /** Whether a transaction was open after the last statement that steers one. */
  #began = false;

  /** Opens the file. Throws the driver's error when that fails. */
  constructor(database: DatabaseClass, options: ConnectionOptions) {
    this.#database = new database(options.path);
    this.#cacheSize = options.cacheSize;
    this.#schema = options.schema;
    this.#prepared = options.prepared;
    this.#seenVersion = options.schema.version;
    try {
      this.#database.exec(
        `PRAGMA busy_timeout=${busyTimeout}; PRAGMA foreign_keys=ON; PRAGMA synchronous=NORMAL`,
      );
      if (options.readOnly) this.setReadOnly(true);
      else if (options.path !== ":memory:") this.#writeAhead();
      defineFunctions(this.#database);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** A file that must not be written to can be read as it is. */
  #writeAhead(): void {
    try {
      this.#database.exec("PRAGMA journal_mode=WAL");
    } catch (error) {
      if (!isReadOnly(error)) throw error;
    }
  }

  /** Whether a transaction is open. */
  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Whether SQLite has rolled back by itself, for a failure, the transaction that was begun here. */
  get lostTransaction(): boolean {
    return this.#began && !this.#database.isTransaction;
  }

  /** How many prepared statements are kept now. */
  get cachedStatements(): number {
    return this.#cache.size;
  }

  /** Refuses writes from now on, or allows them again. */
  setReadOnly(readOnly: boolean): void {
    this.#database.exec(`PRAGMA query_only=${readOnly ? "ON" : "OFF"}`);
  }

  /** Whether a statement with this text is ready to run. */
  has(sql: string): boolean {
    return this.#cache.has(sql);
  }

  /** Runs a request. Throws the driver's errors as they are. */
  run(request: DriverRequest): DriverResult {
    const { sql } = request;
    if (this.#seenVersion !== this.#schema.version) this.#forget();
    let prepared = this.#cache.get(sql);
    if (prepared === undefined) {
      const opened = this.#open(request);
      if (opened === undefined) return this.#runScript(sql);
      prepared = opened;
    } else {
      prepared.used = true;
      this.#prepared.hits++;
    }
    const values = bind(prepared.text, request.params);
    const { statement } = prepared;
    const bigints = request.bigints === true || request.kind === "unknown";
    if (bigints !== prepared.bigints) {
      statement.setReadBigInts(bigints);
      prepared.bigints = bigints;
    }
    if (!prepared.returnsRows) return this.#change(prepared, values);
    const rows = statement.all(...values) as unknown as unknown[][];
    const known = prepared.columns.length;
    if (known === 0 || (rows.length > 0 && rows[0]!.length !== known)) {
      prepared.columns = columnsOf(statement);
    }
    return { columns: prepared.columns, rows, rowCount: rows.length };
  }

  /** Runs a query on a statement of its own and gives its rows in chunks. */
  *stream(request: DriverRequest, chunkSize: number): Generator<DriverResult, void, void> {
    const prepared = this.#prepare(request.sql);
    if (prepared === undefined) throw severalStatements();
    const { statement, text } = prepared;
    const marked = text.selects && markedQuery(statement);
    const values = bind(text, request.params);
    if (!marked) return yield* chunked(this.run(request), chunkSize);
    const cursor = this.#cursor(marked, request, values);
    this.#cursors.add(cursor);
    let complete = false;
    try {
      let rows: unknown[][] = [];
      let next = cursor.next();
      const columns = columnsOf(statement);
      for (; !next.done; next = cursor.next()) {
        const row = next.value;
        complete = Number(row.pop()) === 1;
        if (complete) continue;
        rows.push(row);
        if (rows.length === chunkSize) {
          yield { columns, rows, rowCount: rows.length };
          rows = [];
        }
      }
      if (complete && rows.length > 0) yield { columns, rows, rowCount: rows.length };
    } finally {
      this.#cursors.delete(cursor);
      cursor.return?.();
    }
    if (!complete) throw this.#failureOf(request);
  }

  #cursor(sql: string, request: DriverRequest, values: readonly SQLInputValue[]): Cursor {
    const statement = this.#database.prepare(sql);
    (statement as unknown as ArrayStatement).setReturnArrays(true);
    statement.setReadBigInts(request.bigints === true || request.kind === "unknown");
    return statement.iterate(...values) as unknown as Cursor;
  }

  /** Why a stream ended before its mark: the iterator keeps it to itself, so the query runs once more. */
  #failureOf(request: DriverRequest): unknown {
    try {
      this.run(request);
    } catch (error) {
      return error;
    }
    return new DatabaseError(
      "Cannot read on: SQLite ended the stream early",
      request.sql,
      request.params,
      {
        hint: "The database was locked or its transaction was rolled back meanwhile; run it again",
      },
    );
  }

  /** Ends what the last user left open: cursors, and a transaction, which is rolled back. */
  reset(): void {
    for (const cursor of this.#cursors) cursor.return?.();
    this.#cursors.clear();
    if (!this.#database.isOpen) return;
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    this.#began = false;
    if (this.#schemaChanged) this.#noteSchemaChange();
  }

  /** Closes the connection; what is open is rolled back. */
  close(): void {
    this.#cache.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #change({ statement, text }: Prepared, values: readonly SQLInputValue[]): DriverResult {
    const { changes } = statement.run(...values);
    if (text.controls) this.#began = this.#database.isTransaction;
    if (text.changesSchema || (text.controls && this.#schemaChanged)) this.#noteSchemaChange();
    return { columns: noColumns, rows: [], rowCount: text.changes ? Number(changes) : 0 };
  }

  /** Several statements in one text; only without values, as none could say which it belongs to. */
  #runScript(sql: string): DriverResult {
    try {
      this.#database.exec(sql);
      this.#began = this.#database.isTransaction;
    } finally {
      this.#noteSchemaChange();
    }
    return { columns: noColumns, rows: [], rowCount: 0 };
  }

  /** Until the transaction ends, which may undo the change, each further step makes statements stale again. */
  #noteSchemaChange(): void {
    this.#schema.version++;
    this.#schemaChanged = this.#database.isTransaction;
  }

  #forget(): void {
    this.#cache.clear();
    // Preparing does not look whether the schema is still the same, running does; and node:sqlite counts the
    // columns before it runs. So look now, or the first run would lack the new columns.
    this.#database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").all();
    this.#seenVersion = this.#schema.version;
  }

  /** Prepares and keeps a statement. `undefined` for a script, which cannot be prepared. */
  #open(request: DriverRequest): Prepared | undefined {
    const prepared = this.#prepare(request.sql);
    if (prepared === undefined) {
      if (request.params.length > 0) throw severalStatements();
      return undefined;
    }
    this.#prepared.misses++;
    if (request.prepare !== false && !prepared.text.changesSchema) {
      this.#cache.set(request.sql, prepared);
      if (this.#cache.size > this.#cacheSize) this.#evict();
    }
    return prepared;
  }

  #prepare(sql: string): Prepared | undefined {
    const text = scanStatement(sql);
    if (isBlank(sql)) throw new QueryError("Cannot run the statement: it is empty");
    if (text.count > maxParameters) throw tooManyParameters(text.count);
    const statement = this.#database.prepare(text.sql);
    if (isScript(text.sql, statement)) return undefined;
    (statement as unknown as ArrayStatement).setReturnArrays(true);
    const returnsRows = statement.columns().length > 0;
    return { statement, text, returnsRows, columns: noColumns, bigints: false, used: false };
  }

  /** Drops one statement that was not used since the last look: least-recently-used, nearly, but free on a hit. */
  #evict(): void {
    for (const [sql, prepared] of this.#cache) {
      this.#cache.delete(sql);
      if (!prepared.used) return;
      prepared.used = false;
      this.#cache.set(sql, prepared);
    }
  }
}

/**
 * The query with a column that is 0 in every row and 1 in one more row at the end. Deno's iterator ends without a
 * word when a row fails, as if there were no more: without the mark at its end a stream is known to have failed.
 */
function markedQuery(statement: StatementSync): string {
  const query = statement.sourceSQL.replace(/;\s*$/, "");
  const nulls = "NULL, ".repeat(statement.columns().length);
  return `SELECT *, 0 FROM (\n${query}\n) UNION ALL SELECT ${nulls}1`;
}

function* chunked(result: DriverResult, size: number): Generator<DriverResult, void, void> {
  const { columns } = result;
  for (let start = 0; start < result.rows.length; start += size) {
    const rows = result.rows.slice(start, start + size);
    yield { columns, rows, rowCount: rows.length };
  }
}

/** SQLite prepares the first statement of a text and passes over the rest without a word. */
function isScript(sql: string, statement: StatementSync): boolean {
  return sql.includes(";") && !isBlank(sql.slice(statement.sourceSQL.length));
}

function columnsOf(statement: StatementSync): readonly DriverColumn[] {
  const columns = statement.columns();
  return columns.length === 0
    ? noColumns
    : Object.freeze(columns.map(({ name, type }) => ({ name, type: type ?? undefined })));
}

function tooManyParameters(count: number): QueryError {
  return new QueryError(
    `Cannot run the statement: it binds ${count} parameters, and the most is ${maxParameters}`,
    { hint: "Bind a list as one parameter (sql.array), or write in chunks" },
  );
}

/** The values in the order of the statement's `?`. */
function bind(text: StatementText, params: readonly unknown[]): readonly SQLInputValue[] {
  if (params.length !== text.count) {
    throw new QueryError(
      `Cannot run the statement: it takes ${text.count} values and got ${params.length}`,
    );
  }
  if (text.order === null) return params as SQLInputValue[];
  return text.order.map((place) => params[place] as SQLInputValue);
}

function severalStatements(): QueryError {
  return new QueryError("Cannot run the text: it holds several statements", {
    hint: "Run them one by one; only a script without parameters may hold several",
  });
}
