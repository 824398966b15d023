import assert from "node:assert/strict";
import { compareDecimals, decimalForm } from "./decimal_form.ts";

Deno.test("equal decimals have one form, however they are written", () => {
  for (const one of ["1.5", "1.50", "+1.5", "01.500", "15e-1", "0.15E1", 1.5]) {
    assert.equal(decimalForm(one), "1.5");
  }
  for (const zero of ["0", "-0", "0.00", ".0", "0e7", 0, -0, 0n]) {
    assert.equal(decimalForm(zero), "0");
  }
  assert.equal(decimalForm("1e3"), "1000");
  assert.equal(decimalForm("-120e-4"), "-0.012");
  assert.equal(decimalForm(1e21), "1000000000000000000000");
  assert.equal(decimalForm(-7n), "-7");
});

Deno.test("what is no decimal has no form, nor has what a few characters would blow up", () => {
  for (const none of ["", ".", "-", "1e", "x", "1e9999", true, null]) {
    assert.equal(decimalForm(none), undefined);
  }
});

Deno.test("decimals sort as numbers of any length do", () => {
  const sorted = [
    ...["-Infinity", "-100", "-10.5", "-10.05", "-9", "-0.1", "0", "0.01", "0.1", "0.11", "9"],
    ...["10", "9007199254740992.5", "9007199254740993", "Infinity", "NaN"],
  ];
  assert.deepEqual([...sorted].reverse().sort(compareDecimals), sorted);
});
