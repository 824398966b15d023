import assert from "node:assert/strict";
import { columnType } from "../../schema/column_type.ts";
import { type DatabaseSchema, emptySchema } from "../../schema/database_schema.ts";
import type { ColumnSchema, TableSchema } from "../../schema/table.ts";
import { pullModels } from "./mod.ts";
import { classNameOf, pluralProperty, propertyNameOf, singularNoun } from "./names.ts";

function table(
  name: string,
  columns: readonly ColumnSchema[],
  rest: Partial<TableSchema> = {},
): TableSchema {
  return {
    name,
    columns,
    primaryKey: { columns: ["id"] },
    uniques: [],
    indexes: [],
    checks: [],
    foreignKeys: [],
    ...rest,
  };
}

const id: ColumnSchema = {
  name: "id",
  type: columnType("integer"),
  nullable: false,
  identity: "by default",
};

function integer(name: string, nullable = false): ColumnSchema {
  return { name, type: columnType("integer"), nullable };
}

function key(column: string, target: string): TableSchema["foreignKeys"][number] {
  return { columns: [column], table: target, references: ["id"] };
}

function schemaOf(...tables: TableSchema[]): DatabaseSchema {
  return { ...emptySchema, tables };
}

function textOf(schema: DatabaseSchema, path: string): string {
  return pullModels(schema).files.find((file) => file.path === path)?.text ?? "";
}

/** The fields of relations in a file, in order. */
function fieldsOf(schema: DatabaseSchema, path: string): string[] {
  return [...textOf(schema, path).matchAll(/^ {2}(\w+!: [A-Z]\w*(?:\[\]| \| null)?);$/gm)]
    .map(([, field]) => field!);
}

Deno.test("names of tables and columns become names of classes and properties", () => {
  const classes = ["order_items", "UserAccount", "people", "statuses", "2fa_codes", "news", "-"];
  assert.deepEqual(classes.map(classNameOf), [
    "OrderItem",
    "UserAccount",
    "Person",
    "Status",
    "T2faCode",
    "News",
    "Table",
  ]);
  const columns = ["created_at", "CustomerID", "user name", "1st", "straße", "$", "HTTPServer"];
  assert.deepEqual(columns.map(propertyNameOf), [
    "createdAt",
    "customerId",
    "userName",
    "_1st",
    "straße",
    "column",
    "httpServer",
  ]);
  assert.deepEqual(["movies", "bus", "series", "addresses", "boxes"].map(singularNoun), [
    "movie",
    "bus",
    "series",
    "address",
    "box",
  ]);
  assert.deepEqual(["orderItem", "category"].map(pluralProperty), ["orderItems", "categories"]);
});

Deno.test("a table becomes a class, with all that its columns say", () => {
  const posts = table("posts", [
    id,
    integer("author_id"),
    {
      name: "title",
      type: columnType("varchar", { length: 80 }),
      nullable: false,
      comment: "Shown",
    },
    { name: "body", type: columnType("text"), nullable: true },
    {
      name: "state",
      type: columnType("enum", { enumName: "state", values: ["draft", "done"] }),
      nullable: false,
      default: { kind: "sql", sql: "'draft'::state" },
    },
    {
      name: "created",
      type: columnType("timestamptz"),
      nullable: false,
      default: { kind: "sql", sql: "now()" },
    },
  ], {
    comment: "What is written",
    foreignKeys: [{ ...key("author_id", "users"), name: "posts_author", onDelete: "cascade" }],
    indexes: [{ name: "by_title", parts: [{ column: "title", direction: "desc" }], unique: false }],
  });
  const schema: DatabaseSchema = {
    ...schemaOf(posts, table("users", [id])),
    enums: [{ name: "state", values: ["draft", "done"] }],
  };
  assert.equal(
    textOf(schema, "post.ts"),
    `import { BaseModel, Column, Entity, type Generated, ManyToOne, PrimaryKey } from "@rex/orm";
import { type State, stateValues } from "./enums.ts";
import { User } from "./user.ts";

/** What is written */
@Entity({
  indexes: [{ columns: [{ property: "title", direction: "desc" }], name: "by_title" }],
  comment: "What is written",
})
export class Post extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "integer" })
  authorId!: number;
  /** Shown */
  @Column({ type: "varchar", length: 80, comment: "Shown" })
  title!: string;
  @Column({ type: "text", nullable: true })
  body!: string | null;
  @Column({ type: "enum", values: stateValues, enumName: "state", default: "draft" })
  state!: Generated<State>;
  @Column({ type: "timestamptz", defaultSql: "now" })
  created!: Generated<Date>;
  @ManyToOne(() => User, (u) => u.posts, {
    onDelete: "cascade",
    constraintName: "posts_author",
    index: false,
  })
  author!: User;
}
`,
  );
  assert.equal(
    textOf(schema, "enums.ts"),
    `export const stateValues = ["draft", "done"] as const;
export type State = (typeof stateValues)[number];
`,
  );
  assert.equal(
    textOf(schema, "mod.ts"),
    `export * from "./enums.ts";\nexport * from "./post.ts";\nexport * from "./user.ts";\n`,
  );
});

