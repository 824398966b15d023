import assert from "node:assert/strict";
import { ValidationError, type ValidationIssue } from "../base/errors.ts";
import {
  BaseModel,
  Column,
  CreatedAt,
  Entity,
  entityOf,
  type Generated,
  isEmail,
  ManyToOne,
  minLength,
  type ModelClass,
  PrimaryKey,
  type StandardSchema,
  type StandardSchemaResult,
  Validate,
  ValidateMultiple,
} from "./mod.ts";
import { validate, type ValidateOptions, validateRecord } from "./validation.ts";

function schema<T>(
  check: (value: unknown) => StandardSchemaResult<T> | Promise<StandardSchemaResult<T>>,
): StandardSchema<T> {
  return { "~standard": { version: 1, vendor: "test", validate: check } };
}

/** Issues as `path: message`, of rules that are not asynchronous. */
function issues(model: ModelClass, record: object, options?: ValidateOptions): string[] {
  const found = validate(entityOf(model), record, options);
  assert.ok(Array.isArray(found), "no rule is asynchronous");
  return lines(found);
}

function lines(found: readonly ValidationIssue[]): string[] {
  return found.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

abstract class Contact extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 20 })
  @Validate(isEmail, "Invalid email format")
  @Validate((email: string) => !email.endsWith(".test"), "No test addresses")
  email!: string;
}

@Entity()
class Customer extends Contact {
  @Column({ type: "text" })
  @ValidateMultiple([
    { rule: minLength(2), message: "Name is too short" },
    { rule: (name: string) => name !== "x", message: "Nobody is called x" },
  ])
  name!: string;
  @Column({ type: "text", nullable: true })
  @Validate(minLength(3), "Bio is too short")
  bio!: string | null;
  @Column({ type: "enum", values: ["a", "b"], default: "a" })
  level!: Generated<"a" | "b">;
  @CreatedAt()
  createdAt!: Generated<Date>;
  @Column({ type: "integer", array: true, nullable: true })
  scores!: number[] | null;
  @Column({ type: "integer", nullable: true, generatedAs: "1" })
  computed!: number | null;
}

Deno.test("a record that meets everything has no issues", () => {
  assert.deepEqual(issues(Customer, { email: "a@b.c", name: "Ann" }), []);
  assert.deepEqual(issues(Customer, { email: "a@b.c", name: "Ann", bio: null, level: "b" }), []);
});

Deno.test("all failures are reported together: parents' too, all rules of a property, in order", () => {
  const record = { name: "x", email: "a@nowhere-at-all.test", level: "c", scores: [1, "2"] };
  assert.deepEqual(issues(Customer, record), [
    "email: must be at most 20 characters long",
    "email: No test addresses",
    "name: Name is too short",
    "name: Nobody is called x",
    "level: must be one of a, b",
    "scores: each element must be a number",
  ]);
  assert.throws(
    () => validateRecord(entityOf(Customer), record),
    (error) =>
      error instanceof ValidationError && error.issues.length === 6 &&
      error.message.includes("Validation of Customer failed") &&
      !error.message.includes("nowhere"),
  );
});

Deno.test("what a column asks for is checked before rules, which see only values of their type", () => {
  assert.deepEqual(issues(Customer, { email: 5, name: null, createdAt: "now" }), [
    "email: must be a string",
    "name: must not be null",
    "createdAt: must be a Date",
  ]);
});

Deno.test("absent values are missing on insert only, and never where something fills them", () => {
  assert.deepEqual(issues(Customer, {}), ["email: is required", "name: is required"]);
  assert.deepEqual(issues(Customer, { name: undefined }, { partial: true }), []);
  assert.deepEqual(issues(Customer, { name: "x" }, { partial: true }), [
    "name: Name is too short",
    "name: Nobody is called x",
  ]);
  assert.deepEqual(issues(Customer, {}, { supplied: ["email"] }), ["name: is required"]);
});

