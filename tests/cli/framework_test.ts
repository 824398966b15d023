/**
 * What all commands have in common: help, mistakes, exit codes, colours, JSON.
 */
import assert from "node:assert/strict";
import { parseArguments } from "../../src/cli/arguments.ts";
import { commands } from "../../src/cli/registry.ts";
import { runCli, spawnCli, sqliteFolder } from "./support.ts";

const here = Deno.cwd();

Deno.test("every command says how it is used, with examples that its own options allow", async () => {
  for (const entry of commands) {
    const { default: command } = await entry.load();
    const { code, out } = await runCli(here, [...entry.name.split(" "), "--help"]);
    assert.equal(code, 0, entry.name);
    assert.match(out, new RegExp(`^rex-orm ${entry.name}: `));
    assert(out.includes(`usage: rex-orm ${command.usage}`), entry.name);
    assert(command.usage.startsWith(entry.name), entry.name);
    assert(command.examples.length > 0, entry.name);
    for (const example of command.examples) {
      assert(out.includes(`rex-orm ${example}`), entry.name);
      const words = wordsOf(example);
      if (words[0] === "--version") continue;
      const name = entry.name.split(" ");
      assert.deepEqual(words.slice(0, name.length), name);
      parseArguments(entry.name, command, words.slice(name.length));
    }
  }
});

/** The words of a line, as a shell parts them; what is redirected is left out. */
function wordsOf(line: string): string[] {
  const text = line.replace(/ > .*$/, "");
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, plain]) => double ?? single ?? plain ?? "");
}

Deno.test("help lists every command, and says the same as --help", async () => {
  const list = await runCli(here, ["help"]);
  assert.equal(list.code, 0);
  assert.equal((await runCli(here, ["--help"])).out, list.out);
  for (const { name, summary } of commands) {
    assert.match(list.out, new RegExp(`^  ${name} +${summary.replace(/[.*+?()]/g, "\\$&")}$`, "m"));
  }
  const [one, other] = [
    await runCli(here, ["help", "migrate", "up"]),
    await runCli(here, ["migrate", "up", "-h"]),
  ];
  assert.equal(one.out, other.out);
  assert.match((await runCli(here, ["help", "migrate"])).out, /migrate down/);
});

Deno.test("no command at all, or half of one, prints help and ends with 2", async () => {
  const nothing = await runCli(here, []);
  assert.equal(nothing.code, 2);
  assert.match(nothing.out, /usage: rex-orm COMMAND/);
  const half = await runCli(here, ["migrate"]);
  assert.equal(half.code, 2);
  assert.match(half.out, /migrate status/);
  assert.equal((await runCli(here, ["migrate", "--help"])).code, 0);
});

Deno.test("what is mistyped is refused with 2 and the nearest name", async () => {
  const cases: [string[], RegExp][] = [
    [["migrat", "up"], /there is no command migrat\n {2}hint: did you mean `rex-orm migrate up`\?/],
    [["migrate", "upp"], /no command migrate upp\n {2}hint: did you mean `rex-orm migrate up`\?/],
    [["generate-model"], /did you mean `rex-orm generate:model`\?/],
    [["help", "quary"], /did you mean `rex-orm help query`\?/],
    [["migrate", "up", "--jsno"], /has no option --jsno\n {2}hint: did you mean --json\?/],
    [["migrate", "up", "-x"], /has no option -x/],
    [["query", "--format"], /--format needs a value/],
    [["migrate", "status", "--check=1"], /--check takes no value/],
    [["migration:create"], /migration:create needs more: rex-orm migration:create NAME/],
    [["doctor", "now"], /doctor takes no "now"/],
    [["xyzzy"], /`rex-orm --help` lists the commands/],
  ];
  for (const [args, message] of cases) {
    const { code, out, err } = await runCli(here, args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "");
    assert.match(err, message);
  }
});

Deno.test("commands of later versions are unknown, not pretended", async () => {
  for (const name of ["graphql:generate", "plugin:add"]) {
    assert.equal((await runCli(here, [name])).code, 2);
  }
});

Deno.test("with --json standard output is one JSON document, also when a command fails", async () => {
  await using folder = await sqliteFolder();
  const failed = await folder.run(["migrate", "up", "--json"]);
  assert.equal(failed.code, 1);
  assert.equal(failed.err, "");
  const { error } = JSON.parse(failed.out);
  assert.equal(error.code, "REX_CONFIG");
  assert.match(error.hint, /rex-orm init/);
  assert.equal(JSON.parse((await folder.run(["nothing", "--json"])).out).error.code, "REX_USAGE");
  assert.deepEqual(JSON.parse((await folder.run(["init", "--json"])).out), {
    made: ["config.json", "models/", "migrations/"],
    kept: [],
  });
});

Deno.test("colours are for terminals, and not where NO_COLOR is set", async () => {
  await using folder = await sqliteFolder();
  const colour = /\p{Cc}\[3/u;
  assert.match((await folder.run(["nothing"], { answers: [] })).err, colour);
  assert.doesNotMatch((await folder.run(["nothing"])).err, colour);
  const plain = { answers: [], env: { NO_COLOR: "1" } };
  assert.doesNotMatch((await folder.run(["nothing"], plain)).err, colour);
  assert.match((await folder.run(["nothing"], { env: { FORCE_COLOR: "1" } })).err, colour);
});

Deno.test("version is that of deno.json", async () => {
  const { version } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  assert.equal((await runCli(here, ["version"])).out, `${version}\n`);
  assert.equal((await runCli(here, ["--version"])).out, `${version}\n`);
});

Deno.test("completions know every command and option", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await runCli(here, ["completions", shell]);
    assert.equal(code, 0);
    for (const { name, load } of commands) {
      for (const word of name.split(" ")) {
        assert(out.includes(word) || out.includes(word.replace(":", "\\:")), `${shell}: ${word}`);
      }
      for (const option of Object.keys((await load()).default.options)) {
        assert(out.includes(option), `${shell}: --${option}`);
      }
    }
  }
  assert.equal((await runCli(here, ["completions", "cmd"])).code, 2);
});

Deno.test("a process of its own ends with the command's code, on a pipe without colours", async () => {
  await using folder = await sqliteFolder();
  const help = await spawnCli(folder.path, ["--help"]);
  assert.deepEqual([help.code, help.err], [0, ""]);
  assert.equal(help.out, (await folder.run(["--help"])).out);
  assert.equal((await spawnCli(folder.path, ["nothing"])).code, 2);
  const failed = await spawnCli(folder.path, ["migrate", "up"]);
  assert.equal(failed.code, 1);
  assert.match(failed.err, /^error: Cannot tell which database/);
});
