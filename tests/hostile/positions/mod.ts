/**
 * Every place of the public API where text goes in: what it is, and what must come of a hostile one.
 *
 * @module
 */
import type { Position } from "../arena.ts";
import { underPolicies } from "./policies.ts";
import { repositoryKeys } from "./repository_keys.ts";
import { repositoryValues } from "./repository_values.ts";
import { schemaNames } from "./schema_names.ts";
import { schemaWords } from "./schema_words.ts";
import { typedNames } from "./typed_names.ts";
import { typedValues } from "./typed_values.ts";
import { typedWords } from "./typed_words.ts";
import { untypedForms } from "./untyped_forms.ts";
import { untypedValues } from "./untyped_values.ts";

/** All of them. */
export const positions: readonly Position[] = [
  ...repositoryKeys,
  ...repositoryValues,
  ...underPolicies,
  ...typedNames,
  ...typedWords,
  ...typedValues,
  ...untypedForms,
  ...untypedValues,
  ...schemaNames,
  ...schemaWords,
];
