/** Writes for somebody else: what may be written, and what comes of it. */
import assert from "node:assert/strict";
import {
  ForbiddenError,
  NotFoundError,
  QueryError,
  StaleObjectError,
  ValidationError,
} from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import {
  createAllowed,
  deleteAllowed,
  Policies,
  updateAllowed,
} from "../../src/repository/policy/mod.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { entityOf } from "../../src/model/registry.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import {
  afterFilling,
  Document,
  fillPolicies,
  Label,
  Note,
  Person,
  policies,
  policyModels,
  type Who,
} from "./policy_models.ts";
import { plain, untyped } from "./repository_support.ts";

const ada: Who = { id: 1, team: 1 };
const bob: Who = { id: 2, team: 1 };
const cyd: Who = { id: 3, team: 2 };

function writer(db: Database) {
  return {
    create: (who: Who, model: ModelClass, values: object) =>
      createAllowed(db, policies, who, entityOf(model), values as never),
    update: (who: Who, model: ModelClass, id: unknown, values: object) =>
      updateAllowed(db, policies, who, entityOf(model), id, values as never),
    delete: (who: Who, model: ModelClass, id: unknown) =>
      deleteAllowed(db, policies, who, entityOf(model), id),
  };
}

/** All that is stored. */
async function state(db: Database): Promise<string> {
  const rows: unknown[] = [];
  for (const table of ["policy_people", "policy_documents", "policy_notes"]) {
    rows.push((await db.execute(`SELECT * FROM ${table} ORDER BY id`)).rows);
  }
  return JSON.stringify(rows, (_, value) => typeof value === "bigint" ? `${value}` : value);
}

/** Expects that a write is refused, and that nothing is left of it. */
async function refuses(
  db: Database,
  write: () => Promise<unknown>,
  kind: new (...args: never[]) => Error,
  message?: RegExp,
): Promise<Error> {
  const before = await state(db);
  const error = await write().then(() => assert.fail("it was written"), (error: Error) => error);
  assert.ok(error instanceof kind, `${error.name}: ${error.message}`);
  if (message) assert.match(error.message, message);
  assert.equal(await state(db), before);
  return error;
}

onEveryDatabase("createAllowed() writes what may be written and shows what may be seen", {
  models: policyModels,
}, async ({ db, target }) => {
  await fillPolicies(db);
  await afterFilling(db, target.name);
  const { create } = writer(db);
  const made = await create(ada, Document, { title: "new" });
  const id = made.key?.id as number;
  assert.deepEqual(plain(made.row), { id, title: "new", state: "draft", ownerId: 1, version: 1 });
  await refuses(db, () => create({}, Document, { title: "new" }), ForbiddenError);
  await refuses(
    db,
    () => create(ada, Document, { title: "new", ownerId: 2 }),
    ForbiddenError,
    /with "ownerId"/,
  );
  await refuses(db, () => create(ada, Document, { title: "new", secret: "s" }), ForbiddenError);
  await refuses(
    db,
    () => create(ada, Document, { title: "new", notes: { create: { text: "x" } } }),
    ForbiddenError,
  );
  await refuses(db, () => create(ada, Document, { nope: 1 }), ForbiddenError, /with "nope"/);
  await refuses(db, () => create(ada, Document, {}), ValidationError, /title: is required/);
  await refuses(db, () => create(ada, Document, { title: 5 }), ValidationError);
  await refuses(db, () => create(ada, Label, { name: "green" }), ForbiddenError);
  // The rule looks at the values.
  await refuses(db, () => create(ada, Person, { name: "Dee", team: 2 }), ForbiddenError);
  const person = await create(ada, Person, { name: "Dee", email: "dee@x.org", team: 1 });
  assert.deepEqual(Object.keys(person.row ?? {}), ["id", "name"]);
  const wrong = await refuses(
    db,
    () => create(ada, Person, { name: "Dee", email: "?", team: 1 }),
    ValidationError,
  );
  assert.deepEqual((wrong as ValidationError).issues, [{
    path: ["email"],
    message: "is no address",
  }]);
});

