/**
 * What the models mean, written down by hand: the naive evaluator must not learn it from the code that it judges.
 *
 * @module
 */
import type { ModelClass } from "../../src/model/keys.ts";
import * as classes from "./models.ts";

/** How values of a column compare. */
export type Kind =
  | "int"
  | "big"
  | "num"
  | "double"
  | "bool"
  | "text"
  | "date"
  | "time"
  | "uuid"
  | "enum"
  | "json"
  | "bytes";

/** A column. */
export interface ColumnInfo {
  readonly kind: Kind;
  readonly nullable: boolean;
  /** A foreign key that is no property of the class. */
  readonly hidden: boolean;
}

/** A join table: its rows are in the data under its name. */
export interface ThroughInfo {
  readonly table: string;
  readonly local: readonly string[];
  readonly foreign: readonly string[];
}

/** A relation. */
export interface RelationInfo {
  readonly target: string;
  readonly many: boolean;
  readonly local: readonly string[];
  readonly foreign: readonly string[];
  readonly through?: ThroughInfo;
}

/** A model. */
export interface ModelInfo {
  readonly name: string;
  readonly model: ModelClass<Record<string, unknown>>;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnInfo>>;
  readonly relations: Readonly<Record<string, RelationInfo>>;
  readonly soft: boolean;
}

/** A stored row: values by property, hidden foreign keys too. */
export type Row = Record<string, unknown>;

/** All rows, by model or join table. */
export type Data = Record<string, Row[]>;

function columns(text: string): Record<string, ColumnInfo> {
  return Object.fromEntries(
    text.split(" ").map((each) => {
      const [, name = "", kind, marks = ""] = /^(\w+):(\w+)([?!]*)$/.exec(each) ?? [];
      return [name, {
        kind: kind as Kind,
        nullable: marks.includes("?"),
        hidden: marks.includes("!"),
      }];
    }),
  );
}

function toOne(target: string, local: string, foreign = "id"): RelationInfo {
  return { target, many: false, local: local.split(" "), foreign: foreign.split(" ") };
}

function toMany(target: string, foreign: string, local = "id"): RelationInfo {
  return { target, many: true, local: local.split(" "), foreign: foreign.split(" ") };
}

function across(
  target: string,
  [table, local, foreign]: readonly [string, string, string],
  own = "id",
  other = "id",
): RelationInfo {
  return {
    target,
    many: true,
    local: own.split(" "),
    foreign: other.split(" "),
    through: { table, local: local.split(" "), foreign: foreign.split(" ") },
  };
}

function model(
  name: keyof typeof classes,
  key: string,
  text: string,
  relations: Record<string, RelationInfo>,
  soft = false,
): ModelInfo {
  const type = classes[name] as unknown as ModelInfo["model"];
  return { name, model: type, key: key.split(" "), columns: columns(text), relations, soft };
}

