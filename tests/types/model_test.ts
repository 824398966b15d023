/**
 * Mistakes in models that the compiler finds, each at the line of the mistake. The classes are never
 * registered: what the decorators refuse when they run is tested beside them.
 */
import assert from "node:assert/strict";
import {
  AfterLoad,
  BaseModel,
  BeforeInsert,
  Column,
  CreatedAt,
  DeletedAt,
  Entity,
  type Generated,
  type InsertColumns,
  isEmail,
  ManyToMany,
  ManyToOne,
  matches,
  max,
  min,
  minLength,
  oneOf,
  OneToMany,
  OneToOne,
  PrimaryKey,
  type RelationKeys,
  type StandardSchema,
  type UpdateColumns,
  UpdatedAt,
  Validate,
  ValidateMultiple,
  Version,
} from "../../src/model/mod.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

const anything = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
} as const;
const textSchema: StandardSchema<string> = anything as StandardSchema<string>;
const numberSchema: StandardSchema<number> = anything as StandardSchema<number>;

Deno.test("every column type takes the field that belongs to it", () => {
  class Right extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @Column({ type: "smallint" })
    small!: number;
    @Column({ type: "integer" })
    integer!: number;
    @Column({ type: "int" })
    int!: number;
    @Column({ type: "bigint" })
    big!: bigint;
    @Column({ type: "serial" })
    serial!: Generated<number>;
    @Column({ type: "bigserial" })
    bigSerial!: Generated<bigint>;
    @Column({ type: "numeric", precision: 10, scale: 2 })
    price!: string;
    @Column({ type: "decimal" })
    decimal!: string;
    @Column({ type: "real" })
    real!: number;
    @Column({ type: "float" })
    float!: number;
    @Column({ type: "double" })
    double!: number;
    @Column({ type: "boolean", default: true })
    active!: Generated<boolean>;
    @Column({ type: "text" })
    text!: string;
    @Column({ type: "varchar", length: 255 })
    name!: string;
    @Column({ type: "char", length: 2 })
    country!: string;
    @Column({ type: "uuid" })
    uuid!: string;
    @Column({ type: "date" })
    day!: string;
    @Column({ type: "time", precision: 3 })
    time!: string;
    @Column({ type: "timestamp" })
    utc!: Date;
    @Column({ type: "timestamptz", defaultSql: "now" })
    at!: Generated<Date>;
    @Column({ type: "json" })
    settings!: { theme: string };
    @Column({ type: "jsonb", nullable: true })
    extra!: string[] | null;
    @Column({ type: "json" })
    anything!: unknown;
    @Column({ type: "bytes" })
    bytes!: Uint8Array;
    @Column({ type: "blob" })
    blob!: Uint8Array;
    @Column({ type: "enum", values: ["a", "b"] })
    letter!: "a" | "b";
    @Column({ type: "enum", values: ["a", "b"], default: "a" })
    other!: Generated<"a" | "b">;
    @Column({ type: "enum", values: ["a", "b"], nullable: true })
    maybe!: "a" | "b" | null;
    @Column({ type: "varchar" })
    role!: "admin" | "user";
    @Column({ type: "varchar", default: "user" })
    rank!: Generated<"admin" | "user">;
    @Column({ type: "text", array: true, default: () => [] })
    tags!: Generated<string[]>;
    @Column({ type: "integer", array: true, nullable: true })
    scores!: readonly number[] | null;
    @Column({ type: "enum", values: ["x", "y"], array: true })
    flags!: ("x" | "y")[];
    @Column({ type: "text", nullable: true })
    bio!: string | null;
    @Column({ type: "integer", nullable: true, default: 3 })
    stars!: Generated<number> | null;
    @Column({ type: "other", sql: "inet" })
    address!: string;
    @Column({ type: "integer", generatedAs: "a + b" })
    sum!: Generated<number>;
    @CreatedAt()
    createdAt!: Generated<Date>;
    @UpdatedAt({ type: "timestamp" })
    updatedAt!: Generated<Date>;
    @DeletedAt()
    deletedAt!: Date | null;
    @Version()
    version!: Generated<number>;
  }
  assert.equal(new Right() instanceof BaseModel, true);
});

