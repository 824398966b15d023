import assert from "node:assert/strict";
import {
  AfterInsert,
  asIs,
  BaseModel,
  BeforeInsert,
  Check,
  Column,
  CreatedAt,
  DeletedAt,
  Entity,
  entityOf,
  type Generated,
  Index,
  PrimaryKey,
  Unique,
  UpdatedAt,
  Version,
} from "./mod.ts";

Deno.test("a class becomes a table whose names the naming strategy derives", () => {
  @Entity({ comment: "What people write" })
  class BlogPost extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @Column({ type: "varchar", length: 200, comment: "Shown in lists" })
    pageTitle!: string;
    @Column({ type: "text", name: "content", nullable: true })
    body!: string | null;
    @Column({ type: "numeric", precision: 10, scale: 2 })
    price!: string;
  }
  const { table, primaryKey, byName, byColumn, name, model } = entityOf(BlogPost);
  assert.equal(name, "BlogPost");
  assert.equal(model, BlogPost);
  assert.deepEqual(table, {
    name: "blog_posts",
    columns: [
      { name: "id", type: { name: "integer" }, nullable: false, identity: "by default" },
      {
        name: "page_title",
        type: { name: "varchar", length: 200 },
        nullable: false,
        comment: "Shown in lists",
      },
      { name: "content", type: { name: "text" }, nullable: true },
      { name: "price", type: { name: "numeric", precision: 10, scale: 2 }, nullable: false },
    ],
    primaryKey: { columns: ["id"] },
    uniques: [],
    indexes: [],
    checks: [],
    foreignKeys: [],
    comment: "What people write",
  });
  assert.deepEqual(primaryKey.map((property) => property.name), ["id"]);
  assert.equal(byName.get("body"), byColumn.get("content"));
  assert.ok(Object.isFrozen(table) && Object.isFrozen(table.columns[1]!.type));
});

Deno.test("a class can name its table, its schema and its strategy", () => {
  @Entity({ tableName: "Things", schema: "app", naming: asIs })
  class Thing extends BaseModel {
    @PrimaryKey()
    thingId!: Generated<number>;
  }
  const { table } = entityOf(Thing);
  assert.deepEqual([table.schema, table.name, table.columns[0]!.name], [
    "app",
    "Things",
    "thingId",
  ]);
});

Deno.test("aliases of types are one type, and serials are numbered", () => {
  @Entity()
  class Aliases extends BaseModel {
    @Column({ type: "int" })
    a!: number;
    @Column({ type: "decimal" })
    b!: string;
    @Column({ type: "float" })
    c!: number;
    @Column({ type: "blob" })
    d!: Uint8Array;
    @Column({ type: "serial" })
    e!: Generated<number>;
    @Column({ type: "bigserial" })
    f!: Generated<bigint>;
    @Column({ type: "text", array: true })
    g!: string[];
    @Column({ type: "other", sql: "inet" })
    h!: string;
  }
  const { properties, primaryKey } = entityOf(Aliases);
  assert.deepEqual(properties.map(({ type }) => type.name), [
    "integer",
    "numeric",
    "double",
    "bytes",
    "integer",
    "bigint",
    "text",
    "other",
  ]);
  assert.deepEqual(
    properties.map(({ generated }) => generated),
    [false, false, false, false, true, true, false, false],
  );
  assert.equal(properties[6]!.type.array, true);
  assert.equal(properties[7]!.type.sql, "inet");
  assert.deepEqual(primaryKey, []);
});

Deno.test("an enum is named after its table and column", () => {
  @Entity()
  class Ticket extends BaseModel {
    @Column({ type: "enum", values: ["open", "done"], default: "open" })
    ticketState!: Generated<"open" | "done">;
    @Column({ type: "enum", values: ["x"], enumName: "shared" })
    other!: "x";
  }
  const [state, other] = entityOf(Ticket).properties;
  assert.deepEqual(state!.type, {
    name: "enum",
    values: ["open", "done"],
    enumName: "tickets_ticket_state",
  });
  assert.equal(other!.type.enumName, "shared");
});

Deno.test("keys are numbered, made, or chosen by the caller", () => {
  @Entity()
  class Uuid extends BaseModel {
    @PrimaryKey({ type: "uuid" })
    id!: Generated<string>;
  }
  @Entity()
  class Natural extends BaseModel {
    @PrimaryKey({ type: "char", length: 2, generated: false })
    code!: string;
  }
  @Entity()
  class Composite extends BaseModel {
    @PrimaryKey({ generated: false })
    a!: number;
    @PrimaryKey({ type: "bigint", generated: false })
    b!: bigint;
  }
  const [uuid] = entityOf(Uuid).primaryKey;
  assert.match(String(uuid!.default!()), /^[0-9a-f-]{36}$/);
  assert.notEqual(uuid!.default!(), uuid!.default!());
  const [natural] = entityOf(Natural).primaryKey;
  assert.deepEqual([natural!.generated, natural!.default, natural!.column.identity], [
    false,
    undefined,
    undefined,
  ]);
  assert.deepEqual(entityOf(Composite).table.primaryKey, { columns: ["a", "b"] });
});