onEveryDatabase("a new record must meet the rule, and point only to what may be seen", {
  models: policyModels,
}, async ({ db, target }) => {
  await fillPolicies(db);
  await afterFilling(db, target.name);
  const { create } = writer(db);
  const note = await create(ada, Note, { text: "x", documentId: 10 });
  assert.equal(note.row?.text, "x");
  // Bob's draft is seen by Ada's team, but notes are for its owner.
  const seen = await refuses(
    db,
    () => create(ada, Note, { text: "x", documentId: 20 }),
    ForbiddenError,
  );
  // Cyd's is not seen, and no other is there: which of them cannot be told.
  const hidden = await refuses(
    db,
    () => create(ada, Note, { text: "x", documentId: 30 }),
    ForbiddenError,
  );
  const absent = await refuses(
    db,
    () => create(ada, Note, { text: "x", documentId: 99 }),
    ForbiddenError,
  );
  assert.equal(hidden.message, absent.message);
  assert.equal(hidden.message, seen.message);
});

onEveryDatabase(
  "what is made but may not be seen is not shown",
  { models: policyModels },
  async ({ db }) => {
    await fillPolicies(db);
    const box = new Policies<Who>().allow(Person, {
      create: true,
      writable: ["id", "name", "team"],
    });
    const entity = entityOf(Person);
    const made = await createAllowed(db, box, {}, entity, { id: 50, name: "Dee", team: 9 });
    assert.deepEqual(made, {});
    assert.equal(await db.repository(Person).count({ where: { id: 50 } }), 1);
    const other = new Policies<Who>().allow(Person, {
      read: { team: 1 },
      create: true,
      writable: ["id", "name", "team"],
    });
    assert.deepEqual(
      await createAllowed(db, other, {}, entity, { id: 51, name: "Eve", team: 9 }),
      {},
    );
  },
);

onEveryDatabase("updateAllowed(): what is hidden is not there, what is seen may be forbidden", {
  models: policyModels,
}, async ({ db }) => {
  await fillPolicies(db);
  const { update } = writer(db);
  const { key, row } = await update(ada, Document, 10, { title: "mine" });
  assert.deepEqual(key, { id: 10 });
  assert.deepEqual(plain(row), { id: 10, title: "mine", state: "draft", ownerId: 1, version: 2 });
  const hidden = await refuses(db, () => update(ada, Document, 30, { title: "x" }), NotFoundError);
  const absent = await refuses(db, () => update(ada, Document, 99, { title: "x" }), NotFoundError);
  assert.equal(hidden.message, absent.message);
  await refuses(db, () => update(ada, Document, 20, { title: "x" }), ForbiddenError);
  await refuses(db, () => update(cyd, Document, 11, { title: "x" }), ForbiddenError);
  await refuses(db, () => update({}, Document, 11, { title: "x" }), ForbiddenError);
  await refuses(db, () => update({}, Document, 10, { title: "x" }), NotFoundError);
  await refuses(db, () => update(ada, Document, 10, { secret: "x" }), ForbiddenError);
  await refuses(db, () => update(ada, Document, 10, { ownerId: 2 }), ForbiddenError);
  await refuses(
    db,
    () => update(ada, Document, 10, { owner: { connect: { id: 2 } } }),
    ForbiddenError,
  );
  await refuses(db, () => update(ada, Document, 10, { title: null }), ValidationError);
  await refuses(db, () => update(ada, Document, null, { title: "x" }), QueryError);
  await refuses(db, () => update(ada, Label, "red", { name: "x" }), ForbiddenError);
});

onEveryDatabase("after an update the record must be as `updateTo` says, or `update`", {
  models: policyModels,
}, async ({ db }) => {
  await fillPolicies(db);
  const { update } = writer(db);
  // A draft may be sealed, though what is sealed may not be changed any more.
  await update(ada, Document, 10, { state: "sealed" });
  await refuses(db, () => update(ada, Document, 10, { state: "draft" }), ForbiddenError);
  // A note may not be moved to where one may not write, or may not see.
  await update(ada, Note, 100, { documentId: 11 });
  const seen = await refuses(db, () => update(ada, Note, 100, { documentId: 20 }), ForbiddenError);
  const hidden = await refuses(
    db,
    () => update(ada, Note, 100, { documentId: 30 }),
    ForbiddenError,
  );
  const absent = await refuses(
    db,
    () => update(ada, Note, 100, { documentId: 99 }),
    ForbiddenError,
  );
  assert.equal(seen.message, hidden.message);
  assert.equal(hidden.message, absent.message);
});