const infos: readonly ModelInfo[] = [
  model(
    "Author",
    "id",
    "id:int name:text email:text? age:int? big:big? price:num? ratio:double? active:bool? " +
      "seenAt:time? day:date? code:uuid? level:enum? meta:json? blob:bytes? mentorId:int?",
    {
      mentor: toOne("Author", "mentorId"),
      pupils: toMany("Author", "mentorId"),
      follows: across("Author", ["follows", "follower_id", "followed_id"]),
      followers: across("Author", ["follows", "followed_id", "follower_id"]),
      posts: toMany("Post", "authorId"),
      edited: toMany("Post", "editorId"),
      profile: toOne("Profile", "id", "authorId"),
      comments: toMany("Comment", "writerId"),
    },
  ),
  model("Profile", "id", "id:int bio:text authorId:int", { author: toOne("Author", "authorId") }),
  model(
    "Post",
    "id",
    "id:int title:text views:int size:big? price:num? publishedAt:time? authorId:int editorId:int?!",
    {
      author: toOne("Author", "authorId"),
      editor: toOne("Author", "editorId"),
      comments: toMany("Comment", "postId"),
      tags: across("Tag", ["post_tags", "post_id", "tag_name"], "id", "name"),
      topics: across("Topic", ["Labelling", "postId", "topicId"]),
    },
  ),
  model(
    "Comment",
    "id",
    "id:int body:text stars:int? postId:int writerId:int? parentId:int? deletedAt:time?",
    {
      post: toOne("Post", "postId"),
      writer: toOne("Author", "writerId"),
      parent: toOne("Comment", "parentId"),
      replies: toMany("Comment", "parentId"),
    },
    true,
  ),
  model("Tag", "name", "name:text note:text?", {
    posts: across("Post", ["post_tags", "tag_name", "post_id"], "name", "id"),
  }),
  model("Topic", "id", "id:big title:text", {
    posts: across("Post", ["Labelling", "topicId", "postId"]),
  }),
  model("Labelling", "postId topicId", "postId:int topicId:big weight:int", {
    post: toOne("Post", "postId"),
    topic: toOne("Topic", "topicId"),
  }),
  model("Region", "country number", "country:text number:int name:text?", {
    towns: toMany("Town", "country regionNumber", "country number"),
    touches: across(
      "Region",
      ["borders", "from_country from_number", "to_country to_number"],
      "country number",
      "country number",
    ),
    touchedBy: across(
      "Region",
      ["borders", "to_country to_number", "from_country from_number"],
      "country number",
      "country number",
    ),
  }),
  model("Town", "country name", "country:text name:text regionNumber:int?", {
    region: toOne("Region", "country regionNumber", "country number"),
  }),
];

/** The models by name. */
export const world: ReadonlyMap<string, ModelInfo> = new Map(
  infos.map((each) => [each.name, each]),
);

/** The model of a name. */
export function infoOf(name: string): ModelInfo {
  const info = world.get(name);
  if (!info) throw new RangeError(`Cannot find the model ${name}`);
  return info;
}

/** Which rows go, or let go, when a row that they point to is deleted. */
export const references: readonly {
  readonly from: string;
  readonly columns: readonly string[];
  readonly to: string;
  readonly keys: readonly string[];
  readonly action: "cascade" | "set null" | "refuse";
}[] = [
  { from: "Author", columns: ["mentorId"], to: "Author", keys: ["id"], action: "set null" },
  { from: "follows", columns: ["follower_id"], to: "Author", keys: ["id"], action: "cascade" },
  { from: "follows", columns: ["followed_id"], to: "Author", keys: ["id"], action: "cascade" },
  { from: "Profile", columns: ["authorId"], to: "Author", keys: ["id"], action: "cascade" },
  { from: "Post", columns: ["authorId"], to: "Author", keys: ["id"], action: "cascade" },
  { from: "Post", columns: ["editorId"], to: "Author", keys: ["id"], action: "set null" },
  { from: "Comment", columns: ["postId"], to: "Post", keys: ["id"], action: "cascade" },
  { from: "Comment", columns: ["writerId"], to: "Author", keys: ["id"], action: "set null" },
  { from: "Comment", columns: ["parentId"], to: "Comment", keys: ["id"], action: "set null" },
  { from: "post_tags", columns: ["post_id"], to: "Post", keys: ["id"], action: "cascade" },
  { from: "post_tags", columns: ["tag_name"], to: "Tag", keys: ["name"], action: "cascade" },
  { from: "Labelling", columns: ["postId"], to: "Post", keys: ["id"], action: "cascade" },
  { from: "Labelling", columns: ["topicId"], to: "Topic", keys: ["id"], action: "cascade" },
  {
    from: "borders",
    columns: ["from_country", "from_number"],
    to: "Region",
    keys: ["country", "number"],
    action: "cascade",
  },
  {
    from: "borders",
    columns: ["to_country", "to_number"],
    to: "Region",
    keys: ["country", "number"],
    action: "cascade",
  },
  {
    from: "Town",
    columns: ["country", "regionNumber"],
    to: "Region",
    keys: ["country", "number"],
    action: "refuse",
  },
];
