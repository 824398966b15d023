import { BaseModel, Column, Entity, type Generated, OneToMany, PrimaryKey } from "../mod.ts";
import { Book } from "./book.ts";

/** Imports a model that imports this one. */
@Entity()
export class Author extends BaseModel {
  /** The key. */
  @PrimaryKey()
  id!: Generated<number>;
  /** The name. */
  @Column({ type: "text" })
  name!: string;
  /** What they wrote. */
  @OneToMany(() => Book, (book) => book.author)
  books!: Book[];
}
