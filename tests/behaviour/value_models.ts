/**
 * A model with one column of every type, one with an array of every type, and around each the relations
 * through which its records can be read.
 *
 * @module
 */
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryKey,
} from "../../src/model/mod.ts";
import type { ModelClass } from "../../src/model/keys.ts";

/** The values of the enum columns, in an order that is not the alphabet's. */
export const moods = ["so so", "glad", 'it\'s "fine"', "été"] as const;

/** One of {@linkcode moods}. */
export type Mood = typeof moods[number];

/** One column of every type. */
@Entity({ tableName: "value_samples" })
export class Sample extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "smallint", nullable: true })
  smallint!: number | null;
  @Column({ type: "integer", nullable: true })
  integer!: number | null;
  @Column({ type: "bigint", nullable: true })
  bigint!: bigint | null;
  @Column({ type: "numeric", nullable: true })
  numeric!: string | null;
  @Column({ type: "numeric", precision: 38, scale: 10, nullable: true })
  decimal!: string | null;
  @Column({ type: "real", nullable: true })
  real!: number | null;
  @Column({ type: "double", nullable: true })
  double!: number | null;
  @Column({ type: "boolean", nullable: true })
  boolean!: boolean | null;
  @Column({ type: "text", nullable: true })
  text!: string | null;
  @Column({ type: "varchar", length: 12, nullable: true })
  varchar!: string | null;
  @Column({ type: "char", length: 3, nullable: true })
  char!: string | null;
  @Column({ type: "uuid", nullable: true })
  uuid!: string | null;
  @Column({ type: "date", nullable: true })
  date!: string | null;
  @Column({ type: "time", nullable: true })
  time!: string | null;
  @Column({ type: "timestamp", nullable: true })
  timestamp!: Date | null;
  @Column({ type: "timestamptz", nullable: true })
  timestamptz!: Date | null;
  @Column({ type: "json", nullable: true })
  json!: unknown;
  @Column({ type: "jsonb", nullable: true })
  jsonb!: unknown;
  @Column({ type: "bytes", nullable: true })
  bytes!: Uint8Array | null;
  @Column({ type: "enum", values: moods, nullable: true })
  enum!: Mood | null;
  @Column({ type: "other", sql: "interval", nullable: true })
  other!: string | null;
  @ManyToOne(() => Shelf, (shelf) => shelf.samples, { nullable: true })
  shelf!: Shelf | null;
  @OneToOne(() => Label, (label) => label.sample)
  label!: Label | null;
  @ManyToMany(() => Theme, (theme) => theme.samples, { through: { table: "value_sample_themes" } })
  themes!: Theme[];
}

/** Holds samples: one level above them. */
@Entity({ tableName: "value_shelves" })
export class Shelf extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @ManyToOne(() => Room, (room) => room.shelves, { nullable: true })
  room!: Room | null;
  @OneToMany(() => Sample, (sample) => sample.shelf)
  samples!: Sample[];
}

/** Holds shelves: two levels above samples. */
@Entity({ tableName: "value_rooms" })
export class Room extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @OneToMany(() => Shelf, (shelf) => shelf.room)
  shelves!: Shelf[];
}

/** Leads to one sample. */
@Entity({ tableName: "value_labels" })
export class Label extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @OneToOne(() => Sample, (sample) => sample.label, { owner: true, nullable: true })
  sample!: Sample | null;
}

/** Leads to many samples by a join table. */
@Entity({ tableName: "value_themes" })
export class Theme extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @ManyToMany(() => Sample, (sample) => sample.themes)
  samples!: Sample[];
}

