/**
 * Which connection the code that runs has been given, so that a driver can tell a caller that waits for itself.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { DriverConnection } from "./driver.ts";

/** The connection of the transaction whose callback runs, as far as its asynchronous context reaches. */
export const holding: AsyncLocalStorage<DriverConnection> = new AsyncLocalStorage();
