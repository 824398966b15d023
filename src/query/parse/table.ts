/**
 * Tables from strings.
 *
 * @module
 */
import { table } from "../../ast/build.ts";
import type { TableNode } from "../../ast/nodes.ts";
import { Tokens } from "./tokens.ts";

/** A table: `users`, `users u`, `users AS u`, `shop.users u`. */
export function parseTable(text: string): TableNode {
  const tokens = new Tokens(text, "a table", "name, schema.name, name alias, name AS alias");
  const first = tokens.expect("name");
  const second = tokens.take("sign", ".") && tokens.expect("name");
  const alias = tokens.take("name", "AS") ? tokens.expect("name") : tokens.take("name")?.text;
  return tokens.end(second === undefined ? table(first, alias) : table(second, alias, first));
}
