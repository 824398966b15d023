/**
 * The enums of a database as lists of constants and unions of them.
 *
 * @module
 */
import type { ColumnType } from "../../schema/column_type.ts";
import type { DatabaseSchema } from "../../schema/database_schema.ts";
import { documentation } from "./documentation.ts";
import { Code, nameList, type Written, written } from "./code.ts";
import { classNameOf, takenClassNames, UniqueNames } from "./names.ts";

/** An enum with what stands for it in the source. */
export interface PlannedEnum {
  readonly enumName: string;
  readonly values: readonly string[];
  readonly comment?: string;
  /** The union's name; the list's is the same with `Values` behind it. */
  readonly typeName: string;
}

/** The enums by their names in the database; those without values are left out. */
export function planEnums({ enums }: DatabaseSchema): ReadonlyMap<string, PlannedEnum> {
  const names = new UniqueNames(takenClassNames, (name) => name.toLowerCase());
  const planned = new Map<string, PlannedEnum>();
  for (const { name, schema, values, comment } of enums) {
    if (values.length === 0) continue;
    const enumName = schema === undefined ? name : `${schema}.${name}`;
    const own = classNameOf(name);
    const typeName = names.take(own, `${own}Enum`);
    planned.set(enumName, { enumName, values, typeName, ...comment !== undefined && { comment } });
  }
  return planned;
}

/** The name of the list of an enum's values. */
export function listName({ typeName }: PlannedEnum): string {
  return `${typeName.charAt(0).toLowerCase()}${typeName.slice(1)}Values`;
}

/** The names that a file imports for an enum. */
export function enumImports(planned: PlannedEnum): string[] {
  return [listName(planned), `type ${planned.typeName}`];
}

/** The source of enums. */
export function enumSource(enums: Iterable<PlannedEnum>): string {
  return [...enums].map((each) => {
    const before = `export const ${listName(each)} = `;
    const list = written(each.values, { indent: 0, from: before.length, after: 10 });
    const comment = each.comment === undefined ? "" : documentation(each.comment, 0);
    return `${before}${list} as const;\n${comment}` +
      `export type ${each.typeName} = (typeof ${listName(each)})[number];\n`;
  }).join("\n");
}

/** How a column says its enum: by the shared list, or by values of its own. */
export function enumOptions(
  type: ColumnType,
  planned: PlannedEnum | undefined,
): { readonly [option: string]: Written | undefined } {
  if (planned === undefined) return { values: type.values ?? [], enumName: type.enumName };
  return { values: new Code(listName(planned)), enumName: planned.enumName };
}

/** The line that imports enums. */
export function enumImportLine(enums: readonly PlannedEnum[]): string {
  return nameList("import", enums.flatMap(enumImports), ' from "./enums.ts";');
}
