import assert from "node:assert/strict";
import { ModelError } from "../base/errors.ts";
import {
  BaseModel,
  Column,
  Entity,
  entityOf,
  type Generated,
  ManyToMany,
  ManyToOne,
  type Model,
  type ModelClass,
  OneToMany,
  OneToOne,
  PrimaryKey,
} from "./mod.ts";

/** A base with a numbered key. */
abstract class Numbered extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
}

function refuses(ask: () => unknown, message: RegExp): void {
  assert.throws(ask, (error) => error instanceof ModelError && message.test(error.message));
}

Deno.test("a relation to a class that is not registered is a ModelError that names both", () => {
  class Ghost extends Numbered {}
  @Entity()
  class Haunted extends Numbered {
    @ManyToOne(() => Ghost)
    ghost!: Ghost;
  }
  @Entity()
  class Early extends Numbered {
    @ManyToOne(() => undefined as unknown as ModelClass<Model>)
    late!: Model;
  }
  refuses(() => entityOf(Haunted), /Cannot map Haunted\.ghost: .* Ghost, is not registered/);
  refuses(() => entityOf(Early), /Cannot map Early\.late: .*undefined.*\n.*is its file imported/);
});

Deno.test("an inverse that does not lead back is a ModelError that names both", () => {
  @Entity()
  class Left extends Numbered {
    // Types are wrong on purpose where a cast hides it from the compiler.
    @OneToMany(() => Right, (right) => right.title as never)
    a!: Right[];
    @OneToMany(() => Right, (right) => right.many as never)
    b!: Right[];
    @OneToMany(() => Right, (right) => right.other as never)
    c!: Right[];
  }
  @Entity()
  class Right extends Numbered {
    @Column({ type: "text" })
    title!: string;
    @ManyToMany(() => Left)
    many!: Left[];
    @ManyToOne(() => Right)
    other!: Right;
  }
  refuses(() => entityOf(Left).relations, /Left\.a: its inverse Right\.title is not a relation/);
  @Entity()
  class Left2 extends Numbered {
    @OneToMany(() => Right, (right) => right.many as never)
    b!: Right[];
  }
  refuses(
    () => entityOf(Left2).relations,
    /Left2\.b: its inverse Right\.many is many-to-many, and this is one-to-many/,
  );
  @Entity()
  class Left3 extends Numbered {
    @OneToMany(() => Right, (right) => right.other as never)
    c!: Right[];
  }
  refuses(
    () => entityOf(Left3).relations,
    /Left3\.c: its inverse Right\.other leads to Right, not to Left3/,
  );
});

Deno.test("a one-to-one relation that says nothing of its owner is a ModelError", () => {
  @Entity()
  class Sun extends Numbered {
    @OneToOne(() => Moon, (moon) => moon.sun)
    moon!: Moon | null;
    @OneToOne(() => Moon, (moon) => moon.second, { owner: true })
    both!: Moon | null;
  }
  @Entity()
  class Moon extends Numbered {
    @OneToOne(() => Sun, (sun) => sun.moon)
    sun!: Sun | null;
    @OneToOne(() => Sun, (sun) => sun.both, { owner: true })
    second!: Sun | null;
  }
  refuses(
    () => entityOf(Sun),
    /Sun\.moon: neither it nor its inverse Moon\.sun says .*\n.*`owner: true`/,
  );
  @Entity()
  class Day extends Numbered {
    @OneToOne(() => Night, (night) => night.day, { owner: true })
    night!: Night | null;
  }
  @Entity()
  class Night extends Numbered {
    @OneToOne(() => Day, (day) => day.night, { column: "day" })
    day!: Day | null;
  }
  refuses(
    () => entityOf(Day),
    /Day\.night: it and its inverse Night\.day both own the foreign key/,
  );
});

Deno.test("a foreign key that cannot work is a ModelError", () => {
  @Entity()
  class Keyless extends BaseModel {
    @Column({ type: "text" })
    name!: string;
  }
  @Entity()
  class Target extends Numbered {}
  const cases: readonly (readonly [new () => BaseModel, RegExp])[] = [];
  const add = (model: new () => BaseModel, message: RegExp): void => {
    (cases as [new () => BaseModel, RegExp][]).push([model, message]);
  };
  @Entity()
  class ToKeyless extends Numbered {
    @ManyToOne(() => Keyless)
    to!: Keyless;
  }
  add(ToKeyless, /ToKeyless\.to: Keyless has no primary key to point to/);
  @Entity()
  class OtherType extends Numbered {
    @Column({ type: "bigint" })
    toId!: bigint;
    @ManyToOne(() => Target)
    to!: Target;
  }
  add(OtherType, /OtherType\.to: its foreign key toId is bigint, and id, .* is integer/);
  @Entity()
  class HalfNullable extends Numbered {
    @Column({ type: "integer", nullable: true })
    toId!: number | null;
    @ManyToOne(() => Target)
    to!: Target;
  }
  add(HalfNullable, /HalfNullable\.to: its foreign key toId is nullable and the relation is not/);
  @Entity()
  class SetNull extends Numbered {
    @ManyToOne(() => Target, undefined, { onDelete: "set null" })
    to!: Target;
  }
  add(SetNull, /SetNull\.to: `set null` needs a nullable foreign key/);
  @Entity()
  class NoColumn extends Numbered {
    plain!: number;
    @ManyToOne(() => Target, undefined, { foreignKey: "plain" })
    to!: Target;
  }
  add(NoColumn, /NoColumn\.to: NoColumn\.plain is not a column/);
  @Entity()
  class TooMany extends Numbered {
    @ManyToOne(() => Target, undefined, { column: ["a", "b"] })
    to!: Target;
  }
  add(TooMany, /TooMany\.to: `column` names 2 for a key of 1 \(id\)/);
  for (const [model, message] of cases) refuses(() => entityOf(model), message);
});

Deno.test("a join table that cannot work is a ModelError", () => {
  @Entity()
  class Ape extends Numbered {
    @ManyToMany(() => Bee)
    bees!: Bee[];
    @ManyToMany(() => Bee)
    moreBees!: Bee[];
  }
  @Entity()
  class Bee extends Numbered {}
  refuses(
    () => entityOf(Ape).relations,
    /Ape\.moreBees: its join table apes_bees is that of bees too/,
  );
  @Entity()
  class Cow extends Numbered {
    @ManyToMany(() => Dog, (dog) => dog.cows, { through: { table: "a" } })
    dogs!: Dog[];
  }
  @Entity()
  class Dog extends Numbered {
    @ManyToMany(() => Cow, (cow) => cow.dogs, { through: { table: "b" } })
    cows!: Cow[];
  }
  refuses(() => entityOf(Cow).relations, /Cow\.dogs: it and its inverse Dog\.cows both have/);
  @Entity()
  class Elk extends Numbered {
    @ManyToMany(() => Elk, undefined, { through: { model: () => Herd } })
    elks!: Elk[];
  }
  @Entity()
  class Herd extends Numbered {
    @ManyToOne(() => Elk)
    first!: Elk;
    @ManyToOne(() => Elk)
    second!: Elk;
  }
  refuses(
    () => entityOf(Elk).relations,
    /Elk\.elks: the columns of its join model Herd that point to Elk are not clear/,
  );
});
