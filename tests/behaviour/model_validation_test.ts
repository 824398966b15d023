/** Validation: every failure at once, with its path, before any SQL, wherever something is written. */
import assert from "node:assert/strict";
import { ValidationError } from "../../src/base/errors.ts";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  isEmail,
  ManyToOne,
  max,
  min,
  minLength,
  OneToMany,
  PrimaryKey,
  type StandardSchema,
  Validate,
  ValidateMultiple,
} from "../../src/model/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { sends, untyped } from "./repository_support.ts";

/** A schema as small as the specification allows: an object with a list of positive numbers. */
const sizes: StandardSchema<{ sizes: number[] }> = {
  "~standard": {
    version: 1,
    vendor: "tests",
    validate: (value) => {
      const { sizes = [] } = value as { sizes?: unknown[] };
      const issues = sizes.flatMap((size, i) =>
        typeof size === "number" && size > 0
          ? []
          : [{ message: "must be positive", path: ["sizes", { key: i }] }]
      );
      return issues.length > 0 ? { issues } : { value: value as { sizes: number[] } };
    },
  },
};

const later: StandardSchema<string> = {
  "~standard": {
    version: 1,
    vendor: "tests",
    validate: async (value) => {
      await new Promise((done) => setTimeout(done, 1));
      return value === "taken" ? { issues: [{ message: "is taken" }] } : { value: value as string };
    },
  },
};

@Entity({ tableName: "members" })
class Member extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 20 })
  @ValidateMultiple([
    { rule: minLength(2), message: "is too short" },
    { rule: (name: string) => !name.includes("!"), message: "must not shout" },
  ])
  name!: string;
  @Column({ type: "varchar", unique: true })
  @Validate(isEmail, "is no address")
  email!: string;
  @Column({ type: "integer", nullable: true })
  @ValidateMultiple([{ rule: min(0), message: "is negative" }, {
    rule: max(150),
    message: "is too old",
  }])
  age!: number | null;
  @Column({ type: "enum", values: ["admin", "user"], default: "user" })
  role!: Generated<"admin" | "user">;
  @Column({ type: "jsonb", nullable: true })
  @Validate(sizes)
  data!: { sizes: number[] } | null;
  @Column({ type: "text", nullable: true })
  @Validate(later)
  nick!: string | null;
  @OneToMany(() => Badge, (badge) => badge.member)
  badges!: Badge[];
}

@Entity({ tableName: "badges" })
class Badge extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  @Validate(minLength(3), "is too short")
  title!: string;
  @Column({ type: "integer" })
  memberId!: number;
  @ManyToOne(() => Member, (member) => member.badges)
  member!: Member;
}

const models = [Member, Badge];
const bad = {
  name: "!",
  email: "nowhere",
  age: 200,
  role: "root",
  data: { sizes: [1, -1, "x"] },
  nick: "taken",
};
const wanted = [
  "name: is too short",
  "name: must not shout",
  "email: is no address",
  "age: is too old",
  "role: must be one of admin, user",
  "data.sizes.1: must be positive",
  "data.sizes.2: must be positive",
  "nick: is taken",
];

/** Expects a validation error with those issues, and that nothing was sent. */
async function refused(run: () => Promise<unknown>, issues: readonly string[]): Promise<void> {
  await assert.rejects(async () => await run(), (error: Error) => {
    assert.ok(error instanceof ValidationError, String(error));
    assert.deepEqual(error.issues.map((each) => `${each.path.join(".")}: ${each.message}`), issues);
    for (const issue of issues) assert.ok(error.message.includes(issue), error.message);
    assert.ok(!error.message.includes("nowhere"), "no value is shown");
    return true;
  });
}

onEveryDatabase(
  "all failures come in one error with their paths, before any SQL",
  { models },
  async ({ db }) => {
    const members = db.repository(Member);
    await sends(db, 0, async () => {
      await refused(() => members.create(untyped(bad)), wanted);
      await refused(
        () => members.createMany(untyped([bad, { name: "ok", email: "a@b.c" }, { name: "x" }])),
        [
          ...wanted.map((each) => `0.${each}`),
          "2.name: is too short",
          "2.email: is required",
        ],
      );
      await refused(
        () => members.createManyReturning(untyped([bad])),
        wanted.map((each) => `0.${each}`),
      );
      await refused(() => members.update(1, untyped(bad)), wanted);
      await refused(() => members.updateMany({}, untyped(bad)), wanted);
      await refused(
        () =>
          members.upsert({ where: { email: "nowhere" }, create: untyped({ ...bad }), update: {} }),
        wanted,
      );
      await refused(() => Member.from(untyped(bad)).save(db), wanted);
    });
  },
);

