import assert from "node:assert/strict";
import { constraintName, shortName } from "./constraint_names.ts";
import { asIs, plural, singular, snakeCase } from "./naming.ts";

Deno.test("snakeCase derives names that need no quotes", () => {
  const tables = { BlogPost: "blog_posts", HTMLPage: "html_pages", Category: "categories" };
  for (const [name, table] of Object.entries(tables)) assert.equal(snakeCase.table(name), table);
  const columns = { createdAt: "created_at", addressLine2: "address_line2", userID: "user_id" };
  for (const [name, column] of Object.entries(columns)) {
    assert.equal(snakeCase.column(name), column);
  }
  assert.equal(snakeCase.joinTable("tags", "posts"), "posts_tags");
  assert.equal(snakeCase.foreignKey("lastEditor", "id"), "last_editor_id");
});

Deno.test("asIs keeps names", () => {
  assert.equal(asIs.table("BlogPost"), "BlogPost");
  assert.equal(asIs.column("createdAt"), "createdAt");
  assert.equal(asIs.foreignKey("author", "id"), "authorId");
  assert.equal(asIs.foreignKey("User", "id"), "userId");
});

Deno.test("plural and singular are each other's inverse for common nouns", () => {
  const nouns = {
    user: "users",
    box: "boxes",
    city: "cities",
    day: "days",
    class: "classes",
    person: "people",
    blog_person: "blog_people",
    child: "children",
    human: "humans",
    match: "matches",
    tag: "tags",
  };
  for (const [one, many] of Object.entries(nouns)) {
    assert.equal(plural(one), many);
    assert.equal(singular(many), one);
  }
});

Deno.test("a class whose name is a plural keeps it", () => {
  assert.deepEqual(["settings", "details", "status", "alias", "class"].map(plural), [
    "settings",
    "details",
    "statuses",
    "aliases",
    "classes",
  ]);
});

Deno.test("a constraint's name is the same on every run and fits in 63 bytes", () => {
  assert.equal(constraintName("fk", "posts", ["user_id"]), "fk_posts_user_id");
  const long = constraintName("uq", "a_table_with_a_rather_long_name", [
    "and_a_column_with_a_long_name",
    "and_one_more",
  ]);
  assert.equal(new TextEncoder().encode(long).length, 63);
  assert.match(long, /^uq_a_table_with_a_rather_long_name_and_a_column_with_a_[0-9a-f]{8}$/);
  assert.notEqual(
    long,
    constraintName("uq", "a_table_with_a_rather_long_name", [
      "and_a_column_with_a_long_name",
      "and_one_other",
    ]),
  );
});

Deno.test("a name is never cut inside of a character", () => {
  const name = shortName("ä".repeat(40));
  assert.ok(new TextEncoder().encode(name).length <= 63);
  assert.match(name, /^ä+_[0-9a-f]{8}$/);
});
