/** What a process commits itself, by the cases of every source. */

import { targets } from "../../targets/databases.ts";
import { changeSourceSuite, createKitTables } from "./mod.ts";

for (const target of targets) {
  changeSourceSuite(
    `what a process commits (${target.name})`,
    { images: "keys", outside: false, resumes: false, keyless: "none" },
    async () => {
      const opened = await target.open();
      const { db } = opened;
      await createKitTables(db);
      const { source } = await db.feed({ source: "process" });
      return {
        db,
        source: () => source,
        outside: () => Promise.reject(new Error("the process does not see it")),
        loader: () => null,
        [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
      };
    },
  );
}
