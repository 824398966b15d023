/**
 * From what PostgreSQL and the way to it report to the one tree of errors.
 *
 * PostgreSQL's messages and details can quote values (`invalid input syntax for type integer: "…"`), so only
 * names and positions are taken from them. The driver's error stays as `cause`.
 *
 * @module
 */
import {
  CheckViolationError,
  ConnectionError,
  type ConstraintDetails,
  ConstraintError,
  DatabaseError,
  type DatabaseErrorDetails,
  DataError,
  ForeignKeyViolationError,
  NotNullViolationError,
  QuerySyntaxError,
  QueryTimeoutError,
  RexError,
  UniqueViolationError,
} from "../../base/errors.ts";
import { knownStates } from "./sqlstate.ts";

/** The fields of the driver's errors that are looked at. */
interface DriverError {
  readonly code?: string;
  readonly message?: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: string;
  readonly constraint_name?: string;
  readonly table_name?: string;
  readonly column_name?: string;
}

// A digit tells it from a code of the operating system, such as EPIPE.
const sqlState = /^(?=.*\d)[0-9A-Z]{5}$/;

const unknownOutcome = "whether the statement was done is not known: look before running it again";

const networkHints: Readonly<Record<string, string>> = {
  ECONNREFUSED: "check host and port of the configuration, and that the server runs",
  ENOTFOUND: "check the host name of the configuration",
  CONNECT_TIMEOUT: "check host and port of the configuration, or raise connectTimeout",
  TLS_UNAVAILABLE:
    "switch TLS on in the server, or say sslmode=disable where the network is your own",
  TLS_FAILED:
    "check the server's certificate and the name it is for; give its authority as tls: { ca }, or say sslmode=require to encrypt without checking who answers",
  ECONNRESET: unknownOutcome,
  EPIPE: unknownOutcome,
  CONNECTION_CLOSED: unknownOutcome,
  CONNECTION_DESTROYED: unknownOutcome,
};

const netHint = "allow the program to reach the host: --allow-net=HOST:PORT";
const envHint =
  "allow the driver to read its variables: --allow-env=PGAPPNAME,PGPASSWORD,PGTARGETSESSIONATTRS";

/** Whether the error says that the session is over: the server ends it, or the socket failed, which closes only after. */
export function isFatal(error: unknown): boolean {
  const { severity, code } = (error ?? {}) as {
    readonly severity?: unknown;
    readonly code?: unknown;
  };
  return severity === "FATAL" || severity === "PANIC" ||
    severity === undefined && typeof code === "string" && networkCode.test(code);
}

/** Whether the error says that the query was cancelled on the server. */
export function isCancelled(error: unknown): boolean {
  return (error as DriverError | null)?.code === "57014";
}

/**
 * Maps an error of the driver; an error of ours is given back as it is.
 *
 * @param query the SQL text that failed
 * @param params its values in wire form; they are kept out of the message
 */
export function mapError(error: unknown, query?: string, params?: readonly unknown[]): Error {
  if (error instanceof RexError) return error;
  const fields: DriverError = typeof error === "object" && error !== null ? error : {};
  const { code = "" } = fields;
  if (!sqlState.test(code)) return networkError(fields, error, query, params);
  hideValues(error);
  const details = { cause: error, databaseCode: code };
  const found = knownStates[code];
  if (found) {
    const [Class, message, hint] = found;
    return new Class(message, query, params, { ...details, hint });
  }
  switch (code.slice(0, 2)) {
    case "22":
      return new DataError(dataMessage(fields), query, params, details);
    case "23":
      return constraintError(fields, query, params, details);
    case "42":
      return syntaxError(fields, query, params, details);
    case "08":
    case "57":
      if (wrongCount.test(fields.message ?? "")) return countError(fields, query, params, details);
      return new ConnectionError(
        `Cannot reach PostgreSQL: ${fields.message ?? "the connection broke"}`,
        query,
        params,
        details,
      );
    default:
      return new DatabaseError(
        `Cannot run the statement: ${fields.message ?? `PostgreSQL reported ${code}`}`,
        query,
        params,
        { ...details, hint: fields.hint, position: position(fields) },
      );
  }
}

/** The error for a query that took longer than `timeout` milliseconds. */
export function timeoutError(
  timeout: number,
  query: string,
  params: readonly unknown[],
  cause?: unknown,
): QueryTimeoutError {
  return new QueryTimeoutError(
    `Cannot complete the query: it took longer than ${timeout} ms and was cancelled`,
    query,
    params,
    {
      cause,
      databaseCode: "57014",
      hint: "raise the timeout, or look at the query's plan with explain()",
    },
  );
}

/** The error for a connection that could not be opened. `target` names the server without secrets. */
export function connectError(error: unknown, target: string): ConnectionError {
  const mapped = mapError(error);
  if (mapped instanceof ConnectionError) {
    return new ConnectionError(
      `${firstLine(mapped.message)} (${target})`,
      undefined,
      undefined,
      { cause: error, hint: mapped.hint, databaseCode: mapped.databaseCode },
    );
  }
  return new ConnectionError(
    `Cannot connect to PostgreSQL: ${firstLine(mapped.message)} (${target})`,
    undefined,
    undefined,
    {
      cause: error,
      databaseCode: mapped instanceof DatabaseError ? mapped.databaseCode : undefined,
    },
  );
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}