Deno.test("a column whose field has another type is a compile error at the decorator", () => {
  class Wrong extends BaseModel {
    // @ts-expect-error text in a field of numbers
    @Column({ type: "varchar" })
    a!: number;
    // @ts-expect-error a 64-bit integer does not fit a number
    @Column({ type: "bigint" })
    b!: number;
    // @ts-expect-error an exact decimal is text
    @Column({ type: "numeric" })
    c!: number;
    // @ts-expect-error a date is text, only moments are Date
    @Column({ type: "date" })
    d!: Date;
    // @ts-expect-error a moment is a Date
    @Column({ type: "timestamptz" })
    e!: string;
    // @ts-expect-error bytes are not text
    @Column({ type: "bytes" })
    f!: string;
    // @ts-expect-error an unknown value is not checked by anything
    @Column({ type: "boolean" })
    g!: unknown;
    // @ts-expect-error one value in a field of a list
    @Column({ type: "text" })
    h!: string[];
    // @ts-expect-error a list in a field of one value
    @Column({ type: "text", array: true })
    i!: string;
    // @ts-expect-error a list of the wrong elements
    @Column({ type: "text", array: true })
    j!: number[];
  }
  assert.ok(Wrong);
});

Deno.test("null on one side only is a compile error at the decorator", () => {
  class Wrong extends BaseModel {
    // @ts-expect-error the field can be null, the column cannot
    @Column({ type: "text" })
    a!: string | null;
    // @ts-expect-error the column can be null, the field cannot
    @Column({ type: "text", nullable: true })
    b!: string;
    // @ts-expect-error columns are never undefined
    @Column({ type: "text", nullable: true })
    c?: string;
    // @ts-expect-error nor are keys
    @PrimaryKey()
    d?: number;
    // @ts-expect-error a record that is not deleted has null here
    @DeletedAt()
    e!: Date;
    // @ts-expect-error when it was made is always known
    @CreatedAt()
    f!: Date | null;
  }
  assert.ok(Wrong);
});

Deno.test("an enum whose values are not those of the field is a compile error", () => {
  class Wrong extends BaseModel {
    // @ts-expect-error any text is more than the values
    @Column({ type: "enum", values: ["a", "b"] })
    a!: string;
    // @ts-expect-error a value is missing in the field
    @Column({ type: "enum", values: ["a", "b"] })
    b!: "a";
    // @ts-expect-error a value is missing in the column
    @Column({ type: "enum", values: ["a"] })
    c!: "a" | "b";
    // @ts-expect-error an enum has values
    @Column({ type: "enum" })
    d!: "a";
  }
  assert.ok(Wrong);
});

Deno.test("options that a column's type does not have are compile errors", () => {
  class Wrong extends BaseModel {
    // @ts-expect-error no such type
    @Column({ type: "strin" })
    a!: string;
    // @ts-expect-error no such option
    @Column({ type: "text", nulable: true })
    b!: string;
    // @ts-expect-error integers have no length
    @Column({ type: "integer", length: 5 })
    c!: number;
    // @ts-expect-error text has no scale
    @Column({ type: "text", scale: 2 })
    d!: string;
    // @ts-expect-error text is not numbered
    @Column({ type: "varchar", identity: true })
    e!: string;
    // @ts-expect-error a type is needed
    @Column({ length: 5 })
    f!: string;
    // @ts-expect-error a type of the database's own needs its spelling
    @Column({ type: "other" })
    g!: string;
    // @ts-expect-error the default is no number
    @Column({ type: "integer", default: "3" })
    h!: number;
    // @ts-expect-error the default is none of the field's values
    @Column({ type: "varchar", default: "usr" })
    i!: "admin" | "user";
    // @ts-expect-error the default is none of the enum's values
    @Column({ type: "enum", values: ["a", "b"], default: "c" })
    j!: "a" | "b";
    // @ts-expect-error the function makes no date
    @Column({ type: "timestamptz", default: () => "now" })
    k!: Date;
  }
  assert.ok(Wrong);
});

