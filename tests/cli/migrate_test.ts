/**
 * The commands of migrations, comparisons and snapshots.
 */
import assert from "node:assert/strict";
import { type Folder, inEveryFolder, sqliteFolder } from "./support.ts";

const names = ["20240101000000_one", "20240102000000_two", "20240103000000_three"];

async function withMigrations(folder: Folder): Promise<void> {
  await folder.run(["init", ...folder.init]);
  for (const [i, name] of names.entries()) {
    await Deno.mkdir(`${folder.path}/migrations/${name}`);
    await folder.write(`migrations/${name}/up.sql`, `CREATE TABLE t${i} (id INTEGER);`);
    await folder.write(`migrations/${name}/down.sql`, `DROP TABLE t${i};`);
  }
}

function told(word: string, ...indexes: number[]): RegExp {
  return new RegExp(`^${indexes.map((i) => `${word} ${names[i]} \\(\\d+ ms\\)\n`).join("")}$`);
}

inEveryFolder("migrate goes up, down, to one, and says what it did", async (folder) => {
  await withMigrations(folder);
  const run = async (...args: string[]) => {
    const { code, out, err } = await folder.run(["migrate", ...args]);
    assert.equal(code, 0, err);
    return out;
  };
  assert.match(await run("up", "two"), told("applied", 0, 1));
  assert.match(await run("up"), told("applied", 2));
  assert.equal(await run("up"), "nothing to apply: the database is up to date\n");
  assert.match(await run("down"), told("reverted", 2));
  assert.match(await run("to", "one"), told("reverted", 1));
  assert.match(await run("to", names[2]!), told("applied", 1, 2));
  assert.match(await run("down", "two"), told("reverted", 2, 1));
  assert.match(await run("up", "--json"), /"20240103000000_three"/);
  assert.match(await run("down", "--count", "2"), told("reverted", 2, 1));
  assert.match(await run("redo"), /^reverted 20240101000000_one .*\napplied 20240101000000_one /);
  assert.match(await run("down", "--all"), told("reverted", 0));
  assert.equal(await run("down"), "nothing to revert: no migration is applied\n");

  assert.equal(
    await run("dry-run", "two"),
    `-- ${names[0]}\nCREATE TABLE t0 (id INTEGER);\n-- ${
      names[1]
    }\nCREATE TABLE t1 (id INTEGER);\n`,
  );
  const [status] = JSON.parse(await run("status", "--json")).migrations;
  assert.deepEqual(status, { name: names[0], state: "pending" });

  assert.equal(
    await run("baseline", "two"),
    `recorded ${names[0]} without running it\nrecorded ${names[1]} without running it\n`,
  );
  assert.match(
    await run("status"),
    /^applied +20240101000000_one +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n/,
  );
  assert.match(await run("forget", "two"), /^forgot 20240102000000_two/);
});