Deno.test("validation can be narrowed to some properties", () => {
  assert.deepEqual(issues(Customer, { name: "x" }, { only: ["email"] }), ["email: is required"]);
});

Deno.test("a text's length is counted in characters, not in code units", () => {
  assert.deepEqual(issues(Customer, { email: "a@b.c" + "😀".repeat(15), name: "Ann" }), []);
  assert.deepEqual(issues(Customer, { email: "a@b.c" + "😀".repeat(16), name: "Ann" }), [
    "email: must be at most 20 characters long",
  ]);
});

Deno.test("a foreign key is not missing where the related record is there", () => {
  @Entity()
  class Order extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @ManyToOne(() => Customer)
    customer!: Customer;
    @Column({ type: "integer" })
    payerId!: number;
    @ManyToOne(() => Customer)
    payer!: Customer;
  }
  assert.deepEqual(issues(Order, {}), ["payerId: is required", "customer: is required"]);
  assert.deepEqual(issues(Order, { customer: new Customer(), payer: new Customer() }), []);
  assert.deepEqual(issues(Order, { customer_id: 1, payerId: 1 }), []);
  assert.deepEqual(issues(Order, { payerId: 1 }, { supplied: ["customer_id"] }), []);
});

Deno.test("rules also guard fields that are not stored", () => {
  @Entity()
  class SignUp extends BaseModel {
    @Column({ type: "text" })
    password!: string;
    @Validate(
      (again: string, record: SignUp) => again === record.password,
      "The passwords differ",
    )
    again!: string;
  }
  assert.deepEqual(issues(SignUp, { password: "a", again: "b" }), ["again: The passwords differ"]);
  assert.deepEqual(issues(SignUp, { password: "a", again: "a" }), []);
});

Deno.test("a Standard Schema reports its issues below the property", () => {
  @Entity()
  class Settings extends BaseModel {
    @Column({ type: "json" })
    @Validate(schema(() => ({
      issues: [
        { message: "is bad", path: ["colours", { key: 0 }] },
        { message: "is bad as a whole" },
      ],
    })))
    theme!: { colours: string[] };
  }
  assert.deepEqual(validate(entityOf(Settings), { theme: {} }), [
    { path: ["theme", "colours", 0], message: "is bad" },
    { path: ["theme"], message: "is bad as a whole" },
  ]);
});

Deno.test("a schema that is a function is a schema", () => {
  const callable = Object.assign(() => true, schema(() => ({ issues: [{ message: "no" }] })));
  @Entity()
  class Called extends BaseModel {
    @Validate(callable)
    field!: string;
  }
  assert.deepEqual(issues(Called, { field: "x" }), ["field: no"]);
});

Deno.test("asynchronous rules and schemas are waited for, and reported in order", async () => {
  const later = <T>(value: T, ms: number): Promise<T> =>
    new Promise((resolve) => setTimeout(resolve, ms, value));
  @Entity()
  class Slow extends BaseModel {
    @Column({ type: "text" })
    @Validate(() => later(false, 10), "first")
    a!: string;
    @Column({ type: "text" })
    @Validate(schema(() => later({ issues: [{ message: "second" }] }, 1)))
    b!: string;
    @Column({ type: "text" })
    @Validate((text: string) => text === "good", "third")
    c!: string;
  }
  const found = await validate(entityOf(Slow), { a: "", b: "", c: "" });
  assert.deepEqual(lines(found), ["a: first", "b: second", "c: third"]);
  await assert.rejects(
    async () => await validateRecord(entityOf(Slow), { a: "", b: "", c: "good" }),
    (error) => error instanceof ValidationError && error.issues.length === 2,
  );
});

Deno.test("what a rule throws reaches the caller", () => {
  @Entity()
  class Broken extends BaseModel {
    @Column({ type: "text" })
    @Validate(() => {
      throw new RangeError("a fault of the rule");
    }, "never said")
    a!: string;
  }
  assert.throws(() => validate(entityOf(Broken), { a: "" }), RangeError);
});