/** What PostgreSQL may put values into. */
const telling = ["detail", "where", "internal_query"];

/**
 * Keeps values out of what printing or serialising the driver's error shows. Asked for by name, everything is there:
 * `error.cause.detail`.
 */
function hideValues(error: unknown): void {
  if (!(error instanceof Error)) return;
  for (const name of telling) {
    if (Object.hasOwn(error, name)) Object.defineProperty(error, name, { enumerable: false });
  }
  const { message, stack } = error;
  if (!(error as DriverError).code?.startsWith("22") || !stack) return;
  const value = stack.replace(message, () => withoutValues(message));
  Object.defineProperty(error, "stack", { value, enumerable: false });
}

const networkCode = /^(?:CONNECT|E[A-Z_]+$|SASL_|TLS_|ERR_TLS|CERT_|UNABLE_TO_)|_CERT|^SELF_SIGNED/;

function networkError(
  fields: DriverError,
  error: unknown,
  query: string | undefined,
  params: readonly unknown[] | undefined,
): DatabaseError {
  const inner = innermost(error);
  const code = fields.code ?? inner.code;
  const denied = (inner as Error).name === "NotCapable" || code === "EACCES" || code === "EPERM";
  const hint = denied
    ? /env access/.test((inner as Error).message) ? envHint : netHint
    : networkHints[code ?? ""];
  const details = { cause: error, hint };
  if (denied || code !== undefined && networkCode.test(code)) {
    return new ConnectionError(
      `Cannot reach PostgreSQL: the connection failed with ${code ?? "no permission"}`,
      query,
      params,
      details,
    );
  }
  return new DatabaseError(
    "Cannot run the statement: the driver failed",
    query,
    params,
    details,
  );
}

/** The error inside an `AggregateError`, which is what trying several addresses of one host gives. */
function innermost(error: unknown): DriverError {
  if (error instanceof AggregateError) return innermost(error.errors[0]);
  return typeof error === "object" && error !== null ? error : {};
}

/** The server's message without anything in quotes or after a colon, where it puts values. */
function dataMessage({ message = "the value does not fit" }: DriverError): string {
  return `Cannot store or compute a value: ${withoutValues(message)}`;
}

function withoutValues(message: string): string {
  return message.replace(/".*"/s, "(value)").replace(/:.*$/s, "");
}

const keyColumns = /^[^(]*\((.*?)\)=\(/s;

/** The column names of `Key (a, b)=(…) …`; the values after them are left alone. */
function columnsOf({ column_name, detail }: DriverError): readonly string[] {
  if (column_name) return [column_name];
  const list = detail && keyColumns.exec(detail)?.[1];
  if (!list) return [];
  return list.split(", ").map((name) =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
  );
}

function constraintError(
  fields: DriverError,
  query: string | undefined,
  params: readonly unknown[] | undefined,
  base: DatabaseErrorDetails,
): ConstraintError {
  const { constraint_name: constraint, table_name: table } = fields;
  const columns = columnsOf(fields);
  const details: ConstraintDetails = { ...base, constraint, table, columns };
  const on = `${table ?? "the table"}${columns.length > 0 ? ` (${columns.join(", ")})` : ""}`;
  const by = constraint ? ` (constraint ${constraint})` : "";
  switch (fields.code) {
    case "23505":
      return new UniqueViolationError(
        `Cannot write to ${on}: a row with the same values is there already${by}`,
        query,
        params,
        { ...details, hint: "use other values, or upsert() or onConflict() to change that row" },
      );
    case "23503":
    case "23001":
      return new ForeignKeyViolationError(
        /still referenced/.test(fields.detail ?? "")
          ? `Cannot delete or change a row: other rows still refer to it${by}`
          : `Cannot write to ${on}: the row it refers to does not exist${by}`,
        query,
        params,
        details,
      );
    case "23502":
      return new NotNullViolationError(
        `Cannot write to ${on}: a value is missing`,
        query,
        params,
        details,
      );
    case "23514":
    case "23P01":
      return new CheckViolationError(
        `Cannot write to ${on}: the row is refused${by}`,
        query,
        params,
        details,
      );
    default:
      return new ConstraintError(`Cannot write to ${on}${by}`, query, params, details);
  }
}

const wrongCount = /^bind message supplies (\d+) parameters, but .* requires (\d+)/;

/** PostgreSQL takes another number of values than it asked for as a fault of the protocol. */
function countError(
  { message = "" }: DriverError,
  query: string | undefined,
  params: readonly unknown[] | undefined,
  details: DatabaseErrorDetails,
): QuerySyntaxError {
  const [, got, wanted] = wrongCount.exec(message) ?? [];
  return new QuerySyntaxError(
    `Cannot run the statement: it takes ${wanted} values and got ${got}`,
    query,
    params,
    details,
  );
}

function syntaxError(
  fields: DriverError,
  query: string | undefined,
  params: readonly unknown[] | undefined,
  details: DatabaseErrorDetails,
): QuerySyntaxError {
  return new QuerySyntaxError(
    `Cannot run the statement: ${fields.message ?? "its SQL is wrong"}`,
    query,
    params,
    { ...details, hint: fields.hint, position: position(fields) },
  );
}

function position(fields: DriverError): number | undefined {
  return fields.position === undefined ? undefined : Number(fields.position);
}
