import assert from "node:assert/strict";
import { ForbiddenError, QueryError, ValidationError } from "../../../base/errors.ts";
import {
  BaseModel,
  Column,
  DeletedAt,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  PrimaryKey,
} from "../../../model/mod.ts";
import { entityOf } from "../../../model/registry.ts";
import { Policies } from "../../../repository/policy/mod.ts";
import { encode } from "../protocol/wire.ts";
import { clientQuery, type ClientQueryLimits } from "./client_query.ts";
import { clientWrite } from "./client_values.ts";

@Entity({ tableName: "query_writers" })
class Writer extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "text" })
  password!: string;
  @OneToMany(() => Letter, (letter) => letter.writer)
  letters!: Letter[];
}

@Entity({ tableName: "query_letters" })
class Letter extends BaseModel {
  @PrimaryKey({ type: "bigint", generated: false })
  id!: bigint;
  @Column({ type: "smallint", nullable: true })
  pages!: number | null;
  @Column({ type: "text" })
  title!: string;
  @Column({ type: "timestamptz", nullable: true })
  sentAt!: Date | null;
  @Column({ type: "date", nullable: true })
  day!: string | null;
  @Column({ type: "uuid", nullable: true })
  code!: string | null;
  @Column({ type: "numeric", precision: 10, scale: 2, nullable: true })
  price!: string | null;
  @Column({ type: "enum", values: ["new", "old"], nullable: true })
  state!: "new" | "old" | null;
  @Column({ type: "jsonb", nullable: true })
  meta!: Record<string, unknown> | null;
  @Column({ type: "bytes", nullable: true })
  seal!: Uint8Array | null;
  @ManyToOne(() => Writer, (writer) => writer.letters)
  writer!: Writer;
  @DeletedAt()
  deletedAt!: Date | null;
}

const policies = new Policies<{ readonly id: number }>()
  .allow(Letter, { read: ({ id }) => ({ writer: { id } }) })
  .allow(Writer, { read: true, fields: ["id", "name", "letters"] });

function asked(wire: unknown, limits?: ClientQueryLimits): unknown {
  const entity = entityOf(Letter);
  const context = { id: 7 };
  return clientQuery({ entity, wire, policies, context, ...limits && { limits } });
}

function refused(
  text: string,
  message: RegExp,
  kind: typeof QueryError | typeof ForbiddenError = QueryError,
): void {
  assert.throws(() => asked(JSON.parse(text)), (error) => {
    assert.ok(error instanceof kind, `${text}: ${error}`);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /secret|password.*title|title.*password/);
    return true;
  });
}

Deno.test("clientQuery() reads values and puts the policy in", () => {
  const sentAt = new Date(5);
  const wire = JSON.parse(JSON.stringify(encode({
    where: { id: { in: [1n, 2n] }, sentAt: { gte: sentAt }, meta: { contains: { a: [1n] } } },
    orderBy: [{ pages: { direction: "desc", nulls: "last" } }, { writer: { name: "asc" } }],
    select: ["id", "title"],
    include: { writer: { select: ["name"] } },
    limit: 5000,
    offset: 2,
  })));
  assert.deepEqual(asked(wire), {
    where: {
      AND: [
        { id: { in: [1n, 2n] }, sentAt: { gte: sentAt }, meta: { contains: { a: [1n] } } },
        { writer: { id: 7 } },
      ],
    },
    orderBy: [{ pages: { direction: "desc", nulls: "last" } }, { writer: { name: "asc" } }],
    select: ["id", "title"],
    include: { writer: { select: ["name"] } },
    limit: 1000,
    offset: 2,
  });
});

