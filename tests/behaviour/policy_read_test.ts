/** What may be seen: policies in queries. Random ones are in `tests/fuzz/policy_fuzz_test.ts`. */
import assert from "node:assert/strict";
import { ForbiddenError, ModelError, QueryError } from "../../src/base/errors.ts";
import { entityOf } from "../../src/model/registry.ts";
import { Policies, restrict } from "../../src/repository/policy/mod.ts";
import type { Database } from "../../src/database/database.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import {
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
const cyd: Who = { id: 3, team: 2 };

async function found(
  db: Database,
  who: Who,
  model: ModelClass,
  query: object = {},
): Promise<unknown> {
  const asked = restrict(policies, who, entityOf(model), query as never);
  return plain(await db.repository(model).find(asked as never));
}

async function ids(db: Database, who: Who, model: ModelClass, query: object = {}): Promise<string> {
  const rows = await found(db, who, model, { ...query, orderBy: { id: "asc" } }) as {
    id: number;
  }[];
  return rows.map(({ id }) => id).join(" ");
}

onEveryDatabase(
  "records and columns that may not be seen are not there",
  { models: policyModels },
  async ({ db }) => {
    await fillPolicies(db);
    assert.equal(await ids(db, {}, Document), "11 21 31");
    assert.equal(await ids(db, ada, Document), "10 11 20 21 31");
    assert.equal(await ids(db, cyd, Document), "11 21 30 31");
    assert.equal(
      await ids(db, ada, Document, { where: { title: { startsWith: "draft" } } }),
      "10 20",
    );
    assert.deepEqual(await found(db, {}, Person), []);
    assert.deepEqual(await found(db, cyd, Person), [{ id: 3, name: "Cyd" }]);
    const [row] = await found(db, cyd, Document, {
      where: { id: 11 },
      include: { owner: true, notes: { select: ["text"] }, labels: true },
    }) as [object];
    assert.deepEqual(row, {
      id: 11,
      title: "page of 1",
      state: "public",
      ownerId: 1,
      version: 1,
      owner: null,
      notes: [{ text: "third" }],
      labels: [],
    });
  },
);

onEveryDatabase("conditions, orders and counts are about what may be seen", {
  models: policyModels,
}, async ({ db }) => {
  await fillPolicies(db);
  assert.equal(await ids(db, cyd, Document, { where: { owner: { id: 1 } } }), "");
  assert.equal(await ids(db, cyd, Document, { where: { owner: null } }), "11 21");
  assert.equal(await ids(db, cyd, Document, { where: { owner: { isNot: null } } }), "30 31");
  assert.equal(await ids(db, cyd, Document, { where: { owner: { isNot: { id: 3 } } } }), "11 21");
  assert.equal(
    await ids(db, cyd, Document, { where: { owner: { is: null, isNot: { id: 3 } } } }),
    "11 21",
  );
  const labels = (who: Who, where: object) => found(db, who, Label, { where, select: ["name"] });
  assert.deepEqual(await labels(cyd, { documents: { some: { ownerId: 1 } } }), []);
  assert.deepEqual(await labels(ada, { documents: { some: { ownerId: 1 } } }), [{ name: "red" }]);
  assert.deepEqual(await labels(cyd, { documents: { _count: 1 } }), [{ name: "red" }]);
  assert.deepEqual(await labels(ada, { documents: { _count: 2 } }), [{ name: "red" }]);
  assert.deepEqual(await labels({}, { documents: { none: {} }, name: "red" }), [{ name: "red" }]);
  assert.deepEqual(await labels(cyd, { documents: { every: { ownerId: 3 } }, name: "red" }), [{
    name: "red",
  }]);
  assert.deepEqual(await labels(ada, { documents: { every: { ownerId: 3 } }, name: "red" }), []);
  const counted = await found(db, cyd, Label, {
    include: { _count: { documents: true } },
    orderBy: [{ documents: { _count: "desc" } }, { name: "asc" }],
  });
  assert.deepEqual(counted, [
    { name: "red", _count: { documents: 1 } },
    { name: "blue", _count: { documents: 0 } },
  ]);
});

onEveryDatabase(
  "what is deleted softly is seen by those who may",
  { models: policyModels },
  async ({ db }) => {
    await fillPolicies(db);
    await db.repository(Note).delete(100);
    assert.equal(await ids(db, ada, Note, { where: { documentId: 10 } }), "101");
    assert.equal(
      await ids(db, ada, Note, { where: { documentId: 10 }, withDeleted: true }),
      "100 101",
    );
    assert.throws(
      () => restrict(policies, cyd, entityOf(Note), { withDeleted: true }),
      ForbiddenError,
    );
    const include = { notes: { withDeleted: true } };
    assert.throws(() => restrict(policies, cyd, entityOf(Document), { include }), ForbiddenError);
  },
);

