import assert from "node:assert/strict";
import { sqliteDialect } from "../../../dialects/sqlite/mod.ts";
import { BaseModel, Column, Entity, entityOf, PrimaryKey } from "../../../model/mod.ts";
import type { LiveShape } from "./live.ts";
import { predicateOf, type ReadValue } from "./predicate.ts";
import { ViewIndex } from "./view_index.ts";

@Entity({ tableName: "index_notes" })
class Note extends BaseModel {
  @PrimaryKey({ generated: false })
  id!: number;
  @Column({ type: "text", nullable: true })
  topic!: string | null;
  @Column({ type: "numeric", nullable: true })
  price!: string | null;
  @Column({ type: "uuid", nullable: true })
  code!: string | null;
  @Column({ type: "integer" })
  stars!: number;
}

const { semantics } = sqliteDialect;

class View {
  constructor(readonly name: string) {}
}

function indexOf(wheres: Record<string, LiveShape>): { index: ViewIndex<View>; views: View[] } {
  const index = new ViewIndex<View>();
  const views = Object.entries(wheres).map(([name, where]) => {
    const view = new View(name);
    index.add(view, predicateOf(entityOf(Note), where, semantics));
    return view;
  });
  return { index, views };
}

function found(index: ViewIndex<View>, row: Record<string, unknown>): string[] {
  const read: ReadValue = ({ name }) => row[name];
  const names: string[] = [];
  index.candidates(read, (view) => names.push(view.name));
  return names.sort();
}

Deno.test("a row finds the views of its values, and those that have none, each once", () => {
  const { index } = indexOf({
    sql: { topic: "sql" },
    list: { topic: { in: ["sql", "js", "sql"] } },
    none: { topic: { in: [] } },
    empty: { topic: null },
    scan: { stars: { gt: 3 } },
    all: {},
  });
  const row = { id: 1, price: null, code: null, stars: 1 };
  assert.deepEqual(found(index, { ...row, topic: "sql" }), ["all", "list", "scan", "sql"]);
  assert.deepEqual(found(index, { ...row, topic: "js" }), ["all", "list", "scan"]);
  assert.deepEqual(found(index, { ...row, topic: null }), ["all", "empty", "scan"]);
});

Deno.test("an unknown value may be any", () => {
  const { index } = indexOf({ sql: { topic: "sql" }, js: { topic: "js" }, one: { id: 1 } });
  assert.deepEqual(found(index, { id: 2 }), ["js", "sql"]);
});

Deno.test("equal values meet however they are written", () => {
  const { index } = indexOf({
    price: { price: "1.50" },
    code: { code: "A0000000-0000-4000-8000-00000000000F" },
  });
  const code = "a0000000-0000-4000-8000-00000000000f";
  assert.deepEqual(found(index, { price: "1.5", code }), ["code", "price"]);
});

Deno.test("a view that is removed is not found, and leaves nothing behind", () => {
  const { index, views } = indexOf({
    one: { topic: "sql" },
    two: { topic: { in: ["sql", "js"] } },
    all: {},
  });
  assert.equal(index.size, 3);
  index.remove(views[0]!);
  assert.deepEqual(found(index, { topic: "sql" }), ["all", "two"]);
  views.forEach((view) => index.remove(view));
  assert.equal(index.size, 0);
  const read: string[] = [];
  index.candidates(({ name }) => void read.push(name), () => assert.fail("found a view"));
  assert.deepEqual(read, []);
});
