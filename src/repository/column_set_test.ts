import assert from "node:assert/strict";
import { BaseModel, Column, Entity, PrimaryKey } from "../model/mod.ts";
import { entityOf } from "../model/registry.ts";
import { ColumnSets, type Values, valuesIn } from "./column_set.ts";

@Entity({ tableName: "wide" })
class Wide extends BaseModel {
  @PrimaryKey()
  id!: number;
  @Column({ type: "integer", nullable: true })
  a!: number | null;
  @Column({ type: "integer", nullable: true })
  b!: number | null;
  @Column({ type: "integer", nullable: true })
  c!: number | null;
}

Deno.test("the same columns are the same set, whatever their values", () => {
  const sets = new ColumnSets(entityOf(Wide));
  const first = sets.of([undefined, 1, undefined, null]);
  assert.deepEqual(first.places, [1, 3]);
  assert.deepEqual(first.properties.map((each) => each.name), ["a", "c"]);
  assert.equal(sets.of([undefined, 2, undefined, 3]), first);
  assert.notEqual(sets.of([undefined, 2, 3, undefined]), first);
  assert.deepEqual(valuesIn(first, [9, 2, 9, 3]), [2, 3]);
  assert.deepEqual(sets.of([undefined, undefined, undefined, undefined]).places, []);
});

Deno.test("of very many sets the old ones are forgotten, and no two have the same key", () => {
  const sets = new ColumnSets(entityOf(Wide));
  const keys = new Set<string>();
  for (let bits = 0; bits < 1_200; bits++) {
    const values: Values = Array.from({ length: 11 }, (_, i) => bits >> i & 1 ? 1 : undefined);
    keys.add(sets.of(values).key);
  }
  assert.equal(keys.size, 1_200);
  const again = sets.of(new Array(11).fill(undefined));
  assert.ok(!keys.has(again.key));
  assert.equal(sets.of(new Array(11).fill(undefined)), again);
});
