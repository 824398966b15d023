/**
 * What every source of changes has to do: the cases that its author runs.
 *
 * ```ts ignore
 * changeSourceSuite("SQLite's log", { outside: true, resumes: true, keyless: "all" }, async () => {
 *   const opened = await target.open();
 *   await createKitTables(opened.db);
 *   await opened.db.schema.followChanges(kitTables(opened.db));
 *   return { db: opened.db, source: …, outside: …, loader: …, [Symbol.asyncDispose]: … };
 * });
 * ```
 *
 * @module
 */
import { concurrencyCases } from "./concurrency.ts";
import { positionCases } from "./positions.ts";
import type { SetUpSource, SourceTraits } from "./setting.ts";
import { tellingCases } from "./telling.ts";
import { valueCases } from "./values.ts";

export { Mirror } from "./mirror.ts";
export { Account, createKitTables, kitModels, kitTables, Mark, Seat } from "./models.ts";
export { caughtUp, Reading } from "./reading.ts";
export type { Outside, SetUpSource, SourceSetting, SourceTraits } from "./setting.ts";

/** Registers the cases for a source; `setUp` makes an empty database for each. */
export function changeSourceSuite(name: string, traits: SourceTraits, setUp: SetUpSource): void {
  const cases = [
    ...tellingCases(traits),
    ...valueCases(traits),
    ...concurrencyCases(traits),
    ...positionCases(traits),
  ];
  for (const { title, run } of cases) {
    Deno.test(`${name}: ${title}`, async () => {
      await using setting = await setUp();
      await run(setting);
    });
  }
}
