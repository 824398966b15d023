import { BaseModel, Column, Entity, type Generated, ManyToOne, PrimaryKey } from "../mod.ts";
import { Author } from "./author.ts";

/** Imports a model that imports this one. */
@Entity()
export class Book extends BaseModel {
  /** The key. */
  @PrimaryKey()
  id!: Generated<number>;
  /** The title. */
  @Column({ type: "text" })
  title!: string;
  /** Who wrote it. */
  @ManyToOne(() => Author, (author) => author.books)
  author!: Author;
}
