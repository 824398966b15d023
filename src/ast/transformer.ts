/**
 * Rewrites trees: what plugins, policies and tests use to change a statement before it is compiled.
 *
 * @module
 */
import type { Node } from "./nodes.ts";

/** The name of a kind of node. */
export type NodeKind = Node["kind"];

/** The node of a kind. */
export type NodeOf<K extends NodeKind> = Extract<Node, { readonly kind: K }>;

/**
 * Rewrites one kind of node. `descend` rewrites the children of a node of the same kind; a handler that does not
 * call it leaves them as they are. The node that is given back must be able to stand in the same place.
 */
export type NodeHandler<K extends NodeKind> = (
  node: NodeOf<K>,
  descend: (node: NodeOf<K>) => NodeOf<K>,
) => Node;

/** A handler for each kind of node that is to be rewritten. */
export type NodeHandlers = { readonly [K in NodeKind]?: NodeHandler<K> };

/** The fields of each kind that hold nodes, alone, in lists or in plain objects. */
const children: { readonly [K in NodeKind]: readonly (keyof NodeOf<K> & string)[] } = {
  Column: [],
  Star: [],
  Value: [],
  Slot: [],
  ListValue: [],
  Literal: [],
  Raw: ["nodes"],
  Identifier: [],
  Binary: ["left", "right"],
  Logical: ["operands"],
  Unary: ["operand"],
  NullTest: ["operand"],
  Between: ["operand", "low", "high"],
  In: ["operand", "source"],
  Like: ["operand", "pattern"],
  Exists: ["query"],
  Subquery: ["query"],
  Tuple: ["items"],
  Function: ["args", "orderBy", "filter", "over"],
  Window: ["partitionBy", "orderBy"],
  Case: ["whens", "otherwise"],
  Cast: ["operand"],
  JsonPath: ["operand"],
  JsonContains: ["operand", "value"],
  JsonRows: ["query"],
  FullText: ["columns", "query"],
  Alias: ["expression"],
  Order: ["expression"],
  Excluded: [],
  Default: [],
  Table: [],
  DerivedTable: ["query"],
  ListTable: ["columns"],
  Join: ["source", "on"],
  With: ["query"],
  SetOperation: ["query"],
  Lock: [],
  Select: [
    "with",
    "distinct",
    "selection",
    "from",
    "joins",
    "where",
    "groupBy",
    "having",
    "windows",
    "setOperations",
    "orderBy",
    "limit",
    "offset",
    "lock",
  ],
  Assignment: ["value"],
  OnConflict: ["targetWhere", "set", "where"],
  Insert: ["with", "into", "source", "onConflict", "returning"],
  Update: ["with", "table", "set", "from", "joins", "where", "returning"],
  Delete: ["with", "from", "using", "where", "returning"],
  Explain: ["statement"],
  CreateTable: [],
  DropTable: [],
  CreateIndex: [],
  AddForeignKey: [],
  CreateEnum: [],
  DropEnum: [],
  Step: [],
};

/** How a {@linkcode Transformer} works. */
export interface TransformerOptions {
  /** Copy every node, even those that nothing changed. Default: false. */
  readonly copy?: boolean;
}

/**
 * Rewrites a tree by handlers, one for each kind of node that is to change. Without handlers it is the identity:
 * what nothing changed is given back as it is.
 *
 * @example
 * ```ts
 * import { Transformer } from "./transformer.ts";
 * import { column, select, table } from "./build.ts";
 *
 * const tenant = new Transformer({
 *   Table: (node) => ({ ...node, schema: "tenant_7" }),
 * });
 * tenant.transform(select({ selection: [column("id")], from: [table("users")] }));
 * ```
 */
export class Transformer {
  readonly #handlers: NodeHandlers;
  readonly #copy: boolean;

  /** Makes a transformer from handlers. */
  constructor(handlers: NodeHandlers = {}, options: TransformerOptions = {}) {
    this.#handlers = handlers;
    this.#copy = options.copy ?? false;
  }

  /** The tree, rewritten. The node given back has the kind of the one given. */
  transform<N extends Node>(node: N): N {
    return this.#visit(node) as N;
  }

  #visit(node: Node): Node {
    const handler = this.#handlers[node.kind] as NodeHandler<NodeKind> | undefined;
    return handler ? handler(node, (inner) => this.#descend(inner)) : this.#descend(node);
  }

  #descend(node: Node): Node {
    return this.#rewrite(node, children[node.kind]);
  }

  #rewrite<T extends object>(object: T, fields: readonly string[]): T {
    const source = object as Record<string, unknown>;
    let copy: Record<string, unknown> | undefined = this.#copy ? { ...source } : undefined;
    for (const field of fields) {
      const before = source[field];
      const after = this.#part(before);
      if (after !== before) (copy ??= { ...source })[field] = after;
    }
    return copy ? Object.freeze(copy) as T : object;
  }

  #part(part: unknown): unknown {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return this.#parts(part);
    return isNode(part) ? this.#visit(part) : this.#rewrite(part, Object.keys(part));
  }

  #parts(parts: readonly unknown[]): readonly unknown[] {
    let changed = this.#copy;
    const after = parts.map((part) => {
      const result = this.#part(part);
      changed ||= result !== part;
      return result;
    });
    return changed ? Object.freeze(after) : parts;
  }
}

function isNode(part: object): part is Node {
  return Object.hasOwn(children, (part as { kind?: string }).kind ?? "");
}
