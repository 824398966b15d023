/**
 * How long random tests run: a few fixed seeds in `deno task test`; new ones for a time in `deno task test:soak`.
 *
 * - `REX_SOAK_SECONDS`: for so long, each of them (300 in a soak)
 * - `REX_SOAK_SEED`: from this seed on (1 in the short form, another each day in a soak)
 * - `REX_SOAK_FAULTS`: after so many faults they stop (5)
 *
 * @module
 */

/** Whether this is a soak. */
export const soaking: boolean = Deno.env.get("REX_SOAK") !== undefined;
const seconds = number("REX_SOAK_SECONDS") ?? (soaking ? 300 : 0);
const firstSeed = number("REX_SOAK_SEED") ?? (soaking ? dayOfNow() * 10_000 : 1);

/** After so many faults a run ends. */
export const mostFaults: number = number("REX_SOAK_FAULTS") ?? 5;

function number(name: string): number | undefined {
  const given = Deno.env.get(name);
  return given ? Number(given) : undefined;
}

function dayOfNow(): number {
  return Math.floor(Date.now() / 86_400_000);
}

/** The seeds to run: `count` of them, or as many as there is time for. */
export function* seeds(count: number): Generator<number> {
  const end = performance.now() + seconds * 1000;
  let seed = firstSeed;
  for (; seconds > 0 ? performance.now() < end : seed < firstSeed + count; seed++) yield seed;
  if (seconds > 0) console.log(`seeds ${firstSeed} to ${seed - 1}`);
}