Deno.test("defaults are constants, functions or SQL", () => {
  @Entity()
  class Defaults extends BaseModel {
    @Column({ type: "integer", default: 3 })
    a!: Generated<number>;
    @Column({ type: "integer", default: () => 4 })
    b!: Generated<number>;
    @Column({ type: "timestamptz", defaultSql: "now" })
    c!: Generated<Date>;
    @Column({ type: "uuid", defaultSql: "uuid" })
    d!: Generated<string>;
    @Column({ type: "integer", defaultSql: "1 + 1" })
    e!: Generated<number>;
    @Column({ type: "json", default: { dark: true } })
    f!: Generated<{ dark: boolean }>;
    @Column({ type: "integer", generatedAs: "a + b" })
    g!: Generated<number>;
  }
  const [a, b, c, d, e, f, g] = entityOf(Defaults).properties;
  assert.deepEqual(a!.column.default, { kind: "value", value: 3 });
  assert.equal(a!.default!(), 3);
  assert.deepEqual([b!.column.default, b!.default!(), b!.generated], [undefined, 4, false]);
  assert.deepEqual([c!.column.default, c!.default, c!.generated], [
    { kind: "now" },
    undefined,
    true,
  ]);
  assert.deepEqual(d!.column.default, { kind: "uuid" });
  assert.deepEqual(e!.column.default, { kind: "sql", sql: "1 + 1" });
  assert.deepEqual(f!.default!(), { dark: true });
  assert.notEqual(f!.default!(), f!.default!(), "records do not share an object");
  assert.deepEqual([g!.readonly, g!.column.generated], [true, { sql: "a + b", stored: true }]);
});

Deno.test("moments, soft deletion and versions have their roles", () => {
  @Entity()
  class Roles extends BaseModel {
    @CreatedAt()
    createdAt!: Generated<Date>;
    @UpdatedAt({ type: "timestamp", precision: 3, name: "changed" })
    updatedAt!: Generated<Date>;
    @DeletedAt({ index: true })
    deletedAt!: Date | null;
    @Version()
    version!: Generated<number>;
  }
  const { roles, table } = entityOf(Roles);
  assert.ok(roles.createdAt!.default!() instanceof Date);
  assert.deepEqual(roles.createdAt!.column.default, { kind: "now" });
  assert.deepEqual(roles.updatedAt!.column.type, { name: "timestamp", precision: 3 });
  assert.equal(roles.updatedAt!.column.name, "changed");
  assert.equal(roles.deletedAt!.column.nullable, true);
  assert.equal(roles.version!.default!(), 1);
  assert.deepEqual(table.indexes.map(({ name }) => name), ["ix_roles_deleted_at"]);
});

Deno.test("uniques, indexes and checks are collected from fields and class, each once", () => {
  @Entity({
    tableName: "people",
    uniques: [["tenant", "email"], { columns: ["nick"], name: "one_nick" }],
    indexes: [
      { columns: ["tenant", { property: "age", direction: "desc" }], where: "age > 0" },
      { columns: [{ sql: "lower(email)" }], unique: true, method: "btree" },
    ],
    checks: ["age < 200", { sql: "tenant > 0", name: "tenants" }],
  })
  class Person extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @Column({ type: "integer" })
    tenant!: number;
    @Column({ type: "text", unique: true })
    @Unique()
    email!: string;
    @Column({ type: "text" })
    nick!: string;
    @Column({ type: "integer", index: true, check: "age > 0" })
    @Index({ method: "brin", name: "ages" })
    @Check("age <> 13")
    age!: number;
  }
  const { uniques, indexes, checks } = entityOf(Person).table;
  assert.deepEqual(uniques, [
    { name: "uq_people_email", columns: ["email"] },
    { name: "uq_people_tenant_email", columns: ["tenant", "email"] },
    { name: "one_nick", columns: ["nick"] },
  ]);
  assert.deepEqual(indexes, [
    { name: "ix_people_age", parts: [{ column: "age" }], unique: false },
    { name: "ages", parts: [{ column: "age" }], unique: false, method: "brin" },
    {
      name: "ix_people_tenant_age",
      parts: [{ column: "tenant" }, { column: "age", direction: "desc" }],
      unique: false,
      where: "age > 0",
    },
    {
      name: "ix_people_expr",
      parts: [{ sql: "lower(email)" }],
      unique: true,
      method: "btree",
    },
  ]);
  assert.deepEqual(checks, [
    { name: "ck_people_age", sql: "age > 0" },
    { name: "ck_people_age_2", sql: "age <> 13" },
    { name: "ck_people", sql: "age < 200" },
    { name: "tenants", sql: "tenant > 0" },
  ]);
});

Deno.test("children have their parents' columns and hooks, and never change them", () => {
  abstract class Timestamped extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @CreatedAt()
    createdAt!: Generated<Date>;
    @BeforeInsert()
    stamp(): void {}
  }
  abstract class Named extends Timestamped {
    @Column({ type: "text" })
    name!: string;
  }
  @Entity()
  class Team extends Named {
    @Column({ type: "integer" })
    size!: number;
    @AfterInsert()
    cheer(): void {}
  }
  @Entity()
  class Club extends Named {
    @Column({ type: "varchar", length: 20, name: "club_name" })
    override name: string = undefined!;
    @BeforeInsert()
    override stamp(): void {}
    @BeforeInsert()
    second(): void {}
  }
  assert.deepEqual([...entityOf(Team).byColumn.keys()], ["id", "created_at", "name", "size"]);
  assert.deepEqual([...entityOf(Club).byColumn.keys()], ["id", "created_at", "club_name"]);
  assert.deepEqual(entityOf(Team).hooks, { beforeInsert: ["stamp"], afterInsert: ["cheer"] });
  assert.deepEqual(entityOf(Club).hooks, { beforeInsert: ["stamp", "second"] });
  assert.throws(() => entityOf(Named), /Model Named is not registered/);
});