/** An array of every type, where the database has arrays. */
@Entity({ tableName: "value_list_samples" })
export class ListSample extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "smallint", array: true, nullable: true })
  smallint!: number[] | null;
  @Column({ type: "integer", array: true, nullable: true })
  integer!: number[] | null;
  @Column({ type: "bigint", array: true, nullable: true })
  bigint!: bigint[] | null;
  @Column({ type: "numeric", array: true, nullable: true })
  numeric!: string[] | null;
  @Column({ type: "numeric", precision: 38, scale: 10, array: true, nullable: true })
  decimal!: string[] | null;
  @Column({ type: "real", array: true, nullable: true })
  real!: number[] | null;
  @Column({ type: "double", array: true, nullable: true })
  double!: number[] | null;
  @Column({ type: "boolean", array: true, nullable: true })
  boolean!: boolean[] | null;
  @Column({ type: "text", array: true, nullable: true })
  text!: string[] | null;
  @Column({ type: "varchar", length: 12, array: true, nullable: true })
  varchar!: string[] | null;
  @Column({ type: "char", length: 3, array: true, nullable: true })
  char!: string[] | null;
  @Column({ type: "uuid", array: true, nullable: true })
  uuid!: string[] | null;
  @Column({ type: "date", array: true, nullable: true })
  date!: string[] | null;
  @Column({ type: "time", array: true, nullable: true })
  time!: string[] | null;
  @Column({ type: "timestamp", array: true, nullable: true })
  timestamp!: Date[] | null;
  @Column({ type: "timestamptz", array: true, nullable: true })
  timestamptz!: Date[] | null;
  @Column({ type: "json", array: true, nullable: true })
  json!: unknown[] | null;
  @Column({ type: "jsonb", array: true, nullable: true })
  jsonb!: unknown[] | null;
  @Column({ type: "bytes", array: true, nullable: true })
  bytes!: Uint8Array[] | null;
  @Column({ type: "enum", values: moods, array: true, nullable: true })
  enum!: Mood[] | null;
  @Column({ type: "other", sql: "interval", array: true, nullable: true })
  other!: string[] | null;
  @ManyToOne(() => ListShelf, (shelf) => shelf.samples, { nullable: true })
  shelf!: ListShelf | null;
  @OneToOne(() => ListLabel, (label) => label.sample)
  label!: ListLabel | null;
  @ManyToMany(() => ListTheme, (theme) => theme.samples, {
    through: { table: "value_list_sample_themes" },
  })
  themes!: ListTheme[];
}

/** Holds arrays: one level above them. */
@Entity({ tableName: "value_list_shelves" })
export class ListShelf extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @ManyToOne(() => ListRoom, (room) => room.shelves, { nullable: true })
  room!: ListRoom | null;
  @OneToMany(() => ListSample, (sample) => sample.shelf)
  samples!: ListSample[];
}

/** Holds shelves: two levels above arrays. */
@Entity({ tableName: "value_list_rooms" })
export class ListRoom extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @OneToMany(() => ListShelf, (shelf) => shelf.room)
  shelves!: ListShelf[];
}

/** Leads to one record of arrays. */
@Entity({ tableName: "value_list_labels" })
export class ListLabel extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @OneToOne(() => ListSample, (sample) => sample.label, { owner: true, nullable: true })
  sample!: ListSample | null;
}

/** Leads to many records of arrays by a join table. */
@Entity({ tableName: "value_list_themes" })
export class ListTheme extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @ManyToMany(() => ListSample, (sample) => sample.themes)
  samples!: ListSample[];
}

/** The models around one model of values. */
export interface Family {
  /** The model of values. */
  readonly sample: ModelClass<Sample>;
  /** Has many samples. */
  readonly shelf: ModelClass<Shelf>;
  /** Has many shelves. */
  readonly room: ModelClass<Room>;
  /** Has one sample. */
  readonly label: ModelClass<Label>;
  /** Has many samples by a join table. */
  readonly theme: ModelClass<Theme>;
}

/** Scalars. */
export const scalars: Family = {
  sample: Sample,
  shelf: Shelf,
  room: Room,
  label: Label,
  theme: Theme,
};

/** Arrays, in the types of the scalars: the tables of cases are data for both. */
export const lists = {
  sample: ListSample,
  shelf: ListShelf,
  room: ListRoom,
  label: ListLabel,
  theme: ListTheme,
} as unknown as Family;

/** All models of a family. */
export function modelsOf(family: Family): ModelClass[] {
  return [family.room, family.shelf, family.sample, family.label, family.theme];
}