onEveryDatabase(
  "a version is a check that hidden records do not answer",
  { models: policyModels },
  async ({ db }) => {
    await fillPolicies(db);
    const { update } = writer(db);
    assert.equal((await update(ada, Document, 10, { title: "x", version: 1 })).row?.version, 2);
    await refuses(
      db,
      () => update(ada, Document, 10, { title: "y", version: 1 }),
      StaleObjectError,
    );
    await refuses(db, () => update(ada, Document, 30, { title: "y", version: 1 }), NotFoundError);
    await refuses(db, () => update(ada, Document, 30, { title: "y", version: 7 }), NotFoundError);
    await refuses(db, () => update(ada, Document, 20, { title: "y", version: 7 }), ForbiddenError);
  },
);

onEveryDatabase("hooks run as for any write", { models: policyModels }, async ({ db }) => {
  await fillPolicies(db);
  Note.ran = [];
  await writer(db).update(ada, Note, 100, { text: "x" });
  assert.deepEqual(Note.ran, ["before", "after"]);
});

onEveryDatabase("a record that leaves what may be seen is changed, but not shown", {
  models: policyModels,
}, async ({ db }) => {
  await fillPolicies(db);
  const leaving = new Policies<Who>().allow(Document, {
    read: { state: "public" },
    update: { state: "public" },
    updateTo: true,
    writable: ["state"],
  });
  assert.deepEqual(
    await updateAllowed(db, leaving, {}, entityOf(Document), 11, { state: "draft" }),
    {},
  );
  assert.equal((await db.repository(Document).findById(11))?.state, "draft");
});

onEveryDatabase("deleteAllowed(): what is hidden is not there, what is seen may be forbidden", {
  models: policyModels,
}, async ({ db }) => {
  await fillPolicies(db);
  const { delete: remove } = writer(db);
  await refuses(db, () => remove(cyd, Document, 10), NotFoundError);
  await refuses(db, () => remove(bob, Document, 10), ForbiddenError);
  await refuses(db, () => remove(ada, Document, 11), ForbiddenError);
  await refuses(db, () => remove({}, Document, 11), ForbiddenError);
  await refuses(db, () => remove(ada, Document, 99), NotFoundError);
  assert.deepEqual(await remove(ada, Document, 10), { key: { id: 10 } });
  assert.equal(await db.repository(Document).count({ where: { id: 10 } }), 0);
  assert.equal(
    await db.repository(Note).count({ where: { documentId: 10 }, withDeleted: true }),
    0,
  );
  await remove(ada, Note, 102);
  assert.equal(await db.repository(Note).count({ where: { id: 102 }, withDeleted: true }), 1);
  await refuses(db, () => remove(ada, Note, 102), NotFoundError);
});

onEveryDatabase("a write waits in the caller's transaction, and goes with it", {
  models: policyModels,
}, async ({ db }) => {
  await fillPolicies(db);
  await assert.rejects(
    db.transaction(async (tx) => {
      await updateAllowed(tx, policies, ada, entityOf(Document), 10, { title: "gone" });
      throw new Error("undone");
    }),
    /undone/,
  );
  assert.equal((await db.repository(Document).findById(10))?.title, "draft of 1");
});

onEveryDatabase("a write tells where in the feed it comes", {
  models: policyModels,
  rewrite: false,
}, async ({ db }) => {
  await fillPolicies(db);
  const feed = await db.feed({ source: "process" });
  let told = 0;
  feed.subscribe({ batch: ({ changes }) => void (told += changes.length), reset: () => {} });
  const options = { source: feed.source };
  const { mark } = await updateAllowed(
    db,
    policies,
    ada,
    entityOf(Document),
    10,
    { title: "x" },
    options,
  );
  assert.ok(mark);
  assert.equal(await feed.delivered(mark), true);
  assert.equal(told, 1);
});

onEveryDatabase(
  "the condition is part of the statement: a record that stops meeting it meanwhile is left alone",
  { models: policyModels, rewrite: false },
  async ({ db }) => {
    await fillPolicies(db);
    // Each of many writers takes the draft for itself and seals it; only one may succeed.
    const first = new Policies<Who>().allow(Document, {
      read: true,
      update: { state: "draft" },
      updateTo: true,
      writable: ["state", "title"],
    });
    const attempts = Array.from(
      { length: 8 },
      (_, i) =>
        updateAllowed(db, first, {}, entityOf(Document), 10, { state: "taken", title: `by ${i}` })
          .then(() => 1, (error) => {
            assert.ok(error instanceof ForbiddenError, untyped(error));
            return 0;
          }),
    );
    const won = await Promise.all(attempts);
    assert.equal(
      won.reduce<number>((sum, each) => sum + each, 0),
      1,
    );
  },
);
