/**
 * What has to be known of a statement's text before it is sent.
 *
 * @module
 */

// A comment must end in one way only: else a row of them is tried in exponentially many.
const blank = String.raw`(?:\s|--[^\n]*(?:\n|$)|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)`;
const control = new RegExp(
  String
    .raw`^${blank}*(begin|start|commit|end|rollback|abort|savepoint|release|prepare\s+transaction)\b` +
    String.raw`${blank}*((?:work|transaction)?${blank}*to\b)?`,
  "i",
);
const definition = new RegExp(
  `^${blank}*(?:create|alter|drop|do)\\b`,
  "i",
);
const several = new RegExp(String.raw`;${blank}*(?!${blank}|$)[^;]`);

/** Whether the text holds more than one statement, as far as that can be told without parsing it. */
export function isScript(sql: string): boolean {
  return sql.includes(";") && several.test(sql);
}

/** Whether the statement may change tables, after which what was prepared for them may not fit. */
export function isDefinition(sql: string): boolean {
  return definition.test(sql);
}

/** What a statement does to the transaction that it runs in; `undefined`: nothing. */
export function transactionControl(sql: string): "begin" | "end" | "savepoint" | undefined {
  const match = control.exec(sql);
  if (!match) return undefined;
  switch (match[1]?.toLowerCase()) {
    case "begin":
    case "start":
      return "begin";
    case "savepoint":
    case "release":
      return "savepoint";
    case "rollback":
      return match[2] ? "savepoint" : "end";
    default:
      return "end";
  }
}