Deno.test("a primary key of the wrong type is a compile error", () => {
  class Right extends BaseModel {
    @PrimaryKey({ type: "uuid" })
    a!: Generated<string>;
    @PrimaryKey({ type: "bigint" })
    b!: Generated<bigint>;
    @PrimaryKey({ type: "varchar", length: 2, generated: false })
    c!: string;
    @PrimaryKey({ generated: false })
    d!: number;
    @PrimaryKey()
    e!: number;
  }
  class Wrong extends BaseModel {
    // @ts-expect-error an integer by default
    @PrimaryKey()
    a!: string;
    // @ts-expect-error a UUID is text
    @PrimaryKey({ type: "uuid" })
    b!: number;
    // @ts-expect-error JSON is no key
    @PrimaryKey({ type: "json" })
    c!: string;
    // @ts-expect-error a key is never null
    @PrimaryKey({ type: "varchar" })
    d!: string | null;
    // @ts-expect-error no such option
    @PrimaryKey({ type: "varchar", nullable: true })
    e!: string;
  }
  assert.ok([Right, Wrong]);
});

Deno.test("relations are checked against their fields, their inverse and their foreign key", () => {
  class Author extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @Column({ type: "text" })
    name!: string;
    @OneToMany(() => Book, (book) => book.author)
    books!: Book[];
    @OneToMany(() => Book, (book) => book.editor)
    edited?: Book[];
    @OneToOne(() => Desk, (desk) => desk.author)
    desk!: Desk | null;

    // @ts-expect-error many are a list
    @OneToMany(() => Book, (book) => book.author)
    a!: Book;
    // @ts-expect-error a list of something else
    @OneToMany(() => Book, (book) => book.author)
    b!: Desk[];
    // @ts-expect-error the inverse is no relation
    @OneToMany(() => Book, (book) => book.title)
    c!: Book[];
    // @ts-expect-error the inverse does not exist
    @OneToMany(() => Book, (book) => book.autor)
    d!: Book[];
    // @ts-expect-error the inverse leads to books, not to authors
    @OneToMany(() => Book, (book) => book.sequelOf)
    e!: Book[];
    // @ts-expect-error the inverse is needed
    @OneToMany(() => Book)
    f!: Book[];
  }
  class Book extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @Column({ type: "text" })
    title!: string;
    @Column({ type: "integer" })
    authorId!: number;
    @ManyToOne(() => Author, (author) => author.books, { onDelete: "cascade" })
    author!: Author;
    @ManyToOne(() => Author, (author) => author.edited, { nullable: true })
    editor!: Author | null;
    @ManyToOne(() => Book, undefined, { nullable: true })
    sequelOf?: Book | null;
    @ManyToOne(() => Author, undefined, { foreignKey: "authorId" })
    again!: Author;
    @ManyToMany(() => Author)
    readers!: Author[];

    // @ts-expect-error one is no list
    @ManyToOne(() => Author, (author) => author.books)
    a!: Author[];
    // @ts-expect-error another class
    @ManyToOne(() => Author, (author) => author.books)
    b!: Book;
    // @ts-expect-error the field can be null, the foreign key cannot
    @ManyToOne(() => Author, (author) => author.books)
    c!: Author | null;
    // @ts-expect-error the foreign key can be null, the field cannot
    @ManyToOne(() => Author, (author) => author.books, { nullable: true })
    d!: Author;
    // @ts-expect-error no such property for the foreign key
    @ManyToOne(() => Author, (author) => author.books, { foreignKey: "autorId" })
    e!: Author;
    // @ts-expect-error the target has no such property
    @ManyToOne(() => Author, (author) => author.books, { references: "nam" })
    f!: Author;
    // @ts-expect-error no such action
    @ManyToOne(() => Author, (author) => author.books, { onDelete: "remove" })
    g!: Author;
    // @ts-expect-error a model is needed
    @ManyToOne(() => Date)
    h!: Date;
    // @ts-expect-error the inverse leads to desks
    @ManyToOne(() => Author, (author) => author.desk)
    i!: Author;
    // @ts-expect-error many are a list
    @ManyToMany(() => Author)
    j!: Author;
    // @ts-expect-error no such option
    @ManyToMany(() => Author, undefined, { foreignKey: "authorId" })
    k!: Author[];
    // @ts-expect-error no such strategy
    @ManyToMany(() => Author, undefined, { strategy: "lazy" })
    l!: Author[];
  }
  class Desk extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @Column({ type: "integer" })
    authorId!: number;
    @OneToOne(() => Author, (author) => author.desk)
    author!: Author;

    // @ts-expect-error the class is given by a function
    @ManyToOne(Author)
    c!: Author;
    // @ts-expect-error it is nullable, the field is not
    @OneToOne(() => Author, undefined, { nullable: true })
    a!: Author;
    // @ts-expect-error another class
    @OneToOne(() => Author, (author) => author.desk)
    b!: Book;
  }
  assert.ok([Author, Desk, Book]);
});

