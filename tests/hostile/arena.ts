/**
 * Where positions are attacked: the models, the rows that must not change, and the judgement of an attack.
 *
 * @module
 */
import assert from "node:assert/strict";
import { RexError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { TransactionScope } from "../../src/database/scope.ts";
import type { Capabilities } from "../../src/dialect/capabilities.ts";
import type { QueryEvent } from "../../src/engine/query_event.ts";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { isUnstorable } from "./payloads.ts";
import { shapeOf } from "./tokens.ts";

/** Somebody. */
@Entity({ tableName: "hostile_people" })
export class Person extends BaseModel {
  @PrimaryKey({ type: "text" })
  name!: string;
  @OneToMany(() => Note, (note) => note.person)
  notes!: Note[];
}

/** Has a column of every kind that text can be put into. */
@Entity({ tableName: "hostile_notes" })
export class Note extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", unique: true })
  name!: string;
  @Column({ type: "varchar", length: 100_000, nullable: true })
  mark!: string | null;
  @Column({ type: "integer", default: 1 })
  count!: Generated<number>;
  @Column({ type: "numeric", precision: 10, scale: 2, nullable: true })
  amount!: string | null;
  @Column({ type: "jsonb", nullable: true })
  data!: unknown;
  @ManyToOne(() => Person, (person) => person.notes, { nullable: true })
  person!: Person | null;
  @ManyToMany(() => Label, (label) => label.notes)
  labels!: Label[];
}

/** Is tied to notes by a join table. */
@Entity({ tableName: "hostile_labels" })
export class Label extends BaseModel {
  @PrimaryKey({ type: "text" })
  word!: string;
  @ManyToMany(() => Note, (note) => note.labels)
  notes!: Note[];
}

/** The models whose tables an arena has. */
export const models = [Person, Note, Label] as const;

/** What is injected first, so that a position shows what it does with a harmless text. */
export const harmless = "benign_word";

/** The rows that nothing may change. */
const canaries = ["one", "two", "three"];

/**
 * What a position does with text:
 *
 * - `data`: binds it; the attack gives it back as the database gave it. What no database holds is refused.
 * - `name`: quotes it; the same, but an empty one is refused too.
 * - `word`: knows a few words and refuses every other text, before anything is sent.
 * - `form`: reads it as one of a few forms, and refuses every other text. The attack gives the compiled SQL.
 */
export type Expectation = "data" | "name" | "word" | "form";

/** A place of the public API where text goes in. */
export interface Position {
  /** What it is, for people. */
  readonly name: string;
  /** The functions and methods that are attacked: `Class#method`, `Class.method`, `function`. */
  readonly covers: readonly string[];
  /** What it does with text. */
  readonly expect: Expectation;
  /** A text that it takes. */
  readonly benign?: string;
  /** For a `form`: the shapes of SQL that may come of it, as an expression over {@linkcode shapeOf}. */
  readonly shape?: RegExp;
  /** Texts that it refuses beside those. */
  readonly refuses?: (text: string) => boolean;
  /** What the database must have; elsewhere the position is refused whatever the text. */
  readonly needs?: (capabilities: Capabilities) => boolean;
  /** Puts the text there. */
  attack(tx: TransactionScope, text: string): unknown;
}

/** A statement as it was sent. */
type Sent = Pick<QueryEvent, "sql"> & { readonly values: number };

/** What came of an attack. */
interface Outcome {
  readonly given?: unknown;
  readonly error?: unknown;
  readonly sent: readonly Sent[];
}

const undo = new Error("undone");

/** A database under attack. */
export class Arena {
  readonly #benign = new Map<Position, Outcome>();
  #sent: Sent[] = [];
  /** How many texts were tried. */
  attacks = 0;