Deno.test("a client's query has only what queries have", () => {
  refused(`5`, /query: it must be an object/);
  refused(`null`, /query: it must be an object/);
  refused(`[]`, /query: it must be an object/);
  refused(`{"having": {}}`, /"having"/);
  refused(`{"cursor": {"id": {"$bigint": "1"}}}`, /"cursor"/);
  refused(`{"strategy": "join"}`, /"strategy"/);
  refused(`{"where": {"nowhere": 1}}`, /"nowhere" in where: Letter has no such name/);
  refused(`{"where": {"__proto__": {"title": "x"}}}`, /"__proto__" in where/);
  refused(`{"where": {"constructor": {}}}`, /"constructor" in where/);
  refused(`{"__proto__": {"where": {}}}`, /"__proto__"/);
  refused(`{"where": {"title": {"matches": "x"}}}`, /"matches" in where.title/);
  refused(`{"where": {"title": {"__proto__": "x"}}}`, /"__proto__" in where.title/);
  refused(`{"where": {"writer": {"is": {"nope": 1}}}}`, /"nope" in where.writer.is/);
  refused(`{"where": {"writer": {"some": {}}}}`, /"some" in where.writer/);
  refused(`{"where": []}`, /where: it must be an object/);
  refused(`{"where": {"AND": [[]]}}`, /where.AND\[0\]: it must be an object/);
  refused(`{"where": {"writer_id": 1}}`, /"writer_id" in where/);
  refused(`{"select": ["nope"]}`, /"nope" in select/);
  refused(`{"select": ["writer_id"]}`, /"writer_id" in select/);
  refused(`{"select": []}`, /select/);
  refused(`{"include": {"title": true}}`, /"title" in include/);
  refused(`{"include": {"writer": {"cursor": {}}}}`, /cursor/);
  refused(`{"include": {"writer": 1}}`, /include.writer: it must be an object/);
  refused(`{"orderBy": {"title": "up"}}`, /orderBy.title/);
  refused(`{"orderBy": {"title": {"by": "asc"}}}`, /orderBy.title/);
  refused(`{"limit": "1"}`, /limit/);
  refused(`{"limit": -1}`, /limit/);
  refused(`{"limit": {"$number": "Infinity"}}`, /limit/);
  refused(`{"offset": 0.5}`, /offset/);
  refused(`{"withDeleted": 1}`, /withDeleted/);
});

Deno.test("a client's values are of the types of their columns", () => {
  const values: readonly (readonly [string, string, RegExp])[] = [
    ["pages", `"5"`, /where.pages: it must be a number/],
    ["pages", `1.5`, /where.pages: it must be a whole number/],
    ["pages", `70000`, /where.pages: it is out of range/],
    ["pages", `{"$number": "NaN"}`, /where.pages: it must be a whole number/],
    ["pages", `[1]`, /where.pages: it must be a number/],
    ["pages", `{"gt": true}`, /where.pages.gt: it must be a number/],
    ["pages", `{"in": 5}`, /where.pages.in: it must be a list/],
    ["pages", `{"in": [1, "secret"]}`, /where.pages.in\[1\]: it must be a number/],
    ["pages", `{"in": [1, null]}`, /where.pages.in\[1\]/],
    ["pages", `{"between": [1]}`, /where.pages.between: it must be a pair/],
    ["pages", `{"like": "x"}`, /where.pages.like/],
    ["pages", `{"isNull": 1}`, /where.pages.isNull/],
    ["pages", `{"gt": null}`, /where.pages.gt/],
    ["pages", `{}`, /where.pages: it has no operator/],
    ["id", `5`, /where.id: it must be a bigint/],
    ["id", `{"$bigint": "99999999999999999999"}`, /where.id: it is out of range/],
    ["id", `{"$bigint": "secret"}`, /where.id: it is no value in wire form/],
    ["title", `5`, /where.title: it must be a string/],
    ["title", `"secret\\u0000"`, /where.title: it has characters/],
    ["title", `"\\ud800"`, /where.title: it has characters/],
    ["title", `{"like": "%s%e%c%r%e%t%%%%%%%"}`, /where.title.like: it has more than 10 wildcards/],
    ["title", `{"startsWith": {"$bigint": "1"}}`, /where.title.startsWith: it must be a string/],
    ["sentAt", `"2024-01-01"`, /where.sentAt: it must be a Date/],
    ["sentAt", `{"$date": null}`, /where.sentAt: it must be a Date/],
    ["sentAt", `{"$date": [1, 5000]}`, /where.sentAt: it is no value in wire form/],
    ["day", `"2024-02-31"`, /where.day: it is no day/],
    ["day", `"secret"`, /where.day: it must be a date/],
    ["code", `"secret"`, /where.code: it must be a UUID/],
    ["price", `"1e5"`, /where.price: it must be a decimal/],
    ["price", `1.5`, /where.price: it must be a string/],
    ["state", `"secret"`, /where.state: it is none of the values/],
    ["meta", `"secret"`, /where.meta/],
    [
      "meta",
      `{"contains": {"a": {"$number": "NaN"}}}`,
      /where.meta.contains: it must be a value that JSON/,
    ],
    ["seal", `"AQ=="`, /where.seal: it must be a Uint8Array/],
    ["writer", `{"id": "secret"}`, /where.writer.id: it must be a number/],
  ];
  for (const [name, value, message] of values) refused(`{"where": {"${name}": ${value}}}`, message);
});