Deno.test("a rule for another type than the field's is a compile error", () => {
  class Rules extends BaseModel {
    @Validate((name: string) => name.length > 0, "empty")
    a!: string;
    @Validate(isEmail, "no address")
    b!: string | null;
    @Validate(min(0), "negative")
    c!: Generated<number>;
    @Validate(min(new Date(0)), "too old")
    d!: Date;
    @Validate(minLength(1), "empty")
    e!: string[];
    @Validate(oneOf("x", "y"), "neither")
    f!: string;
    @Validate(textSchema)
    g!: "admin" | "user";
    @Validate((end: number, record: Rules) => record.c <= end, "ends early")
    h!: number;
    @ValidateMultiple([{ rule: min(0), message: "low" }, { rule: max(9), message: "high" }])
    i!: number;

    // @ts-expect-error a rule for text
    @Validate(isEmail, "no address")
    k!: number;
    // @ts-expect-error a rule for numbers
    @Validate(min(0), "negative")
    l!: string;
    // @ts-expect-error a rule for numbers, not for dates
    @Validate(min(0), "negative")
    m!: Date;
    // @ts-expect-error a number has no length
    @Validate(minLength(3), "short")
    n!: number;
    // @ts-expect-error a pattern is for text
    @Validate(matches(/x/), "no x")
    o!: boolean;
    // @ts-expect-error a schema for numbers
    @Validate(numberSchema)
    p!: string;
    // @ts-expect-error a rule says yes or no
    @Validate((name: string) => name.trim(), "empty")
    q!: string;
    // @ts-expect-error a message is needed
    @Validate((name: string) => name.length > 0)
    r!: string;
    // @ts-expect-error one rule of several is for text
    @ValidateMultiple([{ rule: isEmail, message: "no address" }])
    s!: number;
    // @ts-expect-error the rule compares with another class
    @Validate((end: number, record: { begin: number }) => record.begin < end, "early")
    t!: number;
  }
  assert.ok(Rules);
});

Deno.test("@Entity() and hooks are checked against their class", () => {
  abstract class Right extends BaseModel {
    @Column({ type: "text" })
    a!: string;
    @BeforeInsert()
    hash(): Promise<void> {
      return Promise.resolve();
    }
    @AfterLoad()
    compute(): void {}
  }
  abstract class Wrong extends BaseModel {
    // @ts-expect-error a hook gives nothing back
    @BeforeInsert()
    a(): number {
      return 1;
    }
    // @ts-expect-error a hook takes nothing
    @BeforeInsert()
    b(_value: string): void {}
    // @ts-expect-error reading a row does not wait
    @AfterLoad()
    c(): Promise<void> {
      return Promise.resolve();
    }
    // @ts-expect-error a hook is a method
    @BeforeInsert()
    d!: string;
    // @ts-expect-error a column is a field
    @Column({ type: "text" })
    e(): string {
      return "";
    }
  }
  assert.ok([Right, Wrong]);
  const entities = (): void => {
    @Entity({
      uniques: [["a", "b"]],
      indexes: [{ columns: [{ property: "b", direction: "desc" }] }],
    })
    class Indexed extends BaseModel {
      @PrimaryKey()
      a!: number;
      @Column({ type: "text" })
      b!: string;
    }
    // @ts-expect-error no such property to index
    @Entity({ indexes: [{ columns: ["a", "c"] }] })
    class Missing extends BaseModel {
      @PrimaryKey()
      a!: number;
    }
    // @ts-expect-error no such option
    @Entity({ table: "plain" })
    class Option extends BaseModel {}
    // @ts-expect-error a model extends BaseModel
    @Entity()
    class Plain {
      id!: number;
    }
    void [Indexed, Missing, Option, Plain];
  };
  assert.equal(typeof entities, "function");
});

