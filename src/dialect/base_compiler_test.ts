import assert from "node:assert/strict";
import { deepStrictEqual as equal, throws } from "node:assert/strict";
import {
  alias,
  and,
  binary,
  call,
  column,
  isNull,
  literal,
  not,
  or,
  order,
  select,
  slot,
  table,
  value,
} from "../ast/build.ts";
import type {
  BinaryOperator,
  ExpressionNode,
  LikeNode,
  RootNode,
  SelectNode,
} from "../ast/nodes.ts";
import { Transformer } from "../ast/transformer.ts";
import { columnType } from "../schema/column_type.ts";
import type { TableSchema } from "../schema/table.ts";
import {
  poorCompiler as poor,
  standardCompiler as compiler,
} from "../../tests/support/standard_compiler.ts";

const a = column("a");
const b = column("b");
const c = column("c");
const t = table("t");
const from = (extra: Partial<SelectNode> = {}): SelectNode =>
  select({ selection: [a], from: [t], ...extra });
const sql = (node: RootNode): string => compiler.compile(node).sql;
const expression = (node: ExpressionNode): string =>
  sql(select({ selection: [node], from: [] })).slice("SELECT ".length);
const wire = (node: RootNode): unknown[] =>
  compiler.compile(node).bindings.map(({ dump, value }) => dump ? dump(value) : value);
const op = (left: ExpressionNode, operator: BinaryOperator, right: ExpressionNode) =>
  binary(left, operator, right);
const like = (rest: Partial<LikeNode>): LikeNode => ({
  kind: "Like",
  operand: a,
  pattern: value("50%_\\"),
  match: "pattern",
  insensitive: false,
  negated: false,
  ...rest,
});

const expressions: readonly (readonly [ExpressionNode, string])[] = [
  [column("id", "u"), "u.id"],
  [column("order", "user"), '"user"."order"'],
  [column('we"ird'), '"we""ird"'],
  [column("camelCase"), '"camelCase"'],
  [{ kind: "Star" }, "*"],
  [{ kind: "Star", table: "u" }, "u.*"],
  [value(1), "$1"],
  [{ ...value(1, columnType("integer")), cast: true }, "CAST($1 AS INTEGER)"],
  [slot(3), "$1"],
  [literal("it's"), "'it''s'"],
  [literal(null), "NULL"],
  [literal(true), "TRUE"],
  [literal(5n), "5"],
  [{ kind: "Raw", parts: ["now() - ", ""], nodes: [value(1)] }, "now() - $1"],
  [{ kind: "Identifier", path: ["Big", "t"] }, '"Big".t'],
  [op(a, "is distinct from", b), "a IS DISTINCT FROM b"],
  [op(a, "-", op(b, "-", c)), "a - (b - c)"],
  [op(op(a, "-", b), "-", c), "a - b - c"],
  [op(a, "+", op(b, "*", c)), "a + b * c"],
  [op(op(a, "+", b), "*", c), "(a + b) * c"],
  [op(op(a, "||", b), "||", c), "a || b || c"],
  [op(op(a, "+", b), "||", c), "(a + b) || c"],
  [op(op(a, "=", b), "=", c), "(a = b) = c"],
  [op(a, "=", op(b, "+", c)), "a = b + c"],
  [and([a, or([b, c])]), "a AND (b OR c)"],
  [or([a, and([b, c])]), "a OR b AND c"],
  [or([a, or([b, c])]), "a OR b OR c"],
  [and([]), "TRUE"],
  [or([]), "FALSE"],
  [not(op(a, "=", b)), "NOT (a = b)"],
  [not(a), "NOT a"],
  [{ kind: "Unary", operator: "-", operand: literal(-5) }, "-(-5)"],
  [and([{ kind: "Raw", parts: ["x or y"], nodes: [] }, a]), "(x or y) AND a"],
  [isNull(a), "a IS NULL"],
  [isNull(op(a, "=", b), true), "(a = b) IS NOT NULL"],
  [
    { kind: "Between", operand: a, low: value(1), high: value(2), negated: true },
    "a NOT BETWEEN $1 AND $2",
  ],
  [{ kind: "In", operand: a, source: [value(1), value(2)], negated: false }, "a IN ($1, $2)"],
  [{ kind: "In", operand: a, source: [], negated: false }, "FALSE"],
  [{ kind: "In", operand: a, source: [], negated: true }, "TRUE"],
  [{ kind: "In", operand: a, source: from(), negated: true }, "a NOT IN (SELECT a FROM t)"],
  [
    { kind: "In", operand: a, source: { kind: "ListValue", values: [1, 2] }, negated: false },
    "a IN ($1, $2)",
  ],
  [like({}), "a LIKE $1"],
  [like({ match: "prefix", negated: true }), "a NOT LIKE $1 ESCAPE '\\'"],
  [like({ insensitive: true }), "LOWER(a) LIKE LOWER($1)"],
  [
    like({ match: "suffix", pattern: b }),
    "a LIKE '%' || REPLACE(REPLACE(REPLACE(b, '\\', '\\\\'), '%', '\\%'), '_', '\\_') ESCAPE '\\'",
  ],
  [{ kind: "Exists", query: from(), negated: true }, "NOT EXISTS (SELECT a FROM t)"],
  [{ kind: "Subquery", query: from() }, "(SELECT a FROM t)"],
  [{ kind: "Tuple", items: [a, value(1)] }, "(a, $1)"],
  [call("COUNT", [{ kind: "Star" }]), "COUNT(*)"],
  [call("COUNT", [a], { distinct: true, filter: b }), "COUNT(DISTINCT a) FILTER (WHERE b)"],
  [call("array_agg", [a], { orderBy: [order(b, "desc")] }), "array_agg(a ORDER BY b DESC)"],
  [call("sum", [a], { over: "w" }), "sum(a) OVER w"],
  [
    call("sum", [a], {
      over: {
        kind: "Window",
        partitionBy: [b],
        orderBy: [order(c, "asc", "first")],
        frame: { unit: "rows", start: -2, end: "current row" },
      },
    }),
    "sum(a) OVER (PARTITION BY b ORDER BY c NULLS FIRST ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
  ],
  [
    { kind: "Case", whens: [{ when: a, then: value(1) }], otherwise: value(2) },
    "CASE WHEN a THEN $1 ELSE $2 END",
  ],
  [
    { kind: "Cast", operand: a, type: columnType("varchar", { length: 9 }) },
    "CAST(a AS VARCHAR(9))",
  ],
  [alias(a, "select"), 'a AS "select"'],
  [{ kind: "Excluded", name: "a" }, "excluded.a"],
  [{ kind: "Default" }, "DEFAULT"],
];

