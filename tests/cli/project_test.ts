/**
 * From an empty folder to a project: `init`, configuration, models, migrations.
 */
import assert from "node:assert/strict";
import { inEveryFolder, sqliteFolder } from "./support.ts";

inEveryFolder("an empty folder becomes a working project", async (folder) => {
  const { init } = folder;
  const steps = [
    ["init", ...init],
    ["generate:model", "User", "name:varchar(255)", "email:text!", "age:integer?", "posts:Post[]"],
    ["generate:model", "Post", "title:text", "views:integer=0", "user:User"],
    ["migration:create", "--auto", "create_users"],
    ["migrate", "up"],
  ];
  for (const args of steps) {
    const { code, err } = await folder.spawn(args);
    assert.deepEqual([code, err], [0, ""], args.join(" "));
  }
  const [migration = ""] = await folder.list("migrations");
  assert.match(migration, /^\d{14}_create_users\.ts$/);

  await folder.write(
    "seed.ts",
    `import type { Scope } from "@rex/orm";
import { User } from "./models/user.ts";

export default async function seed(db: Scope): Promise<void> {
  await db.repository(User).create({
    name: "Ada",
    email: "ada@example.org",
    posts: { create: [{ title: "Notes on the engine" }] },
  });
}
`,
  );
  const seeded = await folder.spawn(["db:seed"]);
  assert.match(seeded.out, /^seeded with seed\.ts \(\d+ ms\)\n$/, seeded.err);
  const query = `User {"where": {"name": "Ada"}, "include": {"posts": true}}`;
  const { out } = await folder.spawn(["query", query, "--json"]);
  const [ada] = JSON.parse(out);
  assert.equal(ada.email, "ada@example.org");
  assert.deepEqual([ada.posts[0].title, ada.posts[0].views], ["Notes on the engine", 0]);

  const doctor = await folder.spawn(["doctor", "--json"]);
  const { checks } = JSON.parse(doctor.out);
  assert.equal(doctor.code, 0, doctor.out);
  assert.deepEqual(
    checks.map(({ check, state }: { check: string; state: string }) => `${check} ${state}`),
    [
      "versions ok",
      "configuration ok",
      "permissions ok",
      "connection ok",
      "migrations ok",
      "drift ok",
      "foreign keys ok",
    ],
  );
});

Deno.test("init makes the specification's configuration and never overwrites", async () => {
  await using folder = await sqliteFolder();
  const { code, out } = await folder.run(["init"]);
  assert.equal(code, 0);
  assert.match(out, /^made config\.json\nmade models\/\nmade migrations\/\nNext: /);
  assert.deepEqual(JSON.parse(await folder.read("config.json")), {
    database: "sqlite",
    databasePath: "./data/app.db",
  });
  await folder.write("config.json", "{}");
  const again = await folder.run(["init"]);
  assert.equal(again.code, 0);
  assert.match(again.out, /kept config\.json, which was there/);
  assert.equal(await folder.read("config.json"), "{}");
});

Deno.test("init keeps a password out of the file", async () => {
  await using folder = await sqliteFolder();
  const { out } = await folder.run([
    "init",
    "--url",
    "postgres://app:s3cret@db.internal:5433/shop",
  ]);
  assert.match(out, /REX_PASSWORD/);
  assert.doesNotMatch(out + await folder.read("config.json"), /s3cret/);
  assert.deepEqual(JSON.parse(await folder.read("config.json")), {
    database: "postgres",
    host: "db.internal",
    port: 5433,
    user: "app",
    databaseName: "shop",
  });
});

Deno.test("init asks for a deno.json only on a terminal, and writes one when asked to", async () => {
  await using folder = await sqliteFolder();
  const asked = await folder.run(["init"], { answers: ["n"] });
  assert.match(asked.out, /Write a deno\.json .*\[y\/N\]/);
  assert.deepEqual(await folder.list("."), ["config.json", "migrations", "models"]);
  await folder.run(["init", "--imports"]);
  const { imports, tasks } = JSON.parse(await folder.read("deno.json"));
  assert.match(imports["@rex/orm"], /mod\.ts$/);
  assert.doesNotMatch(tasks["rex-orm"], /-A\b|--allow-all|--allow-run/);
  const ran = await new Deno.Command("deno", {
    args: ["run", "--no-prompt", "--allow-read", "--allow-env", "@rex/orm/cli", "version"],
    cwd: folder.path,
  }).output();
  assert.match(new TextDecoder().decode(ran.stdout), /^\d+\.\d+\.\d+\n$/);
});

