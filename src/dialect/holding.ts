/**
 * Which connection the code that runs has been given, so that a driver can tell a caller that waits for itself.
 *
 * @module
 */
import { FlowValue } from "../base/flow_value.ts";
import type { DriverConnection } from "./driver.ts";

/** The connection of the transaction whose callback runs, as far as its asynchronous context reaches. */
export const holding: FlowValue<DriverConnection> = new FlowValue();
