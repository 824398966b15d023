/**
 * From the driver's errors to the one tree. SQLite tells what happened by an extended result code, and
 * which table and columns only in the message.
 *
 * @module
 */
import {
  CheckViolationError,
  ConnectionError,
  type ConstraintDetails,
  ConstraintError,
  DatabaseError,
  DataError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  QueryError,
  QuerySyntaxError,
  QueryTimeoutError,
  RexError,
  TransactionError,
  UniqueViolationError,
} from "../../base/errors.ts";

/** What `node:sqlite` puts on its errors; `exec()` leaves `errcode` out. */
interface DriverError extends Error {
  readonly errcode?: number;
  readonly code?: string;
}

/** Primary result codes: the low byte of an extended one. */
const enum Primary {
  Error = 1,
  Busy = 5,
  Locked = 6,
  ReadOnly = 8,
  Interrupt = 9,
  IoError = 10,
  Corrupt = 11,
  Full = 13,
  CannotOpen = 14,
  TooBig = 18,
  Constraint = 19,
  Mismatch = 20,
  Auth = 23,
  Range = 25,
  NotADatabase = 26,
}

/** The parts of an error that every class takes. */
interface Parts {
  readonly message: string;
  readonly sql: string | undefined;
  readonly params: readonly unknown[] | undefined;
  readonly code: string | undefined;
  readonly cause: unknown;
}

/** Whether the database was locked by somebody else; the statement may be tried again. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof RexError) return false;
  const primary = primaryCode(error);
  return primary === Primary.Busy || primary === Primary.Locked;
}

/** Whether the file, or the connection, must not be written to. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && primaryCode(error) === Primary.ReadOnly;
}

/**
 * The error of Rex-ORM for what the driver threw. An error of Rex-ORM is given back as it is.
 *
 * @param error what was thrown
 * @param sql the statement that failed
 * @param params the values that were bound; they never enter the message
 */