Deno.test("rex.config.ts is typed, has environments, and places folders", async () => {
  await using folder = await sqliteFolder();
  await folder.run(["init", "--ts"]);
  assert.match(await folder.read("rex.config.ts"), /defineConfig/);
  await folder.write(
    "rex.config.ts",
    `import { defineConfig } from "@rex/orm";
export default defineConfig({
  database: { database: "sqlite", databasePath: "one.db" },
  environments: { test: "sqlite:two.db" },
  migrations: "./changes",
});
`,
  );
  await folder.run(["migration:create", "first", "--sql"]);
  const [name] = await folder.list("changes");
  await folder.write(`changes/${name}/up.sql`, "CREATE TABLE a (id INTEGER)");
  assert.equal((await folder.run(["migrate", "up", "--env", "test"])).code, 0);
  const status = await folder.run(["migrate", "status", "--check"]);
  assert.equal(status.code, 3);
  assert.equal((await folder.run(["migrate", "status", "--check", "--env", "test"])).code, 0);
  const names = await folder.list(".");
  assert(names.includes("one.db") && names.includes("two.db"));

  const unknown = await folder.run(["migrate", "status", "--env", "tset"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /rex\.config\.ts does not have it\n {2}hint: it has test/);
});

Deno.test("the environment and --url stand above the configuration", async () => {
  await using folder = await sqliteFolder();
  await folder.run(["init"]);
  await folder.run(["query", "SELECT 1 AS a"], { env: { REX_DATABASE_PATH: "env.db" } });
  await folder.run(["query", "SELECT 1 AS a", "--url", "sqlite:url.db"], {
    env: { DATABASE_URL: "sqlite:env2.db" },
  });
  const names = (await folder.list(".")).filter((name) => name.endsWith(".db"));
  assert.deepEqual(names, ["env.db", "url.db"]);
});

Deno.test("faults of the configuration are told with what to do", async () => {
  await using folder = await sqliteFolder();
  const cases: [string, string, string[], RegExp][] = [
    ["config.json", `{"databse": "sqlite"}`, ["migrate", "status"], /did you mean database\?/],
    ["config.json", `{"a": }`, ["migrate", "status"], /not JSON at line 1, column 7/],
    [
      "config.json",
      "{}",
      ["migrate", "status", "--config", "no.json"],
      /find the configuration no/,
    ],
    ["config.json", "{}", ["migrate", "status", "--env", "x"], /write config\.x\.json/],
    ["rex.config.ts", `export default { modles: "x" };`, ["migrate", "status"], /mean models\?/],
  ];
  for (const [file, text, args, message] of cases) {
    await folder.write(file, text);
    const { code, err } = await folder.run(args);
    assert.equal(code, 1, args.join(" "));
    assert.match(err, message);
  }
});

Deno.test("generate:model asks for fields on a terminal", async () => {
  await using folder = await sqliteFolder();
  const { code, out } = await folder.run(["generate:model", "BlogPost"], {
    answers: ["title:varchar(80)", "state:enmu(a,b)", "state:enum(draft,sold)=draft", ""],
  });
  assert.equal(code, 0);
  assert.match(out, /there is no type enmu\n {2}hint: did you mean enum\?/);
  assert.equal(
    await folder.read("models/blog_post.ts"),
    `import { BaseModel, Column, Entity, type Generated, PrimaryKey } from "@rex/orm";

@Entity({ tableName: "blog_posts" })
export class BlogPost extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 80 })
  title!: string;
  @Column({ type: "enum", values: ["draft", "sold"], default: "draft" })
  state!: Generated<"draft" | "sold">;
}
`,
  );
  const again = await folder.run(["generate:model", "BlogPost"]);
  assert.match(again.err, /models\/blog_post\.ts: it is there already/);
});

Deno.test("generate:model refuses fields that say nothing", async () => {
  await using folder = await sqliteFolder();
  const cases: [string, RegExp][] = [
    ["name", /write NAME:TYPE/],
    ["name:strng", /there is no type strng/],
    ["name:varchar(a)", /write varchar\(10\)/],
    ["price:numeric(1,2,3)", /write numeric\(10,2\)/],
    ["age:integer(3)", /integer takes no details/],
    ["age:integer=x", /x is no default of integer/],
    ["state:enum", /name the values/],
    ["names:text[]", /only relations are lists/],
    ["tags:many-to-many(tag)", /name the other model/],
    ["id:integer", /there is a field id already/],
  ];
  for (const [field, message] of cases) {
    const { code, err } = await folder.run(["generate:model", "User", field]);
    assert.equal(code, 2, field);
    assert.match(err, message);
  }
  assert.equal((await folder.run(["generate:model", "user"])).code, 2);
});

Deno.test("models with every kind of field compile", async () => {
  await using folder = await sqliteFolder();
  const types = [
    ..."smallint integer int bigint numeric(10,2) decimal real double float boolean text".split(
      " ",
    ),
    ..."varchar(20) char(2) uuid date time timestamp timestamptz(3) json jsonb bytes blob".split(
      " ",
    ),
  ];
  const fields = types.flatMap((type, i) => [`a${i}:${type}`, `b${i}:${type}?`]);
  const defaults = ["c1:bigint=1", "c2:boolean=true", "c3:text=x", "c4:real?=1.5"];
  const models = [
    ["All", ...fields, ...defaults, "other:Other?", "tags:many-to-many(Tag)", "parent:All?"],
    ["Tag", "alls:many-to-many(All)"],
    ["Other", "alls:All[]"],
  ];
  for (const args of models) {
    const { code, err } = await folder.run(["generate:model", ...args]);
    assert.equal(code, 0, err);
  }
  const root = new URL("../../deno.json", import.meta.url).pathname;
  await folder.run(["init"]);
  const { code, err } = await folder.spawn(["migration:create", "--auto", "all"]);
  assert.equal(code, 0, err);
  const checked = await new Deno.Command("deno", {
    args: ["check", "--quiet", "--config", root, "models", "migrations"],
    cwd: folder.path,
  }).output();
  assert(checked.success, new TextDecoder().decode(checked.stderr));
});