Deno.test("restrict() refuses what may not be read, at every place", () => {
  const refused = (model: ModelClass, query: object, who: Who = ada) =>
    assert.throws(
      () => restrict(policies, who, entityOf(model), query as never),
      ForbiddenError,
      JSON.stringify(query),
    );
  refused(Document, { where: { secret: "s" } });
  refused(Document, { where: { NOT: [{ OR: [{ secret: { gt: "a" } }] }] } });
  refused(Document, { select: ["id", "secret"] });
  refused(Document, { orderBy: { secret: "asc" } });
  refused(Document, {
    orderBy: [{ title: "asc" }, { secret: "asc" }],
    cursor: { title: "x", secret: "y", id: 1 },
  });
  refused(Note, { include: { document: { select: ["secret"] } } });
  refused(Note, { where: { document: { secret: null } } });
  refused(Note, { where: { document: { is: { owner: { email: { like: "a%" } } } } } });
  refused(Note, { orderBy: { document: { secret: "asc" } } });
  refused(Label, { orderBy: { documents: { _count: "asc", where: { secret: "s" } } } });
  refused(Label, { include: { _count: { documents: { where: { secret: "s" } } } } });
  refused(Label, { where: { documents: { _count: 1, where: { secret: "s" } } } });
  // The place of a hidden record in an order would tell of it.
  refused(Document, { orderBy: { owner: { name: "asc" } } });
  refused(Person, { include: { documents: { include: { owner: { select: ["email"] } } } } });
});

Deno.test("models, and relations to models, without a policy cannot be read", () => {
  const some = new Policies().allow(Document, { read: true }).allow(Label, { create: true });
  const ask = (model: ModelClass, query: object) => () =>
    restrict(some, {}, entityOf(model), query as never);
  assert.throws(ask(Person, {}), ForbiddenError);
  assert.throws(ask(Label, {}), ForbiddenError);
  assert.throws(ask(Document, { include: { owner: true } }), ForbiddenError);
  assert.throws(ask(Document, { where: { owner: { name: "x" } } }), ForbiddenError);
  assert.throws(ask(Document, { where: { owner: null } }), ForbiddenError);
  assert.throws(ask(Document, { where: { notes: { none: {} } } }), ForbiddenError);
  assert.throws(ask(Document, { include: { _count: { notes: true } } }), ForbiddenError);
  assert.throws(ask(Document, { orderBy: { notes: { _count: "asc" } } }), ForbiddenError);
  assert.deepEqual(
    (ask(Document, { include: { owner: false, _count: { notes: false } } })()).include,
    { _count: {} },
  );
});

Deno.test("restrict() refuses what is no query", () => {
  const ask = (query: object) => () => restrict(policies, ada, entityOf(Document), query as never);
  for (
    const query of [
      { nope: 1 },
      { where: undefined },
      { where: 5 },
      { where: { nope: 1 } },
      { where: { notes: { first: {} } } },
      { where: { notes: null } },
      { where: { owner: { is: {}, was: {} } } },
      { select: "title" },
      { select: ["owner"] },
      { include: ["owner"] },
      { include: { owner: { cursor: { id: 1 } } } },
      { orderBy: "title" },
      { cursor: 5 },
    ]
  ) assert.throws(ask(query), QueryError, JSON.stringify(query));
});

Deno.test("a policy that cannot be used fails as the program's mistake, without telling what a model has", () => {
  const rules: readonly object[] = [
    { read: () => ({ nope: 1 }) },
    { read: () => ({ title: undefined }) },
    { read: () => [] },
    { read: 5 },
    { read: true, fields: ["nope"] },
    { read: true, fields: () => "title" },
  ];
  for (const rule of rules) {
    const wrong = new Policies().allow(Document, untyped(rule));
    assert.throws(() => restrict(wrong, {}, entityOf(Document), {}), (error) => {
      assert.ok(error instanceof ModelError);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
  for (const nothing of [undefined, null, false]) {
    const none = new Policies().allow(Document, untyped({ read: () => nothing }));
    assert.deepEqual(restrict(none, {}, entityOf(Document), {}).where, { OR: [] });
  }
  assert.throws(() => new Policies().allow(Document, {}).allow(Document, {}), ModelError);
  assert.throws(() => new Policies().allow(untyped("Document"), {}), ModelError);
});

Deno.test("a policy is asked once for each query, whatever it includes", () => {
  let asked = 0;
  const counting = new Policies<Who>().allow(Person, {
    read: ({ team }) => {
      asked++;
      return { team: team! };
    },
  }).allow(Document, { read: true });
  restrict(counting, ada, entityOf(Document), {
    where: { owner: { name: "x" }, NOT: { owner: { name: "y" } } },
    include: { owner: { include: { documents: { include: { owner: true } } } } },
  });
  assert.equal(asked, 1);
});

Deno.test("limits are capped where they are given, and set where none is", () => {
  const ask = (query: object) =>
    restrict(policies, ada, entityOf(Document), query as never, { maxLimit: 10 });
  assert.equal(ask({ limit: 50 }).limit, 10);
  assert.equal(ask({ limit: 5 }).limit, 5);
  assert.equal(ask({}).limit, undefined);
  const { include } = ask({ include: { notes: { limit: 99 } } }) as {
    include: { notes: { limit: number } };
  };
  assert.equal(include.notes.limit, 10);
});
