/**
 * The comparison of schemas.
 *
 * ```ts ignore
 * const found = renameCandidates(from, to); // asked, not decided
 * const up = diffSchemas(from, to, { renames });
 * const down = diffSchemas(to, from, { renames: inverseRenames(renames) });
 * ```
 *
 * @module
 */
export { type RenameCandidates, renameCandidates } from "./candidates.ts";
export { type DiffOptions, diffSchemas } from "./diff.ts";
export {
  type ColumnRename,
  inverseRenames,
  noRenames,
  type Renames,
  type TableRename,
} from "./renames.ts";