  private constructor(readonly db: Database) {
    db.onQuery(({ sql, parameters }) => this.#sent.push({ sql, values: parameters.length }));
  }

  /** Makes the rows of the models and those that nothing may change. */
  static async open(db: Database): Promise<Arena> {
    await db.execute("CREATE TABLE canary (id INTEGER PRIMARY KEY, word TEXT NOT NULL)");
    for (const [i, word] of canaries.entries()) {
      await db.execute("INSERT INTO canary (id, word) VALUES ($1, $2)", [i, word]);
    }
    await db.repository(Person).create({ name: "decoy person" });
    await db.repository(Label).create({ word: "decoy label" });
    await db.repository(Note).createMany([
      { name: "decoy one", mark: "decoy", data: { decoy: "decoy" } },
      { name: "decoy two", mark: null, data: null },
    ]);
    return new Arena(db);
  }

  /** Attacks in a transaction that is taken back. */
  async #run(position: Position, text: string): Promise<Outcome> {
    let outcome: Outcome = { sent: [] };
    await this.db.transaction(async (tx) => {
      this.#sent = [];
      try {
        const given = await position.attack(tx, text);
        outcome = { given, sent: [...this.#sent] };
      } catch (error) {
        outcome = { error, sent: [...this.#sent] };
      }
      throw undo;
    }).catch((error) => {
      if (error !== undo) throw error;
    });
    return outcome;
  }

  /** Puts a text at a position, and judges what came of it. */
  async attack(position: Position, text: string): Promise<void> {
    this.attacks++;
    const benign = await this.#benignOf(position);
    if (benign.error === undefined && position.benign === text) return;
    const outcome = await this.#run(position, text);
    if (outcome.error !== undefined) return this.#judgeRefusal(position, text, outcome);
    if (position.expect === "word") assert.fail("a word that is not known was taken");
    if (position.expect === "form") {
      const shape = shapeOf(String(outcome.given), wordsOf(text));
      return assert.match(shape, position.shape as RegExp);
    }
    assert.deepEqual(outcome.given, text, "the text came back otherwise");
    const shapes = (sent: readonly Sent[]) =>
      sent.map(({ sql, values }) => `${shapeOf(sql, [harmless, text])} with ${values} values`);
    assert.deepEqual(shapes(outcome.sent), shapes(benign.sent), "the statement changed its shape");
  }

  async #benignOf(position: Position): Promise<Outcome> {
    const known = this.#benign.get(position);
    if (known) return known;
    const text = position.benign ?? harmless;
    const outcome = await this.#run(position, text);
    this.#benign.set(position, outcome);
    const { capabilities } = this.db.dialect;
    if (position.needs && !position.needs(capabilities)) {
      assert.ok(outcome.error instanceof RexError, "what the database has not must be refused");
      return outcome;
    }
    if (outcome.error !== undefined) throw outcome.error;
    if (position.expect === "data" || position.expect === "name") {
      assert.deepEqual(outcome.given, text, "even a harmless text came back otherwise");
    }
    return outcome;
  }

  #judgeRefusal(position: Position, text: string, { error, sent }: Outcome): void {
    if (!(error instanceof RexError)) throw error;
    assert.match(error.code, /^REX_[A-Z_]+$/);
    checkMessage(error.message, text);
    const { expect, needs, refuses } = position;
    const unable = needs && !needs(this.db.dialect.capabilities);
    const refusable = expect === "word" || expect === "form" || unable || isUnstorable(text) ||
      (expect === "name" && isNoName(text)) || refuses?.(text);
    if (!refusable) throw error;
    // What a position sends before it gets to the text is the same for every text.
    const before = this.#benign.get(position)?.sent.map(({ sql }) => sql) ?? [];
    const own = sent.filter(({ sql }) => !before.includes(sql) && !savepoint.test(sql));
    assert.deepEqual(own, [], "it was refused after it was sent");
  }

  /** Nothing may have changed what no attack is about. */
  async checkCanaries(): Promise<void> {
    const { rows } = await this.db.execute("SELECT word FROM canary ORDER BY id");
    assert.deepEqual(rows.map(({ word }) => word), canaries);
    const names = await this.db.repository(Note).find({ select: ["name"], orderBy: { id: "asc" } });
    assert.deepEqual(names.map(({ name }) => name), ["decoy one", "decoy two"]);
    assert.deepEqual(
      [await this.db.repository(Person).count(), await this.db.repository(Label).count()],
      [1, 1],
    );
  }
}

const savepoint = /^(SAVEPOINT|RELEASE|ROLLBACK TO)\b/;
const encoder = new TextEncoder();

/** PostgreSQL cuts names at 63 bytes: longer ones are refused, lest they mean something else. */
function isNoName(text: string): boolean {
  return text === "" || encoder.encode(text).length > 63;
}

const keywords = new Set("SELECT FROM WHERE AS AND OR NOT NULL TRUE FALSE INTO SET".split(" "));

function wordsOf(text: string): string[] {
  return [...text.matchAll(/[A-Za-z_][\w$]*/g)].map(([word]) => word)
    .filter((word) => !keywords.has(word));
}

// deno-lint-ignore no-control-regex -- they are what is looked for
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** Whether a text has a character that a terminal obeys, or that hides others. */
export function isUnseen(text: string): boolean {
  return control.test(text);
}

/** A message is for people and terminals: no control characters, and not longer than they read. */
export function checkMessage(message: string, text: string): void {
  assert.ok(!isUnseen(message), `the message holds control characters of ${JSON.stringify(text)}`);
  assert.ok(message.length < 4_000, `the message has ${message.length} characters`);
}
