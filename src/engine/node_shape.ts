/**
 * What queries have in common that were built anew and differ only in values: such a query need not be compiled
 * again.
 *
 * @module
 */
import { literal } from "../ast/build.ts";
import { constantNumber } from "../ast/constant.ts";
import type {
  ListValueNode,
  Node,
  RootNode,
  SelectNode,
  SlotNode,
  ValueNode,
} from "../ast/nodes.ts";

/** A tree taken apart. */
export interface NodeShape {
  /** Equal for trees that differ only in values. */
  readonly key: string;
  /** The values, in the order in which `withSlots` numbers their slots. */
  readonly values: readonly unknown[];
}

const taken: ReadonlySet<Node["kind"]> = new Set<Node["kind"]>([
  "Select",
  "Insert",
  "Update",
  "Delete",
  "Raw",
]);

/** Texts of more values than that will hardly come again. */
const mostValues = 100;

/** Nor will trees that are deeper: the compiler refuses those that are deeper than the stack is. */
const deepest = 500;

/** Takes a tree apart; `undefined` where it holds what cannot be compared, or more than is worth it. */
export function shapeOf(node: RootNode): NodeShape | undefined {
  if (!taken.has(node.kind)) return undefined;
  const reader = new ShapeReader();
  return reader.read(node) && reader.values.length <= mostValues ? reader : undefined;
}

/** Walks a tree; one pass for key and values. */
class ShapeReader implements NodeShape {
  key = "";
  readonly values: unknown[] = [];
  #depth = 0;

  /** Whether all of it could be read. */
  read(part: unknown): boolean {
    switch (typeof part) {
      case "string":
        // With its length before it, no text can look like the end of itself and something else.
        this.key += `${part.length}'${part}`;
        return true;
      case "object":
        return part === null ? this.#add("~") : this.#object(part);
      case "function":
      case "symbol":
        return false;
      default:
        return this.#add(typeof part === "bigint" ? `${part}n;` : `${part};`);
    }
  }

  #add(text: string): true {
    this.key += text;
    return true;
  }

  #object(part: object): boolean {
    const known = constantNumber(part);
    if (known !== undefined) return this.#add(`#${known};`);
    if (Array.isArray(part)) {
      this.key += "[";
      for (let i = 0; i < part.length; i++) if (!this.read(part[i])) return false;
      return this.#add("]");
    }
    const { kind } = part as Partial<Node>;
    if (kind === "Value" || kind === "ListValue") return this.#value(part as Parameter);
    if (kind === "Select") part = withKnownLimit(part as SelectNode);
    // Whoever numbers slots compiles the statement by himself.
    if (kind === "Slot") return false;
    if (Object.getPrototypeOf(part) !== Object.prototype) return false;
    if (++this.#depth > deepest) return false;
    this.key += "{";
    for (const name in part) {
      this.key += name;
      if (!this.read(part[name as keyof typeof part])) return false;
    }
    this.#depth--;
    return this.#add("}");
  }

  #value(node: Parameter): boolean {
    const value = node.kind === "Value" ? node.value : node.values;
    // What is undefined is refused when it is compiled.
    if (value === undefined || node.kind === "ListValue" && !Array.isArray(value)) return false;
    this.values.push(value);
    this.key += node.kind === "ListValue" ? "?*" : node.cast ? "?!" : "?";
    return this.read(node.type);
  }
}

/** Databases plan better when they know a limit, and SQLite plans anew whenever a bound one is set: few are in use. */
const largestKnownLimit = 100;

function withKnownLimit(node: SelectNode): SelectNode {
  const { limit } = node;
  if (limit?.kind !== "Value" || typeof limit.value !== "bigint") return node;
  const count = Number(limit.value);
  return count >= 0 && count <= largestKnownLimit ? { ...node, limit: literal(count) } : node;
}

type Parameter = ValueNode | ListValueNode;

/** The tree with slots in place of its values. What holds none stays the same object. */
export function withSlots(node: RootNode): RootNode {
  return new SlotWriter().copy(node) as RootNode;
}

/** Copies a tree, and numbers its values in the order in which `ShapeReader` reads them. */
class SlotWriter {
  #next = 0;

  copy(part: unknown): unknown {
    if (typeof part !== "object" || part === null || constantNumber(part) !== undefined) {
      return part;
    }
    if (Array.isArray(part)) {
      const items = part.map((item) => this.copy(item));
      return items.every((item, i) => item === part[i]) ? part : Object.freeze(items);
    }
    switch ((part as Partial<Node>).kind) {
      case "Value":
        return slotOf(part as ValueNode, this.#next++);
      case "ListValue":
        return Object.freeze({ ...part, values: Object.freeze({ slot: this.#next++ }) });
      case "Select":
        return this.#properties(withKnownLimit(part as SelectNode));
      default:
        return this.#properties(part);
    }
  }

  #properties(part: object): object {
    const before = Object.entries(part);
    const after = before.map(([name, each]) => [name, this.copy(each)] as const);
    if (after.every(([, each], i) => each === before[i]?.[1])) return part;
    return Object.freeze(Object.fromEntries(after));
  }
}

function slotOf({ type, cast }: ValueNode, index: number): SlotNode {
  return Object.freeze({ kind: "Slot", index, ...(type && { type }), ...(cast && { cast }) });
}