Deno.test("what may not be read is forbidden wherever it is named", () => {
  const places = [
    `{"where": {"writer": {"password": "a"}}}`,
    `{"where": {"writer": {"isNot": {"OR": [{"password": {"gt": "a"}}]}}}}`,
    `{"orderBy": {"writer": {"password": "asc"}}}`,
    `{"include": {"writer": {"select": ["password"]}}}`,
    `{"include": {"writer": {"where": {"password": {"startsWith": "a"}}}}}`,
    `{"include": {"writer": {"include": {"letters": {"where": {"writer": {"password": "a"}}}}}}}`,
  ];
  for (const text of places) {
    refused(text, /password of Writer in .*: it may not be read/, ForbiddenError);
  }
  refused(`{"withDeleted": true}`, /deleted/, ForbiddenError);
  const nobody = new Policies();
  assert.throws(
    () => clientQuery({ entity: entityOf(Letter), wire: {}, policies: nobody, context: {} }),
    ForbiddenError,
  );
  const keyless = new Policies().allow(Letter, { read: true, fields: ["title"] });
  assert.throws(
    () => clientQuery({ entity: entityOf(Letter), wire: {}, policies: keyless, context: {} }),
    /id of Letter in select: it may not be read/,
  );
});

Deno.test("a client's query is bounded in depth, parts, texts and relations", () => {
  let deep = `{}`;
  for (let i = 0; i < 5000; i++) deep = `{"AND": [${deep}]}`;
  refused(`{"where": ${deep}}`, /levels deep/);
  refused(`{"where": {"id": {"in": [${"1,".repeat(3000)}1]}}}`, /more than 2000 parts/);
  refused(`{"where": {"title": "${"x".repeat(100_001)}"}}`, /longer than/);
  const or = Array(30).fill(`{"writer": {"id": 1}}`).join();
  refused(`{"where": {"OR": [${or}]}}`, /more than 20 relations/);
  assert.throws(() => asked({ where: { title: "xxx" } }, { text: 2 }), /longer than 2/);
  assert.equal((asked({ limit: 7 }, { maxLimit: 3 }) as { limit: number }).limit, 3);
});

Deno.test("clientWrite() reads keys and values, and tells what is wrong with all of them", () => {
  const entity = entityOf(Letter);
  const key = { id: { $bigint: "5" } };
  assert.deepEqual(
    clientWrite({ entity, key, values: { title: "x", pages: null, sentAt: { $date: 5 } } }),
    {
      key: { id: 5n },
      values: { title: "x", pages: null, sentAt: new Date(5) },
    },
  );
  assert.deepEqual(clientWrite({ entity }), { key: {}, values: {} });
  for (
    const wrong of [5, [], {}, { id: 5 }, { id: null }, { id: { $bigint: "5" }, x: 1 }, {
      title: "x",
    }]
  ) {
    assert.throws(() => clientWrite({ entity, key: wrong }), QueryError);
  }
  for (const wrong of [5, [], { nope: 1 }, { writer: { create: {} } }, { writer_id: 1 }]) {
    assert.throws(() => clientWrite({ entity, values: wrong }), QueryError);
  }
  assert.throws(
    () => clientWrite({ entity, values: { pages: "x", day: "secret", title: "" } }),
    (error) => {
      assert.ok(error instanceof ValidationError);
      assert.deepEqual(error.issues, [
        { path: ["pages"], message: "must be a number" },
        { path: ["day"], message: "must be a date, YYYY-MM-DD" },
      ]);
      return true;
    },
  );
});
