/**
 * What a database does not claim is refused by name before any SQL is sent; what it claims works.
 */
import assert from "node:assert/strict";
import { column, literal, select, table } from "../../src/ast/build.ts";
import type { RootNode } from "../../src/ast/nodes.ts";
import { UnsupportedError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { Capabilities } from "../../src/dialect/capabilities.ts";
import type { QueryEvent } from "../../src/engine/query_event.ts";
import { QueryBuilder } from "../../src/query/query_builder.ts";
import { fullText } from "../../src/query/typed/functions.ts";
import { onEveryDatabase, type Target, targets } from "../targets/databases.ts";
import { Member, Message, models } from "./error_models.ts";
import { failure, tells } from "./error_support.ts";

/** One use of a capability. */
interface Use {
  readonly name: string;
  /** Whether a database claims it. */
  readonly claimed: (capabilities: Capabilities) => boolean;
  /** What needs it. */
  readonly work: (db: Database) => unknown;
  /** What the refusal names. */
  readonly message: RegExp;
}

function rows(name: string, ...columns: readonly string[]): ReturnType<typeof select> {
  return select({ selection: columns.map((each) => column(each)), from: [table(name)] });
}

function allOf(operator: "intersect" | "except"): RootNode {
  const members = rows("error_users", "id");
  return {
    ...members,
    setOperations: [{ kind: "SetOperation", operator, all: true, query: members }],
  };
}

const uses: readonly Use[] = [
  {
    name: "a lateral join of the typed builder",
    claimed: (has) => has.supportsLateral,
    work: (db) =>
      db.query(Member).leftJoinLateral(
        (c) => db.query(Message).where((m) => m.memberId.eq(c.id)).limit(1),
        "last",
      ).select((c) => ({ id: c.id, body: c.last.body })).execute(),
    message: /LATERAL/i,
  },
  {
    name: "a lateral join of the untyped builder",
    claimed: (has) => has.supportsLateral,
    work: (db) => {
      const last = new QueryBuilder().select("id").from("error_messages").limit(1);
      return new QueryBuilder().select("*").from("error_users u")
        .join({ query: last, as: "l" }, null, "LEFT LATERAL").execute(db);
    },
    message: /LATERAL/i,
  },
  {
    name: "distinct on",
    claimed: (has) => has.supportsDistinctOn,
    work: (db) => db.query(Member).distinctOn((c) => [c.team]).orderBy("team").execute(),
    message: /DISTINCT ON/i,
  },
  {
    name: "a row lock for update",
    claimed: (has) => has.supportsRowLocks,
    work: (db) => db.query(Member).forUpdate({ skipLocked: true }).execute(),
    message: /lock/i,
  },
  {
    name: "a row lock for share",
    claimed: (has) => has.supportsRowLocks,
    work: (db) => db.query(Member).forShare({ noWait: true }).execute(),
    message: /lock/i,
  },
  {
    name: "full-text search",
    claimed: (has) => has.supportsFullText,
    work: (db) => db.query(Message).where((c) => fullText([c.body], "words")).execute(),
    message: /full-text/i,
  },
  {
    name: "intersect all",
    claimed: (has) => has.supportsSetOperationAll,
    work: (db) => db.run(allOf("intersect")),
    message: /INTERSECT ALL/i,
  },
  {
    name: "except all",
    claimed: (has) => has.supportsSetOperationAll,
    work: (db) => db.run(allOf("except")),
    message: /EXCEPT ALL/i,
  },
  {
    name: "an insert inside WITH",
    claimed: (has) => has.supportsWritableWith,
    work: (db) => {
      const insert = new QueryBuilder().insert("error_users", { email: "with@x", version: 1 })
        .returning("id");
      return new QueryBuilder().with("made", insert).select("id").from("made").execute(db);
    },
    message: /WITH/i,
  },
  {
    name: "delete using",
    claimed: (has) => has.supportsDeleteUsing,
    work: (db) =>
      db.deleteFrom(Message).using(Member, "m").where((c) => c.m.id.eq(c.memberId)).execute(),
    message: /USING/i,
  },
  {
    name: "a table in a schema",
    claimed: (has) => has.supportsSchemas,
    work: (db) =>
      db.run(select({
        selection: [literal(1)],
        from: [table("tables", undefined, "information_schema")],
      })),
    message: /schema/i,
  },
  {
    name: "adding a foreign key to a table",
    claimed: (has) => has.supportsAddForeignKey,
    work: (db) =>
      db.run({
        kind: "AddForeignKey",
        table: "error_users",
        foreignKey: {
          name: "fk_more",
          columns: ["number"],
          table: "error_messages",
          references: ["id"],
          onDelete: "no action",
          onUpdate: "no action",
        },
      }),
    message: /foreign key/i,
  },
  ...(["read uncommitted", "read committed", "repeatable read", "serializable"] as const).map(
    (isolation): Use => ({
      name: `a transaction with isolation ${isolation}`,
      claimed: (has) => has.isolationLevels.includes(isolation),
      work: (db) => db.transaction((tx) => tx.execute("SELECT 1"), { isolation }),
      message: new RegExp(`isolation "${isolation}".*\\n.*It has: serializable`),
    }),
  ),
  {
    name: "a deferrable transaction",
    claimed: (has) => has.supportsDeferrable,
    work: (db) =>
      db.transaction((tx) => tx.execute("SELECT 1"), {
        isolation: "serializable",
        readOnly: true,
        deferrable: true,
      }),
    message: /deferrable/,
  },
  {
    name: "a read-only transaction",
    claimed: (has) => has.supportsReadOnly,
    work: (db) => db.transaction((tx) => tx.execute("SELECT 1"), { readOnly: true }),
    message: /read-only/,
  },
  {
    name: "a full join",
    claimed: (has) => has.supportsFullJoin,
    work: (db) => db.query(Member).fullJoin(Message, "m", (c) => c.m.memberId.eq(c.id)).execute(),
    message: /FULL/i,
  },
  {
    name: "returning",
    claimed: (has) => has.supportsReturning,
    work: (db) => db.deleteFrom(Message).allRows().returning("id").execute(),
    message: /RETURNING/i,
  },
];

for (const { name, claimed, work, message } of uses) {
  onEveryDatabase(`${name} works`, { models, needs: claimed }, async ({ db }) => {
    await db.repository(Member).create({ email: "a@x", number: null });
    await work(db);
  });

  onEveryDatabase(`${name} is refused by name before any SQL`, {
    models,
    needs: (has) => !claimed(has),
  }, async ({ db, target }) => {
    const sent: QueryEvent[] = [];
    db.onQuery((event) => void sent.push(event));
    const error = await failure(() => work(db));
    tells(error, { type: UnsupportedError, code: "REX_UNSUPPORTED", message });
    assert.match(error.message, new RegExp(nameOf(target), "i"), "it names the database");
    assert.deepEqual(sent.map(({ sql }) => sql), []);
    assert.equal(db.stats().pool.inUse, 0);
  });
}

function nameOf(target: Target): string {
  return target.name.startsWith("SQLite") ? "sqlite" : "postgres";
}

Deno.test("each use is refused by one database at least, or is there to prove the claim", () => {
  const refused = uses.filter(({ claimed }) => targets.some((each) => !claimed(each.capabilities)));
  assert.ok(refused.length >= 14);
});
