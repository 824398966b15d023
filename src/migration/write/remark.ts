/**
 * What a step costs, as a comment.
 *
 * @module
 */
import type { PlannedStep } from "../../dialect/schema_support.ts";

const width = 100;

/** The comment before a step that is not safe, with a line end; empty for others. */
export function remark(
  planned: PlannedStep | undefined,
  indent: string,
  mark: "//" | "--",
): string {
  if (planned === undefined || planned.risk === "safe") return "";
  const words = `${planned.risk === "blocking" ? "Blocking" : "Destructive"}: ${planned.reason}`
    .split(/\s+/);
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && indent.length + mark.length + 1 + longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each) => `${indent}${mark} ${each}\n`).join("");
}