onEveryDatabase("what is missing, null or of another type is told", { models }, async ({ db }) => {
  const members = db.repository(Member);
  await sends(db, 0, async () => {
    await refused(() => members.create(untyped({})), ["name: is required", "email: is required"]);
    await refused(() => members.create(untyped({ name: null, email: 5, age: "1" })), [
      "name: must not be null",
      "email: must be a string",
      "age: must be a number",
    ]);
    await refused(
      () => members.create({ name: "x".repeat(21), email: "a@b.c" }),
      ["name: must be at most 20 characters long"],
    );
    await refused(() => new Member().save(db), ["name: is required", "email: is required"]);
    await refused(() => members.update(1, untyped({ name: null })), ["name: must not be null"]);
    await refused(
      () => db.repository(Badge).create(untyped({ title: "abc" })),
      ["memberId: is required"],
    );
  });
});

onEveryDatabase("an update validates what changes only", { models }, async ({ db }) => {
  const members = db.repository(Member);
  const { id } = await members.create({ name: "ann", email: "a@b.c" });
  await db.execute("UPDATE members SET email = 'broken'");
  await members.update(id, { age: 5 });
  const member = (await members.findById(id))!;
  member.name = "bob";
  await member.save(db);
  member.age = -1;
  await sends(db, 0, () => refused(() => member.save(db), ["age: is negative"]));
  assert.equal((await members.findById(id))?.age, 5);
  assert.equal(await members.updateMany({}, { age: 7 }), 1);
  const again = await members.upsert({
    where: { email: "broken@x.org" },
    create: { name: "new", email: "broken@x.org", role: "admin" },
    update: { name: "newer" },
  });
  assert.equal(again.role, "admin");
  await refused(
    () =>
      members.upsert({
        where: { email: "broken@x.org" },
        create: { name: "new", email: "broken@x.org" },
        update: { name: "!" },
      }),
    ["name: is too short", "name: must not shout"],
  );
});

onEveryDatabase(
  "nested records are validated, and their parent is not left behind",
  { models },
  async ({ db }) => {
    const members = db.repository(Member);
    await refused(
      () =>
        members.create({
          name: "ann",
          email: "a@b.c",
          badges: { create: [{ title: "gold" }, { title: "x" }] },
        }),
      ["title: is too short"],
    );
    await refused(
      () =>
        members.createMany(untyped([
          { name: "ok", email: "a@b.c", badges: { create: { title: "gold" } } },
          { name: "x", email: "x@y.z" },
        ])),
      ["1.name: is too short"],
    );
    assert.equal(await members.count(), 0);
    assert.equal(await db.repository(Badge).count(), 0);
  },
);

onEveryDatabase("validate() and validateAsync() tell the same without a database", {
  models,
  rewrite: false,
}, async () => {
  const member = Member.from({ name: "ann", email: "bad" });
  assert.throws(() => member.validate(), ValidationError);
  const asynchronous = Member.from({ name: "ann", email: "a@b.c", nick: "taken" });
  await refused(() => asynchronous.validateAsync(), ["nick: is taken"]);
});

onEveryDatabase("of very many failures the message tells the first", { models }, async ({ db }) => {
  const rows = Array.from({ length: 100 }, () => ({ name: "x", email: "a@b.c" }));
  const error = await db.repository(Member).createMany(rows).catch((error) => error);
  assert.ok(error instanceof ValidationError);
  assert.equal(error.issues.length, 100);
  assert.match(error.message, /49\.name: is too short\n {2}… and 50 more$/);
});

onEveryDatabase(
  "rows with rules that take their time are stored as they were",
  { models },
  async ({ db }) => {
    const members = db.repository(Member);
    const rows = ["ann", "bob", "cyd"].map((name) => ({
      name,
      email: `${name}@x.org`,
      nick: `${name}y`,
    }));
    await members.createMany(rows);
    const stored = await members.find({
      select: ["name", "email", "nick"],
      orderBy: { name: "asc" },
    });
    assert.deepEqual(stored, rows);
  },
);
