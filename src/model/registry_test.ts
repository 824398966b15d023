import assert from "node:assert/strict";
import { ModelError } from "../base/errors.ts";
import { asIs, BaseModel, Column, Entity, entityOf, ModelRegistry, PrimaryKey } from "./mod.ts";
import { entityOfTable } from "./registry.ts";
import { Author } from "./testdata/author.ts";
import { Book } from "./testdata/book.ts";

Deno.test("a class that is not registered is a clear error", () => {
  class Stray extends BaseModel {
    @PrimaryKey()
    id!: number;
  }
  for (const ask of [entityOf, ModelRegistry.getModelMetadata]) {
    assert.throws(
      () => ask(Stray),
      (error) =>
        error instanceof ModelError &&
        error.message.startsWith("Model Stray is not registered") &&
        error.hint!.includes("@Entity()"),
    );
  }
  assert.throws(() => entityOf(undefined as never), /Model undefined is not registered/);
});

Deno.test("registerModel() registers a class that has no @Entity(), once", () => {
  class Manual extends BaseModel {
    @PrimaryKey()
    id!: number;
  }
  ModelRegistry.registerModel(Manual);
  const metadata = ModelRegistry.getModelMetadata(Manual);
  ModelRegistry.registerModel(Manual);
  assert.equal(ModelRegistry.getModelMetadata(Manual), metadata);
  assert.equal(metadata.tableName, "manuals");
  assert.deepEqual(metadata.columns.map(({ name }) => name), ["id"]);
  assert.deepEqual(metadata.primaryKey.map(({ name }) => name), ["id"]);
  assert.equal(metadata.relations.size, 0);
  assert.ok(ModelRegistry.getAllModels().includes(Manual));
});

Deno.test("registerModel() registers a child without decorators of its own", () => {
  class Parent extends BaseModel {
    @PrimaryKey()
    id!: number;
  }
  class Child extends Parent {}
  ModelRegistry.registerModel(Child);
  assert.equal(entityOf(Child).table.name, "children");
  assert.deepEqual([...entityOf(Child).byName.keys()], ["id"]);
});

Deno.test("the schema of a class is resolved once", () => {
  assert.equal(entityOf(Author), entityOf(Author));
  assert.equal(ModelRegistry.getModelMetadata(Author), entityOf(Author));
});

Deno.test("models in files that import each other resolve", () => {
  const books = entityOf(Author).relations.get("books")!;
  const author = entityOf(Book).relations.get("author")!;
  assert.equal(books.target, entityOf(Book));
  assert.equal(author.target, entityOf(Author));
  assert.equal(books.inverse, author);
  assert.equal(author.inverse, books);
});

Deno.test("entityOfTable() finds the class of a table", () => {
  assert.equal(entityOfTable("authors"), entityOf(Author));
  assert.throws(() => entityOfTable("nothing"), ModelError);
});

Deno.test("configure() refuses another strategy when models are in use", () => {
  entityOf(Author);
  assert.throws(
    () => ModelRegistry.configure({ naming: asIs }),
    /Cannot change how names are derived: models are in use already/,
  );
  ModelRegistry.configure({});
});

Deno.test("configure() sets the strategy before models are in use", async () => {
  const code = `
    import { asIs, BaseModel, Column, Entity, entityOf, ModelRegistry, snakeCase } from "${
    import.meta.resolve("./mod.ts")
  }";
    ModelRegistry.configure({ naming: asIs });
    @Entity() class BlogPost extends BaseModel { @Column({ type: "text" }) pageTitle!: string; }
    @Entity({ naming: snakeCase }) class BlogTag extends BaseModel {}
    console.log(entityOf(BlogPost).table.name, entityOf(BlogPost).table.columns[0]!.name, entityOf(BlogTag).table.name);
  `;
  const { stdout } = await new Deno.Command("deno", {
    args: ["eval", "--ext=ts", code],
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "BlogPost pageTitle blog_tags\n");
});

Deno.test("a field that only rules know is no column", () => {
  @Entity()
  class Plain extends BaseModel {
    @Column({ type: "text" })
    stored!: string;
    plain!: string;
  }
  assert.deepEqual([...entityOf(Plain).byName.keys()], ["stored"]);
});
