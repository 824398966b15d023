/**
 * The specification's own example models, `User` and `Post`, and what is needed beside them.
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
  Validate,
  ValidateMultiple,
} from "@rex/orm";

/** A user with posts and a profile. */
@Entity({ tableName: "users" })
export class User extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "varchar", length: 255 })
  @Validate((value: string) => value.length > 0, "Name cannot be empty")
  name!: string;

  @Column({ type: "varchar", length: 255, unique: true })
  @ValidateMultiple([
    { rule: (value: string) => /\S+@\S+\.\S+/.test(value), message: "Invalid email format" },
    { rule: (value: string) => !value.includes(" "), message: "Email cannot have spaces" },
  ])
  email!: string;

  @Column({ type: "integer", nullable: true })
  age!: number | null;

  @OneToMany(() => Post, (post) => post.user)
  posts!: Post[];

  @OneToOne(() => Profile, (profile) => profile.user)
  profile!: Profile | null;
}

/** One user's profile. */
@Entity({ tableName: "profiles" })
export class Profile extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "text" })
  bio!: string;

  @Column({ type: "integer" })
  userId!: number;

  @OneToOne(() => User, (user) => user.profile)
  user!: User;
}

/** A post of a user, with tags. */
@Entity({ tableName: "posts" })
export class Post extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "varchar", length: 255 })
  @Validate((value: string) => value.length > 0, "Title cannot be empty")
  title!: string;

  @ManyToOne(() => User, (user) => user.posts, { onDelete: "cascade" })
  user!: User;

  @ManyToMany(() => Tag, (tag) => tag.posts)
  tags!: Tag[];
}

/** A tag of posts. */
@Entity({ tableName: "tags" })
export class Tag extends BaseModel {
  @PrimaryKey({ type: "varchar", length: 40, generated: false })
  name!: string;

  @ManyToMany(() => Post, (post) => post.tags)
  posts!: Post[];
}

/** A node of a tree: a relation to its own class. */
@Entity({ tableName: "categories" })
export class Category extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "varchar" })
  name!: string;

  @ManyToOne(() => Category, (category) => category.children, { nullable: true })
  parent!: Category | null;

  @OneToMany(() => Category, (category) => category.parent)
  children!: Category[];
}

/** All of them. */
export const models = [User, Profile, Post, Tag, Category];
