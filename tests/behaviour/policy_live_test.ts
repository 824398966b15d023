/** Live queries under policies: what may no longer be seen leaves, whatever it was that hid it. */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { entityOf } from "../../src/model/registry.ts";
import { restrict } from "../../src/repository/policy/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { caughtUp, watch } from "./live_support.ts";
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
import { plain } from "./repository_support.ts";

const ada: Who = { id: 1, team: 1 };
const cyd: Who = { id: 3, team: 2 };

function seenLive(db: Database, who: Who, model: ModelClass, query: object) {
  return watch(db.live(model, restrict(policies, who, entityOf(model), query as never) as never));
}

onEveryDatabase(
  "a record that leaves the policy leaves, by its own change or by that of a related record",
  { models: policyModels, rewrite: false },
  async ({ db }) => {
    await fillPolicies(db);
    const board = await seenLive(db, cyd, Document, { select: ["id"], orderBy: { id: "asc" } });
    const shown = async () => {
      await caughtUp(db);
      return board.rows().map((row) => (row as Document).id).join(" ");
    };
    assert.equal(await shown(), "11 21 30 31");
    await db.repository(Document).update(11, { state: "draft" });
    assert.equal(await shown(), "21 30 31");
    await db.repository(Document).update(10, { state: "public" });
    assert.equal(await shown(), "10 21 30 31");
    // Bob comes to Cyd's team, and brings his drafts along.
    await db.repository(Person).update(2, { team: 2 });
    assert.equal(await shown(), "10 20 21 30 31");
    await db.repository(Person).update(3, { team: 5 });
    assert.equal(await shown(), "10 20 21 31");
    await db.repository(Document).delete(10);
    assert.equal(await shown(), "20 21 31");
    await board.end();
  },
);

onEveryDatabase(
  "included records, counts and orders follow the policies of their models",
  { models: policyModels, rewrite: false },
  async ({ db }) => {
    await fillPolicies(db);
    const query = {
      include: {
        documents: { select: ["id"], orderBy: { id: "asc" } },
        _count: { documents: true },
      },
      where: { documents: { every: { state: { ne: "sealed" } } } },
      orderBy: [{ documents: { _count: "desc" } }, { name: "asc" }],
    };
    const board = await seenLive(db, ada, Label, query);
    const shown = async () => {
      await caughtUp(db);
      return (plain(board.rows()) as {
        name: string;
        documents: { id: number }[];
        _count: object;
      }[])
        .map(({ name, documents, _count }) =>
          `${name}: ${documents.map(({ id }) => id).join()} of ${Object.values(_count)}`
        ).join("; ");
    };
    assert.equal(await shown(), "red: 10,20 of 2; blue:  of 0");
    await db.repository(Document).update(31, { labels: { connect: { name: "blue" } } });
    assert.equal(await shown(), "red: 10,20 of 2; blue: 31 of 1");
    await db.repository(Person).update(2, { team: 2 });
    assert.equal(await shown(), "blue: 31 of 1; red: 10 of 1");
    // What is hidden does not matter, sealed or not.
    await db.repository(Document).update(20, { state: "sealed" });
    assert.equal(await shown(), "blue: 31 of 1; red: 10 of 1");
    await db.repository(Person).update(2, { team: 1 });
    assert.equal(await shown(), "blue: 31 of 1");
    await board.end();
  },
);

onEveryDatabase(
  "hidden columns are not told when they change",
  { models: policyModels, rewrite: false },
  async ({ db }) => {
    await fillPolicies(db);
    const documents = await seenLive(db, ada, Document, { where: { id: 10 } });
    const people = await seenLive(db, ada, Person, {});
    await db.repository(Person).update(1, { email: "new@x.org" });
    await db.repository(Document).update(10, { secret: "other", title: "seen" });
    await db.repository(Note).create({ text: "not asked for", documentId: 10 });
    await caughtUp(db);
    assert.deepEqual(people.seen(), []);
    assert.deepEqual(plain(documents.rows()), [
      { id: 10, title: "seen", state: "draft", ownerId: 1, version: 2 },
    ]);
    await documents.end();
    await people.end();
  },
);