for (const [node, text] of expressions) {
  Deno.test(`compile() writes a ${node.kind} as ${text}`, () => {
    equal(expression(node), text);
  });
}

const users: TableSchema = {
  name: "users",
  columns: [
    { name: "id", type: columnType("integer"), nullable: false, identity: "always" },
    {
      name: "name",
      type: columnType("text"),
      nullable: false,
      default: { kind: "value", value: "it's" },
    },
    {
      name: "at",
      type: columnType("timestamptz", { precision: 3 }),
      nullable: true,
      default: { kind: "now" },
    },
    {
      name: "n",
      type: columnType("numeric", { precision: 9, scale: 2 }),
      nullable: true,
      generated: { sql: "id * 2", stored: true },
    },
  ],
  primaryKey: { columns: ["id"] },
  uniques: [{ name: "u", columns: ["name"] }],
  indexes: [],
  checks: [{ name: "c", sql: "id > 0" }],
  foreignKeys: [{ columns: ["id"], table: "other", references: ["id"], onDelete: "set null" }],
};
const jobs = columnType("enum", { values: ["a", "b"], enumName: "job" });

const statements: readonly (readonly [string, RootNode, string])[] = [
  [
    "the spec's query",
    select({
      selection: [column("id"), column("name")],
      from: [table("users")],
      where: op(column("age"), ">", value(18)),
      orderBy: [order(column("name"))],
      limit: literal(10),
    }),
    "SELECT id, name FROM users WHERE age > $1 ORDER BY name LIMIT 10",
  ],
  [
    "groups",
    from({ distinct: true, groupBy: [a], having: b, offset: slot(0) }),
    "SELECT DISTINCT a FROM t GROUP BY a HAVING b OFFSET $1",
  ],
  ["DISTINCT ON", from({ distinct: [a, b] }), "SELECT DISTINCT ON (a, b) a FROM t"],
  [
    "joins",
    from({
      from: [table("t", "x", "s")],
      joins: [
        { kind: "Join", type: "left", source: table("p"), on: a },
        { kind: "Join", type: "cross", source: table("q") },
        {
          kind: "Join",
          type: "inner",
          lateral: true,
          source: { kind: "DerivedTable", query: from(), alias: "d", columns: ["z"] },
          on: literal(true),
        },
      ],
    }),
    "SELECT a FROM s.t x LEFT JOIN p ON a CROSS JOIN q INNER JOIN LATERAL (SELECT a FROM t) AS d (z) ON TRUE",
  ],
  [
    "WITH",
    from({
      with: [{ kind: "With", name: "w", columns: ["n"], query: from(), recursive: true }],
    }),
    "WITH RECURSIVE w (n) AS (SELECT a FROM t) SELECT a FROM t",
  ],
  [
    "set operations from left to right",
    from({
      setOperations: [
        { kind: "SetOperation", operator: "union", all: true, query: from() },
        {
          kind: "SetOperation",
          operator: "intersect",
          all: false,
          query: from({ limit: literal(1) }),
        },
      ],
      orderBy: [order(a)],
    }),
    "(SELECT a FROM t UNION ALL SELECT a FROM t) INTERSECT (SELECT a FROM t LIMIT 1) ORDER BY a",
  ],
  [
    "named windows",
    from({
      windows: [{ name: "w", window: { kind: "Window", partitionBy: [a], orderBy: [] } }],
    }),
    "SELECT a FROM t WINDOW w AS (PARTITION BY a)",
  ],
  [
    "locks",
    from({ lock: { kind: "Lock", strength: "no key update", of: ["t"], wait: "skip locked" } }),
    "SELECT a FROM t FOR NO KEY UPDATE OF t SKIP LOCKED",
  ],
  [
    "an insert",
    {
      kind: "Insert",
      into: table("users"),
      columns: ["name", "email"],
      source: { kind: "Rows", rows: [[value(1), value(2)], [{ kind: "Default" }, value(3)]] },
      overriding: true,
      onConflict: {
        kind: "OnConflict",
        columns: ["email"],
        set: [{ kind: "Assignment", column: "name", value: { kind: "Excluded", name: "name" } }],
        where: a,
      },
      returning: [{ kind: "Star" }],
    },
    "INSERT INTO users (name, email) OVERRIDING SYSTEM VALUE VALUES ($1, $2), (DEFAULT, $3) ON CONFLICT (email) DO UPDATE SET name = excluded.name WHERE a RETURNING *",
  ],
  [
    "an insert of defaults",
    {
      kind: "Insert",
      into: t,
      columns: [],
      source: { kind: "Defaults" },
      onConflict: { kind: "OnConflict", columns: [] },
    },
    "INSERT INTO t DEFAULT VALUES ON CONFLICT DO NOTHING",
  ],
  [
    "an insert from a query",
    { kind: "Insert", into: t, columns: ["a"], source: { kind: "Query", query: from() } },
    "INSERT INTO t (a) SELECT a FROM t",
  ],
  [
    "an update",
    {
      kind: "Update",
      table: table("t", "x"),
      set: [{ kind: "Assignment", column: "a", value: value(1) }],
      from: [table("p")],
      where: b,
      returning: [a],
    },
    "UPDATE t AS x SET a = $1 FROM p WHERE b RETURNING a",
  ],
  [
    "a delete",
    { kind: "Delete", from: t, using: [table("p")], where: a },
    "DELETE FROM t USING p WHERE a",
  ],
  [
    "EXPLAIN",
    { kind: "Explain", statement: from(), analyze: true },
    "EXPLAIN ANALYZE SELECT a FROM t",
  ],
  [
    "CREATE TABLE",
    { kind: "CreateTable", table: users, ifNotExists: true },
    "CREATE TABLE IF NOT EXISTS users (id INTEGER GENERATED ALWAYS AS IDENTITY NOT NULL, name TEXT DEFAULT 'it''s' NOT NULL, at TIMESTAMP(3) WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, n NUMERIC(9, 2) GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id), CONSTRAINT u UNIQUE (name), CONSTRAINT c CHECK (id > 0), FOREIGN KEY (id) REFERENCES other (id) ON DELETE SET NULL)",
  ],
  [
    "DROP TABLE",
    { kind: "DropTable", table: "t", ifExists: true, cascade: true },
    "DROP TABLE IF EXISTS t CASCADE",
  ],
  [
    "CREATE INDEX",
    {
      kind: "CreateIndex",
      table: "t",
      index: {
        name: "i",
        unique: true,
        parts: [{ column: "a", direction: "desc" }, { sql: "lower(b)" }],
        method: "btree",
        where: "a > 0",
      },
      ifNotExists: false,
    },
    "CREATE UNIQUE INDEX i ON t USING btree (a DESC, (lower(b))) WHERE a > 0",
  ],
  [
    "ADD FOREIGN KEY",
    {
      kind: "AddForeignKey",
      table: "t",
      foreignKey: { name: "fk", columns: ["a"], table: "p", references: ["id"] },
    },
    "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id)",
  ],
  ["CREATE TYPE", { kind: "CreateEnum", type: jobs }, "CREATE TYPE job AS ENUM ('a', 'b')"],
  ["DROP TYPE", { kind: "DropEnum", type: jobs, ifExists: true }, "DROP TYPE IF EXISTS job"],
];

