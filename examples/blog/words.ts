/**
 * The words that the blog's people, posts and comments are made of.
 *
 * @module
 */
import type { Random } from "./random.ts";

const FIRST_NAMES =
  ("Ada Alan Amina Barbara Bruno Carla Chidi Dara Edith Elif Farid Grace Hana Hugo Ines " +
    "Ivan Jonas Kaito Katherine Lena Linus Mara Mateo Nadia Noor Olga Omar Paula Priya Quentin Radia Rosa " +
    "Samir Sofia Tariq Uma Viktor Wanda Yuki Zora").split(" ");
const LAST_NAMES =
  ("Abbott Andersen Bauer Castillo Dubois Eriksen Fischer Garcia Haddad Hopper Ivanova " +
    "Jensen Kowalski Lamarr Lovelace Moreau Nakamura Okafor Perlman Quispe Ricci Sato Tanaka Turing Usman " +
    "Vasquez Weber Xu Yilmaz Zhang").split(" ");
const COUNTRIES = ["BR", "DE", "ES", "FR", "IN", "JP", "NG", "PL", "TR", "US"];
const QUALITIES =
  "Boring Careful Cheap Correct Fast Forgotten Honest Idle Patient Quiet Simple Small Sturdy Typed Useful"
    .split(" ");
const THINGS =
  "Caches Cursors Databases Deadlocks Indexes Joins Locks Migrations Models Pages Queries Rows Schemas Tests Types"
    .split(" ");
const PLACES = [
  "at Night",
  "by Example",
  "for Beginners",
  "from Scratch",
  "in Practice",
  "on a Budget",
  "on One Core",
  "under Load",
  "without Fear",
  "without Magic",
];
const SENTENCES = [
  "It began with one slow page.",
  "We measured before we changed anything.",
  "The plan said one thing and the clock another.",
  "Nobody had looked at the index for a year.",
  "The second attempt was shorter than the first.",
  "A transaction is a promise to a reader.",
  "Half of the code went away.",
  "The numbers are at the end.",
];
const REMARKS = [
  "I tried this and it holds.",
  "What happens with ten times the rows?",
  "The second figure surprised me.",
  "Could you show the plan as well?",
  "We did the opposite, and regret it.",
  "Thank you, this saved my evening.",
  "Does it work on one connection too?",
  "I would keep the index.",
];

/** The subjects of posts. */
export const TAGS: readonly string[] =
  ("architecture backup caching concurrency databases debugging deno design indexes json locking migrations " +
    "modelling operations pagination performance postgres reliability security sql sqlite testing tooling types")
    .split(" ");

/** A name, and the address that goes with the number of its owner. */
export function person(random: Random, number: number): {
  readonly name: string;
  readonly email: string;
  readonly country: string | null;
} {
  const [first, last] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
  return {
    name: `${first} ${last}`,
    email: `${first}.${last}.${number}@example.org`.toLowerCase(),
    country: random.below(10) === 0 ? null : random.pick(COUNTRIES),
  };
}

/** The title of a post. */
export function title(random: Random): string {
  return `${random.pick(QUALITIES)} ${random.pick(THINGS)} ${random.pick(PLACES)}`;
}

/** The text of a post. */
export function body(random: Random): string {
  return random.sample(SENTENCES, 3 + random.below(4)).join(" ");
}

/** The text of a comment. */
export function remark(random: Random): string {
  return random.pick(REMARKS);
}