Deno.test("the columns of an insert are required unless generated or nullable", () => {
  abstract class Person extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
    @Column({ type: "text" })
    name!: string;
    @Column({ type: "text", nullable: true })
    bio!: string | null;
    @Column({ type: "boolean", default: true })
    active!: Generated<boolean>;
    @ManyToOne(() => Person, undefined, { nullable: true })
    boss!: Person | null;
    get upper(): string {
      return this.name.toUpperCase();
    }
  }
  const least: InsertColumns<Person> = { name: "Ann" };
  const most: InsertColumns<Person> = { id: 1, name: "Ann", bio: null, active: false };
  const update: UpdateColumns<Person> = { bio: "x" };
  // @ts-expect-error the name is missing
  const nameless: InsertColumns<Person> = { bio: "x" };
  // @ts-expect-error getters are not stored
  const computed: InsertColumns<Person> = { name: "Ann", upper: "ANN" };
  // @ts-expect-error methods are not stored
  const method: UpdateColumns<Person> = { save: null };
  // @ts-expect-error relations are not columns
  const relation: UpdateColumns<Person> = { boss: null };
  // @ts-expect-error the wrong type
  const wrong: UpdateColumns<Person> = { name: 1 };
  const relations: Equal<RelationKeys<Person>, "boss"> = true;
  assert.ok([least, most, update, nameless, computed, method, relation, wrong, relations]);
});

Deno.test("from() takes columns and relations of the class only", () => {
  class Cat extends BaseModel {
    name!: string;
    mother!: Cat | null;
  }
  const makes = (): Cat[] => [
    Cat.from({ name: "Tom", mother: Cat.from({ name: "Eve" }) }),
    // @ts-expect-error no such property
    Cat.from({ nme: "Tom" }),
    // @ts-expect-error the wrong type
    Cat.from({ name: 1 }),
    // @ts-expect-error methods are not given
    Cat.from({ save: () => Promise.resolve() }),
  ];
  assert.equal(typeof makes, "function");
});

Deno.test("options of keys and indexes name properties, and know their words", () => {
  @Entity({
    primaryKey: { name: "right_key", include: ["b"] },
    indexes: [{ columns: ["a", { property: "b", nulls: "last" }], include: ["c"] }],
    uniques: [{ columns: ["a"], include: ["b"], nullsNotDistinct: true }],
    exclusions: [{ parts: [{ property: "a", operator: "=" }] }],
  })
  class Right extends BaseModel {
    @Column({ type: "text", primary: true })
    a!: string;
    @Column({ type: "text", collation: "C", renamedFrom: "old" })
    b!: string;
    @Column({ type: "text" })
    c!: string;
  }
  assert.ok(new Right());

  // @ts-expect-error no such property in an index's `include`
  @Entity({ indexes: [{ columns: ["a"], include: ["x"] }] })
  class WrongInclude extends BaseModel {
    @Column({ type: "text" })
    a!: string;
  }
  // @ts-expect-error no such property in an exclusion
  @Entity({ exclusions: [{ parts: [{ property: "x", operator: "=" }] }] })
  class WrongExclusion extends BaseModel {
    @Column({ type: "text" })
    a!: string;
  }
  // @ts-expect-error no such property in a unique's `include`
  @Entity({ uniques: [{ columns: ["a"], include: ["x"] }] })
  class WrongUnique extends BaseModel {
    @Column({ type: "text" })
    a!: string;
  }
  // @ts-expect-error a part of an exclusion has an operator
  @Entity({ exclusions: [{ parts: [{ property: "a" }] }] })
  class NoOperator extends BaseModel {
    @Column({ type: "text" })
    a!: string;
  }
  // @ts-expect-error no such place of NULLs
  @Entity({ indexes: [{ columns: [{ property: "a", nulls: "middle" }] }] })
  class WrongNulls extends BaseModel {
    @Column({ type: "text" })
    a!: string;
  }
  assert.equal([WrongInclude, WrongExclusion, WrongUnique, NoOperator, WrongNulls].length, 5);
});