for (const [name, node, text] of statements) {
  Deno.test(`compile() writes ${name}`, () => {
    equal(sql(node), text);
  });
  Deno.test(`a transformer that copies every node leaves ${name} as it is`, () => {
    const copy = new Transformer({}, { copy: true }).transform(node);
    assert.notEqual(copy, node);
    equal(sql(copy), text);
    assert.equal(new Transformer().transform(node), node);
  });
}

Deno.test("a value takes the codec of the column that it meets", () => {
  const at = column("at", undefined, columnType("date"));
  const where = and([
    op(at, "=", value(1)),
    op(value(2), "<", at),
    { kind: "In", operand: at, source: [value(3)], negated: false },
    { kind: "Between", operand: at, low: value(4), high: value(5), negated: false },
    op(a, "=", value(6)),
    {
      kind: "In",
      operand: { kind: "Tuple", items: [a, at] },
      source: [{ kind: "Tuple", items: [value(7), value(8)] }],
      negated: false,
    },
  ]);
  const expected = [1, 2, 3, 4, 5].map((n) => `date:${n}`);
  equal(wire(from({ where })), [...expected, "untyped:6", "untyped:7", "date:8"]);
});

Deno.test("a pattern is escaped when it is bound, so that the statement is the same for every value", () => {
  const forms = (["pattern", "prefix", "suffix", "infix"] as const).map((match) =>
    wire(from({ where: like({ match }) }))[0]
  );
  // A last backslash that escapes nothing stands for itself.
  equal(forms, ["50%_\\\\", "50\\%\\_\\\\%", "%50\\%\\_\\\\", "%50\\%\\_\\\\%"]);
});

