/**
 * Models with policies: people in teams, their documents, and notes on them.
 *
 * @module
 */
import {
  AfterUpdate,
  BaseModel,
  BeforeUpdate,
  Column,
  DeletedAt,
  Entity,
  type Generated,
  isEmail,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryKey,
  Validate,
  Version,
} from "../../src/model/mod.ts";
import { Policies } from "../../src/repository/policy/mod.ts";
import type { Database } from "../../src/database/database.ts";

@Entity({ tableName: "policy_people" })
export class Person extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "text", nullable: true })
  @Validate(isEmail, "is no address")
  email!: string | null;
  @Column({ type: "integer" })
  team!: number;
  @OneToMany(() => Document, (document) => document.owner)
  documents!: Document[];
}

@Entity({ tableName: "policy_documents" })
export class Document extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  title!: string;
  @Column({ type: "text", default: "draft" })
  state!: Generated<string>;
  @Column({ type: "text", nullable: true })
  secret!: string | null;
  @Column({ type: "integer" })
  ownerId!: number;
  @ManyToOne(() => Person, (person) => person.documents)
  owner!: Person;
  @OneToMany(() => Note, (note) => note.document, { cascade: ["delete"] })
  notes!: Note[];
  @ManyToMany(() => Label, (label) => label.documents)
  labels!: Label[];
  @Version()
  version!: Generated<number>;
}

@Entity({ tableName: "policy_notes" })
export class Note extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  text!: string;
  @Column({ type: "integer" })
  documentId!: number;
  @ManyToOne(() => Document, (document) => document.notes, { onDelete: "cascade" })
  document!: Document;
  @DeletedAt()
  deletedAt!: Date | null;
  @Column({ type: "integer", default: 0 })
  edits!: Generated<number>;

  /** Notes of hooks that ran. */
  static ran: string[] = [];
  @BeforeUpdate()
  count(): void {
    Note.ran.push("before");
  }
  @AfterUpdate()
  done(): void {
    Note.ran.push("after");
  }
}

@Entity({ tableName: "policy_labels" })
export class Label extends BaseModel {
  @PrimaryKey({ type: "varchar", length: 20 })
  name!: string;
  @ManyToMany(() => Document, (document) => document.labels)
  documents!: Document[];
}

/** All of them. */
export const policyModels = [Person, Document, Note, Label];

/** Whoever asks: a person of a team, or nobody. */
export interface Who {
  readonly id?: number;
  readonly team?: number;
}

/**
 * People see those of their team without addresses; documents are seen by the owner's team, or by all when they are
 * public; notes with their document; labels by all. Owners write.
 */
export const policies: Policies<Who> = new Policies<Who>()
  .allow(Person, {
    read: ({ team }) => team !== undefined && { team },
    fields: ["id", "name", "documents"],
    create: ({ team }, values) => team !== undefined && values.team === team,
    writable: ["name", "email", "team"],
  })
  .allow(Document, {
    read: ({ team }) =>
      team === undefined ? { state: "public" } : { OR: [{ state: "public" }, { owner: { team } }] },
    fields: ["id", "title", "state", "ownerId", "version", "owner", "notes", "labels"],
    create: ({ id }) => id !== undefined,
    update: ({ id }) => id !== undefined && { ownerId: id, state: { in: ["draft", "public"] } },
    updateTo: ({ id }) => id !== undefined && { ownerId: id },
    delete: ({ id }) => id !== undefined && { ownerId: id, state: "draft" },
    writable: ["title", "state"],
    preset: ({ id }) => ({ ownerId: id! }),
  })
  .allow(Note, {
    read: ({ team }) =>
      team === undefined
        ? { document: { state: "public" } }
        : { document: { OR: [{ state: "public" }, { owner: { team } }] } },
    create: ({ id }) => id !== undefined && { document: { ownerId: id } },
    update: ({ id }) => id !== undefined && { document: { ownerId: id } },
    delete: ({ id }) => id !== undefined && { document: { ownerId: id } },
    writable: (_, write) =>
      write === "create" ? ["text", "documentId"] : ["text", "documentId", "edits"],
    withDeleted: ({ id }) => id === 1,
  })
  .allow(Label, { read: true });

/** Ada (1) and Bob (2) of team 1, Cyd (3) of team 2; two documents each, one of them public. */
export async function fillPolicies(db: Database): Promise<void> {
  await db.repository(Person).createMany([
    { id: 1, name: "Ada", email: "ada@x.org", team: 1 },
    { id: 2, name: "Bob", email: null, team: 1 },
    { id: 3, name: "Cyd", email: "cyd@x.org", team: 2 },
  ]);
  await db.repository(Label).createMany([{ name: "red" }, { name: "blue" }]);
  for (const ownerId of [1, 2, 3]) {
    await db.repository(Document).create({
      id: ownerId * 10,
      title: `draft of ${ownerId}`,
      secret: "s",
      ownerId,
      labels: { connect: { name: "red" } },
      notes: {
        create: [{ id: ownerId * 100, text: "first" }, { id: ownerId * 100 + 1, text: "second" }],
      },
    });
    await db.repository(Document).create({
      id: ownerId * 10 + 1,
      title: `page of ${ownerId}`,
      state: "public",
      ownerId,
      notes: { create: { id: ownerId * 100 + 2, text: "third" } },
    });
  }
}

/** Lets databases that number rows go on after the rows of `fillPolicies`. */
export async function afterFilling(db: Database, database: string): Promise<void> {
  if (!database.startsWith("PostgreSQL")) return;
  for (const table of ["policy_people", "policy_documents", "policy_notes"]) {
    await db.execute(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), 1000)`);
  }
}
