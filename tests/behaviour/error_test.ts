/**
 * Every error of the tree, provoked on both databases: the same class, code and fields, and no values shown.
 */
import assert from "node:assert/strict";
import {
  CheckViolationError,
  DatabaseError,
  DataError,
  ForeignKeyViolationError,
  ModelError,
  NotFoundError,
  NotNullViolationError,
  QueryError,
  QuerySyntaxError,
  StaleObjectError,
  TransactionError,
  UniqueViolationError,
  ValidationError,
} from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { QueryEvent } from "../../src/engine/query_event.ts";
import type { Session } from "../../src/engine/session.ts";
import { QueryBuilder } from "../../src/query/query_builder.ts";
import { sql } from "../../src/query/sql.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Member, Message, models } from "./error_models.ts";
import { type Expected, failure, hidesValues, isSqlite, secret, tells } from "./error_support.ts";

const email = `${secret}@example.org`;

interface Provocation {
  readonly name: string;
  readonly work: (db: Database) => Promise<unknown>;
  /** What both databases tell. */
  readonly expected: Omit<Expected, "constraint">;
  readonly sqlite?: Partial<Expected>;
  readonly postgres?: Partial<Expected>;
}

/** A member with a message; a seat that is taken. */
async function fill(db: Database): Promise<void> {
  const { id } = await db.repository(Member).create({ email, team: secret, number: 1 });
  await db.repository(Member).create({ email: "second@example.org", team: secret, number: 2 });
  await db.repository(Message).create({ body: secret, memberId: id });
}

const unique: Pick<Expected, "type" | "code" | "message"> = {
  type: UniqueViolationError,
  code: "REX_UNIQUE_VIOLATION",
  message: /Cannot write (to|the row)/,
};
const emailTaken = { ...unique, table: "error_users", columns: ["email"] };
const byEmail = { postgres: { constraint: "uq_error_users_email" } };
const foreignKey: Pick<Expected, "type" | "code"> = {
  type: ForeignKeyViolationError,
  code: "REX_FOREIGN_KEY_VIOLATION",
};
const notNull: Pick<Expected, "type" | "code" | "message"> = {
  type: NotNullViolationError,
  code: "REX_NOT_NULL_VIOLATION",
  message: /Cannot write/,
};

