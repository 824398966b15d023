/**
 * Texts of several statements, run on a connection that goes back to the pool.
 *
 * @module
 */
import { TransactionError } from "../../base/errors.ts";
import type { DriverRequest, DriverResult } from "../../dialect/driver.ts";
import { needsCancelling, runCancellable } from "./cancel.ts";
import type { PostgresConnection } from "./connection.ts";

/** What the server says of a statement that ends a transaction where there is none. */
export const noTransactionInProgress = "25P01";

/**
 * Runs a script on a held connection and sees to it that it leaves no transaction open. The last result is given.
 *
 * @throws {TransactionError} when the script began a transaction and did not end it; it was rolled back
 */
export async function runScript(
  connection: PostgresConnection,
  request: DriverRequest,
): Promise<DriverResult> {
  let result: DriverResult;
  try {
    result = needsCancelling(request, connection.queryTimeout)
      ? await runCancellable(connection, request)
      : await connection.run(request);
  } catch (error) {
    if (!connection.closed) await rollback(connection);
    throw error;
  }
  if (!await rollback(connection)) return result;
  throw new TransactionError("Cannot run the script: it left a transaction open", {
    hint: "end the transaction in the script, or use transaction(); what it did was rolled back",
  });
}

/** Ends a transaction, if there is one; gives whether there was. */
async function rollback(connection: PostgresConnection): Promise<boolean> {
  connection.lastNotice = undefined;
  await connection.run({ sql: "ROLLBACK", params: [], kind: "unknown" });
  return connection.lastNotice !== noTransactionInProgress;
}
