/**
 * Rows P1 and P2 of the specification: the repository.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Database, type Loaded, NotFoundError, Repository } from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";
import { models, User } from "./blog_models.ts";

onEveryDatabase("P1: a repository finds and writes", { models }, async ({ db }) => {
  const users = new Repository<User>(db, User);
  const stored = await users.create({ name: "Ada", email: "ada@x.org", age: 36 });
  assert.deepEqual({ ...stored }, { id: 1, name: "Ada", email: "ada@x.org", age: 36 });
  await users.create({ name: "Bob", email: "bob@x.org" });
  await users.create({ name: "Cy", email: "cy@x.org" });
  assert.deepEqual((await users.findAll()).map((user) => user.name), ["Ada", "Bob", "Cy"]);
  assert.deepEqual((await users.findAll(1, 1)).map((user) => user.name), ["Bob"]);
  assert.equal((await users.findById(3))?.name, "Cy");
  assert.equal(await users.findById(4), null);
  assert.equal((await users.update(3, { age: 9 })).age, 9);
  await assert.rejects(users.update(4, { age: 9 }), NotFoundError);
  assert.equal(await users.delete(3), true);
  assert.equal(await users.delete(3), false);
});

class UserRepository extends Repository<User> {
  constructor(adapter: Database) {
    super(adapter, "users", "id");
  }

  adults(): Promise<Loaded<User>[]> {
    return this.find({ where: { age: { gte: 18 } } });
  }
}

onEveryDatabase("P2: custom repositories extend Repository", { models }, async ({ db }) => {
  const users = new UserRepository(db);
  await users.createMany([
    { name: "Ada", email: "ada@x.org", age: 36 },
    { name: "Bob", email: "bob@x.org", age: 17 },
  ]);
  assert.deepEqual((await users.adults()).map((user) => user.name), ["Ada"]);
});