Deno.test("relations are named by their columns, and by their tables where one is enough", () => {
  const schema = schemaOf(
    table("users", [id, integer("parent_id", true), integer("boss", true)], {
      foreignKeys: [key("parent_id", "users"), key("boss", "users")],
    }),
    table("posts", [id, integer("author_id"), integer("editor_id", true)], {
      foreignKeys: [key("author_id", "users"), key("editor_id", "users")],
    }),
    table("bios", [id, integer("user_id")], {
      foreignKeys: [key("user_id", "users")],
      uniques: [{ columns: ["user_id"] }],
    }),
  );
  assert.deepEqual(fieldsOf(schema, "user.ts"), [
    "parent!: User | null",
    "children!: User[]",
    "bossUser!: User | null",
    "bossUserUsers!: User[]",
    "authorPosts!: Post[]",
    "editorPosts!: Post[]",
    "bio!: Bio | null",
  ]);
  assert.deepEqual(fieldsOf(schema, "post.ts"), ["author!: User", "editor!: User | null"]);
  assert.deepEqual(fieldsOf(schema, "bio.ts"), ["user!: User"]);
});

Deno.test("a table whose key is two foreign keys makes its ends many-to-many", () => {
  const schema = schemaOf(
    table("films", [id]),
    table("actors", [id]),
    table("film_actors", [integer("film_id"), integer("actor_id")], {
      primaryKey: { columns: ["film_id", "actor_id"] },
      foreignKeys: [key("film_id", "films"), key("actor_id", "actors")],
    }),
  );
  assert.deepEqual(fieldsOf(schema, "film.ts"), ["filmActors!: FilmActor[]", "actors!: Actor[]"]);
  assert.deepEqual(fieldsOf(schema, "actor.ts"), ["filmActors!: FilmActor[]", "films!: Film[]"]);
  assert.ok(textOf(schema, "film.ts").includes("through: { model: () => FilmActor, local:"));
});

Deno.test("names that are taken get others", () => {
  const schema = schemaOf(
    table("date", [id, integer("save"), integer("user_name"), integer("userName")]),
    table("User", [id]),
    table("users", [id]),
  );
  assert.deepEqual(pullModels(schema).files.map(({ path }) => path), [
    "date_model.ts",
    "user.ts",
    "user_model.ts",
    "mod.ts",
  ]);
  const text = textOf(schema, "date_model.ts");
  assert.ok(text.includes(`@Column({ type: "integer", name: "save" })\n  saveColumn!: number;`));
  assert.ok(text.includes(`name: "userName" })\n  userNameColumn!: number;`));
});

Deno.test("what models cannot say is told, above the class and in the notes", () => {
  const schema: DatabaseSchema = {
    ...schemaOf(table("users", [id])),
    views: [{ name: "names", sql: "SELECT 1", columns: ["a"], materialized: false, indexes: [] }],
    triggers: [{ name: "watch", table: "users", sql: "CREATE TRIGGER watch" }],
  };
  assert.deepEqual(pullModels(schema).notes, [
    "names: the view has no model",
    "users: the trigger watch",
  ]);
  assert.ok(textOf(schema, "user.ts").includes("// Not in the model: users: the trigger watch\n"));
});

Deno.test("a foreign key that no relation can follow is kept as one", () => {
  const schema = schemaOf(
    table("posts", [id, integer("user_id"), integer("elsewhere")], {
      foreignKeys: [
        { ...key("user_id", "users"), name: "fk" },
        { ...key("elsewhere", "gone"), name: "fk2" },
      ],
    }),
    table("users", [{ ...id, type: columnType("bigint") }]),
  );
  const text = textOf(schema, "post.ts");
  assert.ok(
    text.includes(`{ columns: ["userId"], table: "users", references: ["id"], name: "fk" }`),
  );
  assert.ok(!text.includes("ManyToOne"));
});
