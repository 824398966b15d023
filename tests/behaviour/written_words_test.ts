/**
 * Words and numbers that are written into a statement as they are: only those that are known get there, whatever
 * tree they come in.
 *
 * @module
 */
import { throws } from "node:assert/strict";
import { call, cast, column, table } from "../../src/ast/build.ts";
import type { CreateTableNode } from "../../src/ast/ddl.ts";
import type { RootNode, SelectNode } from "../../src/ast/nodes.ts";
import { QueryError, UnsupportedError } from "../../src/base/errors.ts";
import type { ForeignKeySchema } from "../../src/schema/table.ts";
import { columnType } from "../../src/schema/column_type.ts";
import { onEveryDatabase } from "../targets/databases.ts";

const hostile = "cascade; DROP TABLE users; --";

function selecting(expression: SelectNode["selection"][number]): SelectNode {
  return { kind: "Select", selection: [expression], from: [table("t")] };
}

function creating(
  part: Partial<CreateTableNode["table"]["columns"][number]>,
  key?: Partial<ForeignKeySchema>,
): CreateTableNode {
  return {
    kind: "CreateTable",
    ifNotExists: false,
    table: {
      name: "t",
      columns: [{ name: "a", type: columnType("integer"), nullable: true, ...part }],
      uniques: [],
      indexes: [],
      checks: [],
      foreignKeys: key ? [{ columns: ["a"], table: "u", references: ["id"], ...key }] : [],
    },
  };
}

const window = (start: unknown, end?: unknown) =>
  selecting(call("count", [column("a")], {
    over: {
      kind: "Window",
      partitionBy: [],
      orderBy: [],
      frame: { unit: "rows", start, ...end !== undefined && { end } } as never,
    },
  }));

const numeric = { name: "numeric", precision: 5 } as const;

const trees: Readonly<Record<string, RootNode>> = {
  "the start of a frame": window(hostile),
  "the end of a frame": window("current row", hostile),
  "the scale of a cast": selecting(cast(column("a"), { ...numeric, scale: hostile as never })),
  "the name of a type": selecting(cast(column("a"), { name: hostile as never })),
  "a function's name": selecting(call(hostile, [])),
  "a word in place of a function": selecting(call("NOT", [column("a")])),
  "an action": creating({}, { onDelete: hostile as never }),
  "another action": creating({}, { onUpdate: hostile as never }),
  "a deferral": creating({}, { deferrable: hostile as never }),
  "the length of a column": creating({ type: { name: "varchar", length: hostile as never } }),
  "the scale of a column": creating({ type: { ...numeric, scale: hostile as never } }),
  "an identity": creating({ identity: hostile as never }),
};

onEveryDatabase("what is written into a statement as it is, is known", { rewrite: false }, (
  { db },
) => {
  for (const [what, tree] of Object.entries(trees)) {
    throws(
      () => db.compile(tree),
      (error) => error instanceof QueryError || error instanceof UnsupportedError,
      what,
    );
  }
  return Promise.resolve();
});
