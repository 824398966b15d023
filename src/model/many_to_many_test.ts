import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  Entity,
  entityOf,
  type Generated,
  ManyToMany,
  ManyToOne,
  type ModelClass,
  PrimaryKey,
} from "./mod.ts";
import type { RelationSchema } from "../schema/entity.ts";

/** A base with a numbered key. */
abstract class Numbered extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
}

function relation(model: ModelClass, name: string): RelationSchema {
  return entityOf(model).relations.get(name)!;
}

/** `local = foreign` by property names. */
function ends({ local, foreign }: RelationSchema): string {
  return `${local.map(({ name }) => name)} = ${foreign.map(({ name }) => name)}`;
}

Deno.test("both sides of a many-to-many relation share one join table", () => {
  @Entity()
  class BlogPost extends Numbered {
    @ManyToMany(() => Tag, (tag) => tag.posts)
    tags!: Tag[];
  }
  @Entity()
  class Tag extends BaseModel {
    @PrimaryKey({ type: "text" })
    name!: string;
    @ManyToMany(() => BlogPost, (post) => post.tags)
    posts!: BlogPost[];
  }
  const posts = relation(Tag, "posts");
  const tags = relation(BlogPost, "tags");
  assert.equal(posts.through!.table, tags.through!.table);
  assert.deepEqual([tags.through!.local, tags.through!.foreign], [["blog_post_id"], ["tag_name"]]);
  assert.deepEqual([posts.through!.local, posts.through!.foreign], [["tag_name"], [
    "blog_post_id",
  ]]);
  assert.deepEqual([ends(tags), ends(posts)], ["id = name", "name = id"]);
  assert.equal(tags.inverse, posts);
  assert.deepEqual(tags.through!.table, {
    name: "blog_posts_tags",
    columns: [
      { name: "blog_post_id", type: { name: "integer" }, nullable: false },
      { name: "tag_name", type: { name: "text" }, nullable: false },
    ],
    primaryKey: { columns: ["blog_post_id", "tag_name"] },
    uniques: [],
    indexes: [{
      name: "ix_blog_posts_tags_tag_name",
      parts: [{ column: "tag_name" }],
      unique: false,
    }],
    checks: [],
    foreignKeys: [
      {
        name: "fk_blog_posts_tags_blog_post_id",
        columns: ["blog_post_id"],
        table: "blog_posts",
        references: ["id"],
        onDelete: "cascade",
      },
      {
        name: "fk_blog_posts_tags_tag_name",
        columns: ["tag_name"],
        table: "tags",
        references: ["name"],
        onDelete: "cascade",
      },
    ],
  });
});

Deno.test("a join table can be described on one side", () => {
  @Entity()
  class Student extends Numbered {
    @ManyToMany(() => Course, (course) => course.students)
    courses!: Course[];
  }
  @Entity()
  class Course extends Numbered {
    @ManyToMany(() => Student, (student) => student.courses, {
      through: { table: "enrolment", local: "course", foreign: ["student"] },
    })
    students!: Student[];
  }
  const { through } = relation(Student, "courses");
  assert.equal(through!.table.name, "enrolment");
  assert.deepEqual([through!.local, through!.foreign], [["student"], ["course"]]);
  assert.equal(through!.table, relation(Course, "students").through!.table);
});

Deno.test("a join table can be a class with columns of its own", () => {
  @Entity()
  class Actor extends Numbered {
    @ManyToMany(() => Film, (film) => film.cast, { through: { model: () => Part } })
    films!: Film[];
  }
  @Entity()
  class Film extends Numbered {
    @ManyToMany(() => Actor, (actor) => actor.films)
    cast!: Actor[];
  }
  @Entity()
  class Part extends BaseModel {
    @PrimaryKey({ generated: false })
    actorId!: number;
    @PrimaryKey({ generated: false })
    filmId!: number;
    @ManyToOne(() => Actor)
    actor!: Actor;
    @ManyToOne(() => Film)
    film!: Film;
    @Column({ type: "text" })
    role!: string;
  }
  const { through } = relation(Film, "cast");
  assert.equal(through!.entity, entityOf(Part));
  assert.equal(through!.table, entityOf(Part).table);
  assert.deepEqual([through!.local, through!.foreign], [["film_id"], ["actor_id"]]);
  assert.deepEqual(entityOf(Part).table.indexes.map(({ name }) => name), ["ix_parts_film_id"]);
});

Deno.test("many-to-many relations of a class with itself keep their sides apart", () => {
  @Entity()
  class Member extends Numbered {
    @ManyToMany(() => Member, (member) => member.following)
    followers!: Member[];
    @ManyToMany(() => Member, (member) => member.followers)
    following!: Member[];
    @ManyToMany(() => Member)
    friends!: Member[];
  }
  const followers = relation(Member, "followers").through!;
  const following = relation(Member, "following").through!;
  assert.equal(followers.table, following.table);
  assert.equal(followers.table.name, "members_followers");
  assert.deepEqual([followers.local, followers.foreign], [["member_id"], ["follower_id"]]);
  assert.deepEqual([following.local, following.foreign], [["follower_id"], ["member_id"]]);
  const friends = relation(Member, "friends").through!;
  assert.deepEqual([friends.table.name, friends.foreign], ["members_friends", ["friend_id"]]);

  @Entity()
  class Node extends Numbered {
    @ManyToMany(() => Node, (node) => node.from, {
      through: { model: () => Edge, local: "source", foreign: "targetId" },
    })
    to!: Node[];
    @ManyToMany(() => Node, (node) => node.to)
    from!: Node[];
  }
  @Entity()
  class Edge extends Numbered {
    @ManyToOne(() => Node)
    source!: Node;
    @Column({ type: "integer" })
    targetId!: number;
    @ManyToOne(() => Node)
    target!: Node;
  }
  const from = relation(Node, "from").through!;
  assert.deepEqual([from.local, from.foreign], [["target_id"], ["source_id"]]);
});
