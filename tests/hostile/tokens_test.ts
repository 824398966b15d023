import assert from "node:assert/strict";
import { shapeOf, tokensOf } from "./tokens.ts";

Deno.test("shapeOf() tells statements apart that differ in more than names and values", () => {
  const shape = (sql: string) => shapeOf(sql, ["benign"]);
  const one = shape("SELECT benign FROM t WHERE a = $1 AND b = 'x'");
  assert.equal(one, shape(`SELECT "x""; --" FROM t WHERE a = ?  AND b = 'it''s'`));
  assert.notEqual(one, shape("SELECT benign FROM t WHERE a = $1 AND b = 'x' OR 1 = 1"));
  assert.notEqual(one, shape("SELECT benign FROM t WHERE a = $1 AND b = 'x' -- c"));
  assert.notEqual(one, shape("SELECT benign FROM t WHERE a = $1 AND b = x"));
  assert.notEqual(one, shape("SELECT benign FROM t WHERE a = $1 AND b = ''; DROP TABLE t"));
});

Deno.test("tokensOf() knows where quotes and comments end", () => {
  const kinds = (sql: string) => tokensOf(sql).map(({ kind }) => kind).join();
  assert.equal(
    kinds(`'a''b' "c""d" E'e\\'f' $$ ' $$ $x$ $$ $x$ x'00' U&'\\0041'`),
    "text,quoted,text,text,text,text,text",
  );
  assert.equal(kinds("'\\' OR 1"), "text,word,number");
  assert.equal(
    kinds("-- a\nb /* c */ 1.5 $1 ?2 ->>"),
    "comment,word,comment,number,placeholder,placeholder,sign",
  );
});
