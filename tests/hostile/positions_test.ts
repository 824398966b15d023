/**
 * Hostile text at every position of the public API: it is bound as data or refused before anything is sent, and
 * never changes the shape of a statement. A sample of the payloads in `deno task test`, all in `test:soak`.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { targets } from "../targets/databases.ts";
import { Arena, models, type Position } from "./arena.ts";
import { payloads, payloadsFor, seed, soaking } from "./payloads.ts";
import { positions } from "./positions/mod.ts";

const mostFaults = Number(Deno.env.get("REX_FUZZ_FAULTS") ?? 20);

async function attackAll(db: Database): Promise<{ attacks: number; faults: string[] }> {
  const arena = await Arena.open(db);
  const faults: string[] = [];
  let attacks = 0;
  const attack = async (position: Position, text: string) => {
    attacks++;
    try {
      await arena.attack(position, text);
    } catch (error) {
      const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
      faults.push(
        `${position.name} with ${shown}: ${error instanceof Error ? error.message : error}`,
      );
    }
  };
  for (const [number, position] of positions.entries()) {
    for (const text of payloadsFor(number)) await attack(position, text);
    await arena.checkCanaries();
    if (faults.length >= mostFaults) break;
  }
  return { attacks, faults };
}

for (const target of targets) {
  Deno.test(`hostile text is data or refused at every position (${target.name})`, async () => {
    await using opened = await target.open();
    await opened.db.schema.create({ models });
    const { attacks, faults } = await attackAll(opened.db);
    if (soaking) {
      console.log(`${positions.length} positions, ${payloads.length} payloads, ${attacks} attacks`);
    }
    assert.equal(faults.length, 0, `seed ${seed}, ${attacks} attacks:\n${faults.join("\n")}`);
    assert.ok(attacks >= positions.length);
  });
}

Deno.test("the positions have names of their own", () => {
  const names = positions.map(({ name }) => name);
  assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
});