const provocations: readonly Provocation[] = [
  {
    name: "a unique value that is taken, by create()",
    work: (db) => db.repository(Member).create({ email }),
    expected: { ...emailTaken, query: /^INSERT INTO error_users/ },
    ...byEmail,
  },
  {
    name: "a unique value that is taken, by createMany()",
    work: (db) => db.repository(Member).createMany([{ email: "new@x" }, { email }]),
    expected: { ...emailTaken, query: /^INSERT INTO error_users/ },
    ...byEmail,
  },
  {
    name: "a unique value that is taken, by update()",
    work: (db) => db.repository(Member).update(2, { email }),
    expected: { ...emailTaken, query: /^UPDATE error_users/ },
    ...byEmail,
  },
  {
    name: "a unique value that is taken, by the typed insert",
    work: (db) => db.insertInto(Member).values({ email }).execute(),
    expected: { ...emailTaken, query: /^INSERT INTO error_users/ },
    ...byEmail,
  },
  {
    name: "a unique value that is taken, by raw SQL",
    work: (db) => db.execute("UPDATE error_users SET email = $1", [email]),
    expected: { ...emailTaken, query: /^UPDATE error_users SET email = \$1$/ },
    ...byEmail,
  },
  {
    name: "a primary key that is taken",
    work: (db) => db.repository(Member).create({ id: 1, email: `${secret}@other` }),
    expected: { ...unique, table: "error_users", columns: ["id"], query: /^INSERT/ },
    postgres: { constraint: "error_users_pkey" },
  },
  {
    name: "a composite unique value that is taken",
    work: (db) => db.repository(Member).create({ email: "c@x", team: secret, number: 1 }),
    expected: { ...unique, table: "error_users", columns: ["team", "number"], query: /^INSERT/ },
    postgres: { constraint: "uq_error_users_seat" },
  },
  {
    name: "a composite unique value that is taken, by update",
    work: (db) =>
      db.update(Member).set({ number: 1 }).where("email", "=", "second@example.org").execute(),
    expected: { ...unique, table: "error_users", columns: ["team", "number"], query: /^UPDATE/ },
    postgres: { constraint: "uq_error_users_seat" },
  },
  {
    name: "a foreign key to a row that is not there",
    work: (db) => db.repository(Message).create({ body: secret, memberId: 4711 }),
    expected: { ...foreignKey, message: /Cannot write/, query: /^INSERT INTO error_messages/ },
    postgres: {
      constraint: "fk_error_messages_member_id",
      table: "error_messages",
      columns: ["member_id"],
      message: /the row it refers to does not exist/,
    },
    sqlite: { hint: /SQLite does not say which key/ },
  },
  {
    name: "deleting a row that others point to",
    work: (db) => db.repository(Member).delete(1),
    expected: { ...foreignKey, message: /Cannot/, query: /^DELETE FROM error_users/ },
    postgres: {
      constraint: "fk_error_messages_member_id",
      table: "error_messages",
      message: /other rows still refer to it/,
    },
    sqlite: { hint: /SQLite does not say which key/ },
  },
  {
    name: "a value that is missing",
    work: (db) =>
      db.execute("INSERT INTO error_messages (body, member_id) VALUES ($1, $2)", [secret, null]),
    expected: { ...notNull, table: "error_messages", columns: ["member_id"], query: /^INSERT/ },
  },
  {
    name: "a value that is taken away",
    work: (db) =>
      new QueryBuilder().update("error_users", { email: null }).where("email", "=", email)
        .execute(db),
    expected: { ...notNull, table: "error_users", columns: ["email"], query: /^UPDATE/ },
  },
  {
    name: "a check that fails",
    work: (db) => db.repository(Member).create({ email: `${secret}@check`, age: -1 }),
    expected: {
      type: CheckViolationError,
      code: "REX_CHECK_VIOLATION",
      message: /Cannot write.*ck_error_users_age/,
      query: /^INSERT/,
    },
    postgres: { constraint: "ck_error_users_age", table: "error_users" },
    sqlite: { constraint: "ck_error_users_age" },
  },
  {
    name: "a text that is too long for its column",
    work: (db) => db.execute("UPDATE error_users SET email = $1 WHERE id = 1", [secret.repeat(10)]),
    expected: { type: DataError, code: "REX_DATA", message: /Cannot store/, query: /^UPDATE/ },
    sqlite: { hint: /Column email is varchar\(40\)/ },
  },
  {
    name: "a table that does not exist",
    work: (db) => db.execute("SELECT * FROM nowhere WHERE a = $1", [secret]),
    expected: {
      type: QuerySyntaxError,
      code: "REX_SYNTAX",
      message: /Cannot run the statement: .*nowhere/,
      query: /^SELECT \* FROM nowhere/,
    },
    postgres: { position: 15 },
    sqlite: { hint: /Create the table first/ },
  },
  {
    name: "a column that does not exist",
    work: (db) => db.execute("SELECT missing FROM error_users WHERE email = $1", [email]),
    expected: {
      type: QuerySyntaxError,
      code: "REX_SYNTAX",
      message: /Cannot run the statement: .*missing/,
      query: /^SELECT missing/,
    },
    postgres: { position: 8 },
    sqlite: { hint: /Check the column's name/ },
  },
  {
    name: "a function that does not exist",
    work: (db) => sql`SELECT frobnicate(${secret})`.execute(db),
    expected: {
      type: QuerySyntaxError,
      code: "REX_SYNTAX",
      message: /Cannot run the statement: .*frobnicate/,
      query: /frobnicate/,
      hint: /./,
    },
  },
  {
    name: "SQL that is no SQL",
    work: (db) => db.execute("SELEC 1"),
    expected: {
      type: QuerySyntaxError,
      code: "REX_SYNTAX",
      message: /Cannot run the statement: .*syntax error/,
      query: /^SELEC 1$/,
    },
    postgres: { position: 1 },
    sqlite: { hint: /at or before the quoted word/ },
  },
  {
    name: "a read-only transaction that writes",
    work: (db) =>
      db.transaction((tx) => tx.execute("UPDATE error_users SET email = $1", [secret]), {
        readOnly: true,
      }),
    expected: {
      type: DatabaseError,
      code: "REX_DATABASE",
      message: /Cannot write/,
      hint: /read-only/,
      query: /^UPDATE/,
    },
  },
  {
    name: "a record that is not there, by findOneOrThrow()",
    work: (db) => db.repository(Member).findOneOrThrow({ where: { email: `${secret}@nowhere` } }),
    expected: { type: NotFoundError, code: "REX_NOT_FOUND", message: /^Cannot find Member: / },
  },
  {
    name: "a record that is not there, by update()",
    work: (db) => db.repository(Member).update(4711, { team: secret }),
    expected: { type: NotFoundError, code: "REX_NOT_FOUND", message: /^Cannot update Member: / },
  },
  {
    name: "a record that somebody else has changed",
    work: async (db) => {
      await db.repository(Member).update(1, { team: "x" });
      await db.repository(Member).update(1, { team: secret, version: 1 });
    },
    expected: {
      type: StaleObjectError,
      code: "REX_STALE_OBJECT",
      message: /^Cannot update Member: it was changed by somebody else/,
      hint: /read it again/,
    },
  },
  {
    name: "a number that its column cannot hold",
    work: (db) => db.repository(Member).create({ email: `${secret}@x`, age: 1.5 }),
    expected: { type: DataError, code: "REX_DATA", message: /as integer/, query: false },
  },
  {
    name: "values of a wrong type",
    work: (db) => db.repository(Member).create({ email: 1, age: secret } as never),
    expected: {
      type: ValidationError,
      code: "REX_VALIDATION",
      message: /Validation of Member failed:\n {2}- email: .*string\n {2}- age: .*number/,
    },
  },
  {
    name: "a column that the model does not have",
    work: (db) => db.repository(Member).find({ where: { nope: secret } as never }),
    expected: {
      type: QueryError,
      code: "REX_QUERY",
      message: /^Cannot use "nope" in where: Member has id, email, age/,
    },
  },
  {
    name: "a class that is no model",
    work: (db) => db.repository(class Plain {}).find(),
    expected: { type: ModelError, code: "REX_MODEL", message: /Plain/ },
  },
  {
    name: "a transaction used after its end",
    work: async (db) => {
      let kept: Session | undefined;
      await db.transaction((tx) => Promise.resolve(kept = tx));
      await kept?.execute("UPDATE error_users SET email = $1", [secret]);
    },
    expected: {
      type: TransactionError,
      code: "REX_TRANSACTION",
      message: /the transaction has ended/,
      hint: /Await every statement/,
    },
  },
  {
    name: "too few values for the parameters",
    work: (db) => db.execute("SELECT $1 AS a, $2 AS b", [secret]),
    expected: {
      type: QuerySyntaxError,
      code: "REX_SYNTAX",
      message: /^Cannot run the statement: it takes 2 values and got 1$/,
    },
    // Here it is counted before the statement is sent.
    sqlite: { type: QueryError, code: "REX_QUERY" },
  },
];

for (const { name, work, expected, sqlite, postgres } of provocations) {
  onEveryDatabase(`${name} is a ${expected.type.name}`, { models, rewrite: false }, async ({
    db,
    target,
  }) => {
    await fill(db);
    const error = await failure(() => work(db));
    tells(error, { ...expected, ...(isSqlite(target) ? sqlite : postgres) });
    assert.equal(db.stats().pool.inUse, 0);
    assert.equal(await db.repository(Message).count(), 1, "the database goes on working");
  });
}

onEveryDatabase("an error in a transaction is the same, and the transaction undone", {
  models,
}, async ({ db }) => {
  await fill(db);
  const error = await failure(() =>
    db.transaction(async (tx) => {
      await tx.repository(Member).create({ email: "new@x" });
      await tx.repository(Member).create({ email });
    })
  );
  tells(error, { ...emailTaken, query: /^INSERT/ });
  assert.equal(await db.repository(Member).count(), 2);
});

onEveryDatabase("an error keeps its values for those who ask for them by name", {
  models,
}, async ({ db }) => {
  await fill(db);
  const error = await failure(() => db.execute("UPDATE error_users SET email = $1", [email]));
  assert.ok(error instanceof DatabaseError);
  assert.deepEqual(error.params, [email]);
  assert.ok(!Object.keys(error).includes("params"));
});

onEveryDatabase("listeners are told of the same error", { models }, async ({ db }) => {
  await fill(db);
  const told: QueryEvent[] = [];
  db.onQuery((event) => void told.push(event));
  const error = await failure(() => db.repository(Member).create({ email }));
  assert.equal(told.at(-1)?.error, error);
  assert.ok(!JSON.stringify(told).includes(secret));
  assert.ok(!Deno.inspect(told, { depth: 9 }).includes(secret));
  hidesValues(error);
});

onEveryDatabase("all failed rules are told together, with paths", { models }, async ({ db }) => {
  const error = await failure(() =>
    db.repository(Member).create({ email: `invalid ${secret.repeat(9)}`, age: "1" } as never)
  );
  assert.ok(error instanceof ValidationError);
  assert.deepEqual(error.issues, [
    { path: ["email"], message: "must be at most 40 characters long" },
    { path: ["email"], message: "Invalid e-mail" },
    { path: ["age"], message: "must be a number" },
  ]);
  hidesValues(error);
  assert.equal(await db.repository(Member).count(), 0);
});