export function mapError(error: unknown, sql?: string, params?: readonly unknown[]): RexError {
  if (error instanceof RexError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const { errcode, code } = cause as DriverError;
  const databaseCode = errcode === undefined ? undefined : String(errcode);
  const parts: Parts = { message: cause.message, sql, params, code: databaseCode, cause };
  if (errcode === undefined && code === "ERR_INVALID_ARG_TYPE") return unbindable(parts);
  if (cause.name === "NotCapable") {
    return make(ConnectionError, parts, "open the database", "Allow it to read and write the file");
  }
  switch (primaryCode(cause)) {
    case Primary.Constraint:
      return constraint(parts, errcode);
    case Primary.Busy:
    case Primary.Locked:
      return make(LockTimeoutError, parts, "lock the database", lockHint);
    case Primary.ReadOnly:
      return make(DatabaseError, parts, "write", readOnlyHint);
    case Primary.Interrupt:
      return make(QueryTimeoutError, parts, "finish the query", undefined);
    case Primary.IoError:
    case Primary.Corrupt:
    case Primary.Full:
    case Primary.CannotOpen:
    case Primary.Auth:
    case Primary.NotADatabase:
      return make(ConnectionError, parts, "use the database", connectionHint(primaryCode(cause)));
    case Primary.TooBig:
    case Primary.Mismatch:
    case Primary.Range:
      return make(DataError, parts, "store a value", undefined);
    default:
      return general(parts);
  }
}

const lockHint =
  "Another process or another Database object writes to this file: keep its transactions short, or raise acquireTimeout";
const readOnlyHint =
  "The file or its folder is read-only, or the transaction is, or the statement was said to be a read";

function connectionHint(primary: number): string | undefined {
  switch (primary) {
    case Primary.CannotOpen:
      return "Check databasePath: its folder must be there, and the process must be allowed to read and write it";
    case Primary.NotADatabase:
      return "The file is not an SQLite database: check databasePath";
    case Primary.Full:
      return "The disk is full";
    case Primary.Corrupt:
      return "The file is damaged: restore it from a backup, or try the command line's .recover";
    default:
      return undefined;
  }
}

/** The class of every error that takes the common parts. */
type ErrorClass = new (
  message: string,
  query?: string,
  params?: readonly unknown[],
  details?: ConstraintDetails,
) => DatabaseError;

function make(
  type: ErrorClass,
  parts: Parts,
  action: string,
  hint: string | undefined,
  rest: ConstraintDetails = {},
): DatabaseError {
  const { message, sql, params, code, cause } = parts;
  const details = { cause, hint, databaseCode: code, ...rest };
  return new type(`Cannot ${action}: ${message}`, sql, params, details);
}

function unbindable(parts: Parts): DatabaseError {
  return make(
    DataError,
    parts,
    "bind a value",
    "SQLite takes null, numbers, bigints, strings and bytes",
  );
}

/** `table.column, table.other` as table and columns. */
function parseColumns(text: string): { table?: string; columns?: string[] } {
  const names = text.split(", ").map((name) => name.split("."));
  const table = names[0]?.[0];
  if (table === undefined || names.some((name) => name.length !== 2)) return {};
  return { table, columns: names.map((name) => name[1]!) };
}

/** What could not be done, as far as the constraint tells. */
function writing({ table, columns, constraint }: ConstraintDetails): string {
  if (table === undefined) return `write the row (constraint ${constraint ?? "unknown"})`;
  return `write to ${table} (${columns?.join(", ")})`;
}

function constraint(parts: Parts, errcode: number | undefined): DatabaseError {
  if (errcode === 3091) return make(DataError, parts, "store a value", undefined);
  const match = /^(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (.*))?$/s
    .exec(parts.message);
  const rest = match?.[2] ?? "";
  switch (match?.[1]) {
    case "UNIQUE": {
      const index = /^index '(.*)'$/.exec(rest);
      const found = index ? { constraint: index[1] } : parseColumns(rest);
      const message = "a row with the same values is there already";
      return make(UniqueViolationError, { ...parts, message }, writing(found), uniqueHint, found);
    }
    case "NOT NULL": {
      const found = parseColumns(rest);
      const message = "a value is missing";
      return make(NotNullViolationError, { ...parts, message }, writing(found), undefined, found);
    }
    case "CHECK":
      if (typeCheck.test(rest)) return make(DataError, parts, "store a value", typeHint(rest));
      return make(CheckViolationError, parts, "write the row", undefined, { constraint: rest });
    case "FOREIGN KEY":
      return make(ForeignKeyViolationError, parts, "write the row", foreignKeyHint);
    default:
      return make(ConstraintError, parts, "write the row", undefined);
  }
}

/** The name of a check that stands for a column's type, as the DDL compiler makes them. */
const typeCheck = /^(.+) ((?:varchar|char|numeric|enum|boolean)(?:\([\d,]+\))?)$/s;

function typeHint(name: string): string {
  const [, column, type] = typeCheck.exec(name)!;
  return `Column ${column} is ${type}`;
}

const uniqueHint = "use other values, or upsert() or onConflict() to change that row";

const foreignKeyHint =
  "Either the row that it points to is not there, or other rows still point to this one; SQLite does not say which key";

const syntaxMessages =
  /syntax error|^no such|has no column named|^ambiguous column|^incomplete input|wrong number of arguments|^unrecognized token|already exists|^misuse of|^near "|values for \d+ columns|^table .* has \d+ columns|do not have the same number|must appear|may not be|not allowed|^unknown|^row value misused|^sub-select returns|does not match any PRIMARY KEY|^foreign key mismatch|^duplicate column/;
const dataMessages =
  /malformed JSON|integer overflow|JSON path error|bad JSON path|string or blob too big/;
const transactionMessages = /no transaction is active|within a transaction|^no such savepoint/;
const tooLarge = /too large to be represented as a JavaScript number/;
const columnCount = /column index out of range/;

function general(parts: Parts): RexError {
  const { message } = parts;
  if (columnCount.test(message)) {
    return new QueryError("Cannot bind the values: there are more values than parameters", {
      cause: parts.cause,
    });
  }
  if (transactionMessages.test(message)) {
    return new TransactionError(`Cannot steer the transaction: ${message}`, {
      cause: parts.cause,
      hint: "Use transaction() or beginTransaction()",
    });
  }
  if (message.startsWith("Returned JavaScript value")) {
    const badValue = "a value is not a decimal number, or not JSON";
    return make(DataError, { ...parts, message: badValue }, "use a value", undefined);
  }
  if (tooLarge.test(message)) {
    return make(
      DataError,
      { ...parts, message: "an integer is beyond 2^53" },
      "read a value",
      "Declare the column as bigint",
    );
  }
  if (dataMessages.test(message)) return make(DataError, parts, "use a value", undefined);
  if (syntaxMessages.test(message)) {
    return make(QuerySyntaxError, parts, "run the statement", syntaxHint(message));
  }
  return make(DatabaseError, parts, "run the statement", undefined);
}

function syntaxHint(message: string): string | undefined {
  if (message.startsWith("no such table")) {
    return "Create the table first, or check its name and databasePath";
  }
  if (message.startsWith("no such column") || message.includes("has no column named")) {
    return "Check the column's name against the table; a string is written in single quotes";
  }
  if (message.startsWith("no such function")) return "SQLite does not have this function";
  if (message.startsWith("foreign key mismatch")) {
    return "The columns that a foreign key points to must be a primary key or unique";
  }
  return message.includes("syntax error") ? "The fault is at or before the quoted word" : undefined;
}

/** Messages by which an error without a code (from `exec()`) is told. */
const codeless: readonly (readonly [RegExp, Primary])[] = [
  [/constraint failed/, Primary.Constraint],
  [/^database (table |schema )?is locked/, Primary.Busy],
  [/readonly database/, Primary.ReadOnly],
  [/unable to open/, Primary.CannotOpen],
  [/not a database/, Primary.NotADatabase],
  [/disk image is malformed/, Primary.Corrupt],
  [/disk is full/, Primary.Full],
  [/disk I\/O error/, Primary.IoError],
  [/datatype mismatch/, Primary.Mismatch],
];

function primaryCode(error: Error): number {
  const { errcode } = error as DriverError;
  if (errcode !== undefined) return errcode & 255;
  return codeless.find(([pattern]) => pattern.test(error.message))?.[1] ?? Primary.Error;
}
