import assert from "node:assert/strict";
import { DataError } from "../../../base/errors.ts";
import { parseRecords } from "./record_text.ts";

Deno.test("rows are read as PostgreSQL writes them", () => {
  const text = String.raw`(1,,"",a b"c)`.replace('a b"c', String.raw`"a ""b"" \\ ,(c)"`) +
    '("\n",t,"{""x y"",NULL}",-1)';
  const records = parseRecords(text);
  assert.deepEqual(records.map(({ values }) => values), [
    ["1", null, "", String.raw`a "b" \ ,(c)`],
    ["\n", "t", '{"x y",NULL}', "-1"],
  ]);
  assert.equal(records.map((record) => record.text).join(""), text);
  assert.deepEqual(parseRecords("()")[0]?.values, [null]);
  assert.deepEqual(parseRecords('("""",""",")')[0]?.values, ['"', '",']);
});

Deno.test("text that is no row is a DataError", () => {
  for (const text of ["x", "(1", '("a', "(1)x", '("a"b)']) {
    assert.throws(() => parseRecords(text), DataError, text);
  }
});