Deno.test("compile() gives a frozen statement that says what it does to data", () => {
  const statement = compiler.compile(from({ where: op(a, "=", slot(2)) }));
  assert(Object.isFrozen(statement) && Object.isFrozen(statement.bindings));
  equal(statement.bindings.map(({ slot }) => slot), [2]);
  equal(statement.kind, "read");
  equal(compiler.compile(from({ lock: { kind: "Lock", strength: "share" } })).kind, "write");
  equal(compiler.compile({ kind: "Raw", parts: ["x"], nodes: [] }).kind, "unknown");
  equal(compiler.compile({ kind: "Delete", from: t }).kind, "write");
});

Deno.test("compile() refuses what the database cannot do, by name, before any SQL is sent", () => {
  const refused: RootNode[] = [
    from({ distinct: [a] }),
    from({ lock: { kind: "Lock", strength: "update" } }),
    from({ joins: [{ kind: "Join", type: "full", source: t, on: a }] }),
    from({ joins: [{ kind: "Join", type: "inner", lateral: true, source: t, on: a }] }),
    from({ from: [table("t", undefined, "s")] }),
    { kind: "Delete", from: t, returning: [a] },
    { kind: "Delete", from: t, using: [t] },
    { kind: "Update", table: t, set: [{ kind: "Assignment", column: "a", value: b }], from: [t] },
    { kind: "CreateEnum", type: jobs },
    from({ where: { kind: "JsonPath", operand: a, path: ["x"], as: "text" } }),
  ];
  for (const node of refused) {
    throws(() => poor.compile(node), { name: "UnsupportedError", message: /poor has no / });
  }
});

Deno.test("compile() refuses names that could not be names", () => {
  throws(() => expression(column("")), { name: "QueryError" });
  throws(() => expression(column("a\0b")), { name: "QueryError" });
  throws(() => expression(call("lower(x);--", [])), { name: "QueryError" });
  throws(() => expression(value(undefined)), { name: "QueryError", message: /undefined/ });
});

Deno.test("a transformer's handler rewrites every node of its kind, however deep", () => {
  const rename = new Transformer({
    Column: (node) => column(`${node.name}_2`),
    Alias: (node, descend) => ({ ...descend(node), alias: "renamed" }),
  });
  const node = from({
    selection: [alias(call("max", [a]), "m")],
    where: { kind: "Case", whens: [{ when: a, then: { kind: "Subquery", query: from() } }] },
  });
  equal(
    sql(rename.transform(node)),
    "SELECT max(a_2) AS renamed FROM t WHERE CASE WHEN a_2 THEN (SELECT a_2 FROM t) END",
  );
});
