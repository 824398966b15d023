/**
 * Queries and writes of others, under policies.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import { clientQuery } from "../../../src/features/realtime/policy/client_query.ts";
import { clientWrite } from "../../../src/features/realtime/policy/client_values.ts";
import { entityOf } from "../../../src/model/registry.ts";
import {
  createAllowed,
  Policies,
  restrict,
  updateAllowed,
} from "../../../src/repository/policy/mod.ts";
import { Label, Note, Person, type Position } from "../arena.ts";
import { type Loose, only, repository, type Row, stored } from "./loose.ts";

const everything = { read: true, create: true, update: true } as const;
const policies = new Policies()
  .allow(Note, { ...everything, writable: ["name", "mark"] })
  .allow(Person, everything)
  .allow(Label, everything);
const entity = entityOf(Note);

/** An object with one key, whatever its name. */
function keyed(key: string, value: unknown): Row {
  return Object.fromEntries([[key, value]]);
}

function sent(tx: TransactionScope, query: object): Promise<Row[]> {
  const wire = JSON.parse(JSON.stringify(query));
  return repository(tx).find(clientQuery({ entity, wire, policies, context: {} }));
}

/** A query in the program's own hands, and one from a client. */
function word(name: string, benign: string, query: (text: string) => object): readonly Position[] {
  const position = (
    how: string,
    attack: (tx: TransactionScope, text: string) => Loose,
  ): Position => ({
    name: `policies: ${name}, ${how}`,
    covers: ["restrict"],
    expect: "word",
    benign,
    attack,
  });
  return [
    position(
      "restricted",
      (tx, text) => repository(tx).find(restrict(policies, {}, entity, query(text) as Row)),
    ),
    position("from a client", (tx, text) => sent(tx, query(text))),
  ];
}

/** Texts that no database stores, which a client is told at once. */
const unstorable = (text: string): boolean => text.includes("\0") || !text.isWellFormed();

/** Queries and writes under policies. */
export const underPolicies: readonly Position[] = [
  ...word("key of where", "name", (text) => ({ where: keyed(text, "x") })),
  ...word(
    "key of where of a relation",
    "name",
    (text) => ({ where: { person: keyed(text, "x") } }),
  ),
  ...word("operator of a relation", "some", (text) => ({ where: { labels: keyed(text, {}) } })),
  ...word("operator", "startsWith", (text) => ({ where: { name: keyed(text, "x") } })),
  ...word("select", "name", (text) => ({ select: [text] })),
  ...word("include", "person", (text) => ({ include: keyed(text, true) })),
  ...word("counted relation", "labels", (text) => ({ include: { _count: keyed(text, true) } })),
  ...word("key of orderBy", "name", (text) => ({ orderBy: keyed(text, "asc") })),
  ...word("direction", "desc", (text) => ({ orderBy: { name: text } })),
  ...word("key of a query", "where", (text) => keyed(text, {})),
  {
    name: "policies: value of a condition",
    covers: ["restrict"],
    expect: "data",
    attack: async (tx, text) => {
      await stored(tx, text);
      const query = restrict(policies, {}, entity, { where: { name: text }, select: ["name"] });
      return only(await repository(tx).find(query));
    },
  },
  {
    name: "policies: value of a client's condition",
    covers: ["restrict"],
    expect: "data",
    refuses: unstorable,
    attack: async (tx, text) => {
      await stored(tx, text);
      return only(await sent(tx, { where: { name: { in: [text] } }, select: ["name"] }));
    },
  },
  {
    name: "policies: value of a policy",
    covers: ["restrict", "Policies#allow"],
    expect: "data",
    attack: async (tx, text) => {
      await stored(tx, text);
      const own = new Policies<string>().allow(Note, {
        read: (name) => ({ name }),
        fields: ["name"],
      });
      return only(await repository(tx).find(restrict(own, text, entity, {})));
    },
  },
  {
    name: "policies: value of a new record",
    covers: ["createAllowed"],
    expect: "data",
    attack: async (tx, text) =>
      (await createAllowed(tx, policies, {}, entity, { name: text })).row?.name,
  },
  {
    name: "policies: value of a client's new record",
    covers: ["createAllowed"],
    expect: "data",
    refuses: unstorable,
    attack: async (tx, text) => {
      const { values } = clientWrite({
        entity,
        values: JSON.parse(JSON.stringify({ name: text })),
      });
      return (await createAllowed(tx, policies, {}, entity, values)).row?.name;
    },
  },
  {
    name: "policies: key of a new record",
    covers: ["createAllowed"],
    expect: "word",
    benign: "name",
    attack: (tx, text) =>
      createAllowed(tx, policies, {}, entity, {
        ...keyed(text, "x"),
        ...text !== "name" && { name: "x" },
      }),
  },
  {
    name: "policies: value of a changed record",
    covers: ["updateAllowed"],
    expect: "data",
    attack: async (tx, text) =>
      (await updateAllowed(tx, policies, {}, entity, 1, { name: text })).row?.name,
  },
  {
    name: "policies: key of a changed record",
    covers: ["updateAllowed"],
    expect: "word",
    benign: "name",
    attack: (tx, text) => updateAllowed(tx, policies, {}, entity, 1, keyed(text, "x")),
  },
];
