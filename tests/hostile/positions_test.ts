/**
 * Hostile text at every position of the public API: it is bound as data or refused before anything is sent, and
 * never changes the shape of a statement. A sample of the payloads in `deno task test`, all in `test:soak`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { targets } from "../targets/databases.ts";
import { Arena, models, type Position } from "./arena.ts";
import { payloads, payloadsFor, seed, soaking } from "./payloads.ts";
import { positions } from "./positions/mod.ts";

const mostFaults = Number(Deno.env.get("REX_SOAK_FAULTS") ?? 20);

/** The databases under attack, by name. */
type Arenas = ReadonlyMap<string, Arena>;

async function openAll(stack: AsyncDisposableStack): Promise<Arenas> {
  const arenas = new Map<string, Arena>();
  for (const target of targets) {
    const { db } = stack.use(await target.open());
    await db.schema.create({ models });
    arenas.set(target.name, await Arena.open(db));
  }
  return arenas;
}

function fault(place: string, text: string, error: unknown): string {
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  return `${place} with ${shown}: ${error instanceof Error ? error.message : error}`;
}

/** Puts its payloads at a position, on every database. */
async function attackAt(arenas: Arenas, number: number): Promise<string[]> {
  const position = positions[number] as Position;
  const faults: string[] = [];
  for (const [name, arena] of arenas) {
    for (const text of payloadsFor(number)) {
      try {
        await arena.attack(position, text);
      } catch (error) {
        faults.push(fault(`${position.name} on ${name}`, text, error));
      }
    }
    await arena.checkCanaries();
  }
  return faults;
}

Deno.test("hostile text is bound as data or refused at every position", async () => {
  await using stack = new AsyncDisposableStack();
  const arenas = await openAll(stack);
  const faults: string[] = [];
  for (const number of positions.keys()) {
    faults.push(...await attackAt(arenas, number));
    if (faults.length >= mostFaults) break;
  }
  const attacks = [...arenas.values()].reduce((sum, arena) => sum + arena.attacks, 0);
  if (soaking) {
    console.log(`${positions.length} positions, ${payloads.length} payloads, ${attacks} attacks`);
  }
  assert.equal(faults.length, 0, `seed ${seed}, ${attacks} attacks:\n${faults.join("\n")}`);
  assert.ok(attacks >= positions.length);
});

Deno.test("the positions have names of their own", () => {
  const names = positions.map(({ name }) => name);
  assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
});