inEveryFolder("migrate squash writes one migration that new databases run", async (folder) => {
  await withMigrations(folder);
  await folder.run(["migrate", "up"]);
  const { code, out, err } = await folder.run(["migrate", "squash", "first"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(out, "wrote 20240103000000_first, which stands for all before it\n");
  assert.deepEqual(await folder.list("migrations"), ["20240103000000_first.ts", "squashed"]);
  assert.match(
    (await folder.run(["migrate", "status"])).out,
    /^applied +20240103000000_first .*\n$/,
  );
  assert.match((await folder.run(["db:reset", "--force"])).out, /\napplied 20240103000000_first /);
  assert.equal((await folder.run(["query", "SELECT id FROM t2"])).out, "(0 rows)\n");
});

inEveryFolder("what went wrong with a migration is told, with the statement", async (folder) => {
  await withMigrations(folder);
  await folder.write(`migrations/${names[1]}/up.sql`, "CREATE TABLE t1 (id INTEGER);\nSELEKT 1;");
  const { code, out, err } = await folder.run(["migrate", "up"]);
  assert.equal(code, 1);
  assert.match(out, told("applied", 0));
  assert.match(err, /^error: Cannot apply 20240102000000_two: /);
  assert.match(err, /SELEKT 1/);
  const status = await folder.run(["migrate", "status", "--check"]);
  assert.equal(status.code, 3);
  assert.match(status.out, /^applied .*\npending .*two\npending .*three\n$/);
});

inEveryFolder("an edited migration is refused until it is accepted", async (folder) => {
  await withMigrations(folder);
  await folder.run(["migrate", "up", "two"]);
  await folder.write(`migrations/${names[0]}/up.sql`, "CREATE TABLE other (id INTEGER);");
  const refused = await folder.run(["migrate", "up"]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /changed after being applied/);
  assert.equal((await folder.run(["migrate", "accept", "one"])).code, 0);
  assert.match((await folder.run(["migrate", "up"])).out, told("applied", 2));
});

Deno.test("migrate refuses wrong words before it does anything", async () => {
  await using folder = await sqliteFolder();
  await withMigrations(folder);
  const cases: [string[], number, RegExp][] = [
    [["down", "--count", "x"], 2, /whole number/],
    [["down", "one", "--all"], 2, /one of them/],
    [["down", "one"], 2, /Migration 20240101000000_one is not applied/],
    [["up", "four"], 1, /Cannot find the migration four/],
    [["to"], 2, /migrate to needs more/],
  ];
  for (const [args, expected, message] of cases) {
    const { code, err } = await folder.run(["migrate", ...args]);
    assert.equal(code, expected, args.join(" "));
    assert.match(err, message);
  }
  assert.match((await folder.run(["migrate", "status"])).out, /^(pending .*\n){3}$/);
});

/** A model of people in a folder of its own, so that it is another class each time. */
async function model(folder: Folder, path: string, fields: string): Promise<void> {
  await Deno.mkdir(`${folder.path}/${path}`, { recursive: true });
  await folder.write(
    `${path}/person.ts`,
    `import { BaseModel, Column, Entity, type Generated, PrimaryKey } from "@rex/orm";

@Entity({ tableName: "people" })
export class Person extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
${fields}}
`,
  );
  await folder.write(`${path}.config.mjs`, config(path));
}

function config(path: string): string {
  return `import { readFileSync } from "node:fs";
const database = JSON.parse(readFileSync(new URL("config.json", import.meta.url), "utf8"));
export default { database, models: "./${path}" };
`;
}

const before = `  @Column({ type: "text" })
  name!: string;
`;
const after = `  @Column({ type: "text" })
  fullName!: string;
`;

async function renamed(folder: Folder): Promise<void> {
  await folder.run(["init", ...folder.init]);
  await model(folder, "before", before);
  await model(folder, "after", after);
  const create = ["migration:create", "--auto", "people", "--config", "before.config.mjs"];
  const { code, err } = await folder.run(create);
  assert.equal(code, 0, err);
  await folder.run(["migrate", "up"]);
  await folder.run(["query", "INSERT INTO people (name) VALUES ('Ada')"]);
}

const create = ["migration:create", "--auto", "full_name", "--config", "after.config.mjs"];

inEveryFolder("a rename is asked for on a terminal, and keeps the values", async (folder) => {
  await renamed(folder);
  const { code, out } = await folder.run(create, { answers: ["y"], env: { NO_COLOR: "1" } });
  assert.equal(code, 0, out);
  assert.match(out, /^Was people\.name renamed to full_name\? \[y\/N\]: \n/);
  assert.match(out, /\nsafe +rename column people\.name to full_name\n/);
  await folder.run(["migrate", "up"]);
  const rows = await folder.run(["query", "SELECT full_name FROM people", "--json"]);
  assert.deepEqual(JSON.parse(rows.out), [{ full_name: "Ada" }]);
  const diff = await folder.run(["migrate:diff", "--check", "--config", "after.config.mjs"]);
  assert.deepEqual([diff.code, diff.out], [0, "no difference\n"]);
});

inEveryFolder("where nobody can be asked, flags decide on renames and loss", async (folder) => {
  await renamed(folder);
  const open = await folder.run(create);
  assert.equal(open.code, 2);
  assert.match(open.err, /--rename people\.name=full_name, or --no-renames/);
  const loss = await folder.run([...create, "--no-renames"]);
  assert.equal(loss.code, 1);
  assert.match(loss.err, /drops the column people\.name and its values/);
  assert.match(loss.err, /hint: give --allow-destructive/);
  assert.equal((await folder.list("migrations")).length, 1);
  const flags = ["--rename", "people.name=full_name", "--sql"];
  assert.equal((await folder.run([...create, ...flags])).code, 0);
  const [, name] = await folder.list("migrations");
  assert.match(await folder.read(`migrations/${name}/up.sql`), /RENAME COLUMN name TO full_name/);
  assert.match(await folder.read(`migrations/${name}/down.sql`), /RENAME COLUMN full_name TO name/);
  for (const way of ["up", "down", "up"]) {
    assert.equal((await folder.run(["migrate", way])).code, 0);
  }
});

inEveryFolder("an answer of no, and the end of the input, write nothing", async (folder) => {
  await renamed(folder);
  const no = await folder.run(create, { answers: ["n", "n"] });
  assert.equal(no.code, 130);
  assert.match(no.err, /Stopped: nothing was written/);
  assert.equal((await folder.run(create, { answers: [] })).code, 130);
  assert.equal((await folder.list("migrations")).length, 1);
});

inEveryFolder("migrate:diff compares models, databases and snapshots", async (folder) => {
  await renamed(folder);
  const after = ["--config", "after.config.mjs"];
  const diff = async (...args: string[]) => await folder.run(["migrate:diff", ...args]);

  const found = await diff("--check", ...after);
  assert.equal(found.code, 3);
  assert.match(found.out, /^destructive +add column people\.full_name\n/);
  assert.match(found.out, /note: maybe a rename: --rename people\.name=full_name\n$/);
  const { steps, renames } = JSON.parse((await diff("--json", ...after)).out);
  assert.equal(steps[0].risk, "destructive");
  assert.match(steps[0].reason, /NOT NULL/);
  assert.deepEqual(renames, ["people.name=full_name"]);
  const flag = ["--rename", "people.name=full_name"];
  assert.match((await diff(...after, ...flag, "--sql")).out, /RENAME COLUMN name TO full_name;\n/);
  assert.match((await diff(...after, ...flag, "--ts")).out, /renameColumn\("name", "full_name"\)/);

  assert.match((await folder.run(["snapshot", "old.json"])).out, /^wrote old\.json: 1 tables\n$/);
  await folder.run(["snapshot", "new.json", "--of", "models", ...after]);
  assert.equal((await diff("--from", "old.json", "--to", "database")).out, "no difference\n");
  assert.match(
    (await diff("--from", "old.json", "--to", "new.json", ...flag)).out,
    /^safe +rename column people\.name to full_name\n$/,
  );
  assert.equal(
    (await diff("--from", "new.json", "--to", "models", ...after)).out,
    "no difference\n",
  );
  const url = folder.init[1] ?? `sqlite:${folder.path}/data/app.db`;
  assert.equal((await diff("--from", "database", "--to", url)).out, "no difference\n");
  assert.equal((await diff("--from", "nowhere.json")).code, 2);
});

Deno.test("migration:create --auto refuses while migrations are pending", async () => {
  await using folder = await sqliteFolder();
  await withMigrations(folder);
  await model(folder, "before", before);
  const { code, err } = await folder.run([
    "migration:create",
    "--auto",
    "x",
    "--config",
    "before.config.mjs",
  ]);
  assert.equal(code, 1);
  assert.match(err, /not up to date: 20240101000000_one \(pending\)/);
});
