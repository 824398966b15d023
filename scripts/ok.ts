/**
 * The gate: everything that a change has to pass, the quick steps first. It stops at the first
 * failure and shows its output.
 *
 * ```
 * deno task ok            everything
 * deno task ok --fast     all but the tests
 * ```
 *
 * @module
 */

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

const STEPS: readonly Step[] = [
  { name: "fmt", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "check", args: ["task", "check"] },
  { name: "layers", args: ["task", "layers"] },
  { name: "doclint", args: ["task", "doclint"] },
  // Types were checked two steps earlier.
  { name: "publish", args: ["publish", "--dry-run", "--allow-dirty", "--no-check"] },
];
const TESTS: Step = { name: "test", args: ["task", "test", "--no-check"] };

async function run(step: Step): Promise<boolean> {
  const start = performance.now();
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [...step.args],
    stdin: "null",
  }).output();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout);
  if (!success) console.log(decoder.decode(stderr) + output);
  const lastLine = output.trimEnd().split("\n").at(-1) ?? "";
  const detail = step === TESTS ? `  ${lastLine}` : "";
  console.log(`${success ? "✓" : "✗"} ${step.name.padEnd(8)} ${seconds.padStart(6)} s${detail}`);
  return success;
}

async function main(): Promise<void> {
  const steps = Deno.args.includes("--fast") ? STEPS : [...STEPS, TESTS];
  for (const step of steps) if (!await run(step)) Deno.exit(1);
}

await main();
