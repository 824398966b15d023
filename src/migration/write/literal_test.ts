import assert from "node:assert/strict";
import { Callback, callText } from "./literal.ts";

/** Random data with its seed: texts with quotes, ends of lines and long words, names that need quotes. */
function randomData(random: () => number, depth = 0): unknown {
  const int = (most: number) => Math.floor(random() * most);
  const text = () => {
    const words = [
      "a",
      "it's",
      'say "x"',
      "`${y}`",
      "\\",
      "long".repeat(int(30)),
      "käse",
      "\n",
      "\t",
      "😀",
    ];
    return Array.from({ length: int(6) }, () => words[int(words.length)]).join(int(2) ? " " : "");
  };
  const kind = int(depth > 2 ? 6 : 9);
  switch (kind) {
    case 0:
      return int(2) === 0;
    case 1:
      return int(1e6) - 5e5;
    case 2:
      return BigInt(int(1e9));
    case 3:
      return int(20) ? text() : new Date(int(1e12));
    case 4:
      return int(20) ? text() : new Uint8Array([1, 2, int(256)]);
    case 5:
      return int(10) ? text() : null;
    case 6:
      return Array.from({ length: int(5) }, () => randomData(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: int(5) }, () => [
          ["name", "a-b", "class", "größe", "x1", "__proto__", "it's", "1st", ""][int(9)],
          randomData(random, depth + 1),
        ]),
      );
  }
}

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const random = seeded(7);
const calls = Array.from({ length: 400 }, () => {
  const first = `t${"able".repeat(Math.floor(random() * 22))}`;
  return random() < 0.2
    ? [first, randomData(random, 3), randomData(random)]
    : random() < 0.5
    ? [first, randomData(random)]
    : [randomData(random)];
});

Deno.test("callText() writes data that reads back as it was", async () => {
  const text = calls.map((args) => callText("take", args, "")).join("\n");
  const taken: unknown[][] = [];
  const name = `rexTaken${calls.length}`;
  Object.assign(globalThis, { [name]: (...args: unknown[]) => taken.push(args) });
  await import(`data:text/javascript,${encodeURIComponent(`const take = ${name};\n${text}`)}`);
  assert.deepEqual(taken, calls);
});

Deno.test("callText() lays calls out as `deno fmt` does", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    const lines = calls.map((args) => callText("await db.schema.take", args, "    "));
    const inner = (indent: string) =>
      calls.slice(0, 60).map((args) => callText("table.take", args, indent)).join("\n");
    const named = [
      "users",
      "u".repeat(70),
      { name: "users", schema: "app" },
      { name: "u".repeat(60), schema: "a".repeat(30) },
    ].map((name) =>
      callText("await db.schema.alterTable", [name, new Callback("table", inner)], "    ")
    );
    const text = [
      "export default {",
      "  async up(db) {",
      ...lines,
      ...named,
      "  },",
      "} satisfies Migration;",
      "",
    ].join("\n");
    await Deno.writeTextFile(`${folder}/a.ts`, text);
    await Deno.writeTextFile(`${folder}/deno.json`, `{ "fmt": { "lineWidth": 100 } }\n`);
    const { stdout, stderr } = await new Deno.Command("deno", {
      args: ["fmt", "--check", "a.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assert.match(
      decoder.decode(stderr),
      /Checked 1 file/,
      decoder.decode(stderr).slice(0, 4000) + decoder.decode(stdout),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
