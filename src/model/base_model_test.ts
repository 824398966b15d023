import assert from "node:assert/strict";
import { ModelError, ValidationError } from "../base/errors.ts";
import {
  BaseModel,
  BeforeValidate,
  Column,
  Entity,
  type Generated,
  ManyToOne,
  type Model,
  type ModelSession,
  modelWriter,
  PrimaryKey,
  Validate,
} from "./mod.ts";
import { markStored } from "./state.ts";

@Entity()
class Person extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  @Validate((name: string) => name.length > 0, "Name cannot be empty")
  name!: string;
  @ManyToOne(() => Person, undefined, { nullable: true })
  boss!: Person | null;

  @BeforeValidate()
  trim(): void {
    this.name = this.name?.trim();
  }
}

Deno.test("validate() throws every failure, after the hooks", () => {
  const person = Person.from({ name: "  " });
  assert.throws(() => person.validate(), (error) => {
    assert.ok(error instanceof ValidationError);
    assert.deepEqual(error.issues, [{ path: ["name"], message: "Name cannot be empty" }]);
    return true;
  });
  person.name = " Ann ";
  person.validate();
  assert.equal(person.name, "Ann");
});

Deno.test("validate() takes a stored record that was not loaded whole", () => {
  const person = new Person();
  assert.throws(() => person.validate(), /name: is required/);
  markStored(person, { row: [1], original: (row, index) => row[index] });
  person.validate();
});

Deno.test("validate() refuses asynchronous rules, validateAsync() waits for them", async () => {
  @Entity()
  class Slow extends BaseModel {
    @Column({ type: "text" })
    @Validate((name: string) => Promise.resolve(name === "good"), "not good")
    name!: string;
  }
  const bad = Slow.from({ name: "bad" });
  assert.throws(
    () => bad.validate(),
    (error) => error instanceof ModelError && error.hint!.includes("validateAsync()"),
  );
  await assert.rejects(bad.validateAsync(), /name: not good/);
  await Slow.from({ name: "good" }).validateAsync();
});

Deno.test("save() and delete() go to the writer of the session", async () => {
  const calls: (readonly [string, Model])[] = [];
  const session: ModelSession = {
    [modelWriter]: {
      save: (model) => Promise.resolve(void calls.push(["save", model])),
      delete: (model) => Promise.resolve(void calls.push(["delete", model])),
    },
  };
  const person = Person.from({ name: "Ann" });
  await person.save(session);
  await person.delete(session);
  assert.deepEqual(calls.map(([call]) => call), ["save", "delete"]);
  assert.ok(calls.every(([, model]) => model === person));
});

Deno.test("save() into something that is no database is a ModelError", async () => {
  for (const nothing of [undefined, null, {}]) {
    await assert.rejects(
      new Person().save(nothing as never),
      (error) => error instanceof ModelError && error.hint!.includes("adapter"),
    );
  }
});

Deno.test("from() makes an instance with values, and refuses names that the class does not have", () => {
  const boss = Person.from({ name: "Eve" });
  const person = Person.from({ name: "Ann", boss });
  assert.ok(person instanceof Person);
  assert.equal(person.boss, boss);
  assert.equal(person.id, undefined);
  assert.throws(
    () => Person.from(JSON.parse('{ "name": "Ann", "isAdmin": true }')),
    /Cannot make a Person: it has no column or relation isAdmin/,
  );
  assert.throws(() => Person.from(JSON.parse('{ "__proto__": { "x": 1 } }')), ModelError);
});
