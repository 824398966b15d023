import assert from "node:assert/strict";
import { binary, column, literal, select, slot, table, value } from "../ast/build.ts";
import { constant } from "../ast/constant.ts";
import type { ExpressionNode, RootNode, SelectNode } from "../ast/nodes.ts";
import { columnType } from "../schema/column_type.ts";
import { shapeOf, withSlots } from "./node_shape.ts";

const integer = columnType("integer");

function people(where: ExpressionNode, more: Partial<SelectNode> = {}): SelectNode {
  return select({
    selection: [column("id", "p", integer)],
    from: [table("people", "p")],
    where,
    ...more,
  });
}

function older(age: unknown, type = integer): ExpressionNode {
  return binary(column("age", "p"), ">", value(age, type));
}

function withNote(note: unknown): ExpressionNode {
  return Object.assign({ ...older(1) }, { note });
}

function keyOf(node: RootNode): string {
  const shape = shapeOf(node);
  assert.ok(shape);
  return shape.key;
}

Deno.test("queries that differ only in values have one shape", () => {
  const [first, second] = [shapeOf(people(older(18))), shapeOf(people(older(21)))];
  assert.equal(first?.key, second?.key);
  assert.deepEqual([first?.values, second?.values], [[18], [21]]);
  assert.equal(keyOf(people(older(18))), keyOf(people(older(null))));
});

Deno.test("queries that differ in anything else have different shapes", () => {
  const keys = [
    people(older(18)),
    people(older(18, columnType("bigint"))),
    people(older("18", columnType("text"))),
    people(binary(column("age", "p"), "<", value(18, integer))),
    people(binary(column("age"), ">", value(18, integer))),
    people(binary(column("age", "p"), ">", literal(18))),
    people(binary(column("age", "p"), ">", literal("18"))),
    people(
      binary(column("age", "p"), ">", { ...value(18, integer), cast: true } as ExpressionNode),
    ),
    people(older(18), { limit: value(1n) }),
    people(older(18), { limit: value(2n) }),
    people(older(18), { limit: value(1000n) }),
    people(older(18), { offset: value(1n) }),
    people(older(18), { distinct: true }),
    people(older(18), { selection: [] }),
    people(older(18), { selection: constant([]) }),
    people(older(18), { selection: constant([]) }),
  ].map(keyOf);
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("a text of a query cannot be taken for its end", () => {
  const one = people(binary(literal("a"), "=", literal("b")));
  const other = people(binary(literal("a5'right"), "=", literal("b")));
  assert.notEqual(keyOf(one), keyOf(other));
});

Deno.test("small limits are known to the database, larger ones are values", () => {
  const small = people(older(18), { limit: value(5n) });
  assert.deepEqual(shapeOf(small)?.values, [18]);
  assert.deepEqual((withSlots(small) as SelectNode).limit, literal(5));
  const large = people(older(18), { limit: value(5000n) });
  assert.deepEqual(shapeOf(large)?.values, [18, 5000n]);
  assert.deepEqual((withSlots(large) as SelectNode).limit, { kind: "Slot", index: 1 });
});

Deno.test("what cannot be compared has no shape", () => {
  assert.equal(shapeOf(people(older(undefined))), undefined);
  assert.equal(shapeOf(people(binary(column("age"), "=", slot(0, integer)))), undefined);
  assert.equal(shapeOf(people(withNote(new Date()))), undefined);
  assert.equal(shapeOf(people(withNote(() => 1))), undefined);
  const many = people({
    kind: "In",
    operand: column("age"),
    source: Array.from({ length: 101 }, (_, i) => value(i)),
    negated: false,
  });
  assert.equal(shapeOf(many), undefined);
  assert.equal(
    shapeOf({ kind: "Explain", statement: people(older(1)), analyze: false }),
    undefined,
  );
});

Deno.test("withSlots() numbers values in the shape's order and keeps what holds none", () => {
  const list = { kind: "ListValue", values: [1, 2], type: integer } as const;
  const node = people({
    kind: "Logical",
    operator: "and",
    operands: [
      older(18),
      { kind: "In", operand: column("id"), source: list, negated: false },
      binary(column("name"), "=", { ...value("Ada"), cast: true } as ExpressionNode),
    ],
  });
  assert.deepEqual(shapeOf(node)?.values, [18, [1, 2], "Ada"]);
  const slotted = withSlots(node) as SelectNode;
  assert.equal(slotted.selection, node.selection);
  assert.deepEqual(slotted.where, {
    kind: "Logical",
    operator: "and",
    operands: [
      binary(column("age", "p"), ">", slot(0, integer)),
      {
        kind: "In",
        operand: column("id"),
        source: { kind: "ListValue", values: { slot: 1 }, type: integer },
        negated: false,
      },
      binary(column("name"), "=", { kind: "Slot", index: 2, cast: true }),
    ],
  });
});
