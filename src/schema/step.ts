/**
 * Steps: single changes of a schema, as frozen JSON-able data. What a comparison finds, a migration says and a
 * planner turns into statements. Each holds what it takes away as well as what it brings: that tells what it can
 * cost.
 *
 * @module
 */
import type {
  DomainSchema,
  EnumSchema,
  QualifiedName,
  SequenceSchema,
  TriggerSchema,
  ViewSchema,
} from "./database_schema.ts";
import type {
  CheckSchema,
  ColumnSchema,
  ExclusionSchema,
  ForeignKeySchema,
  IndexSchema,
  KeySchema,
  TableSchema,
} from "./table.ts";

/** The table that a step changes. */
export interface OnTable {
  /** Its name. */
  readonly table: string;
  /** The schema it is in; left out for the default one. */
  readonly schema?: string;
}

/** Schemas, types and sequences. */
export type TypeStep =
  | { readonly kind: "createSchema" | "dropSchema"; readonly name: string }
  | { readonly kind: "createEnum" | "dropEnum"; readonly enum: EnumSchema }
  | { readonly kind: "renameEnum"; readonly from: QualifiedName; readonly to: QualifiedName }
  | {
    readonly kind: "addEnumValue";
    readonly enum: QualifiedName;
    readonly value: string;
    /** The value that it stands before; left out: at the end. */
    readonly before?: string;
  }
  | {
    readonly kind: "renameEnumValue";
    readonly enum: QualifiedName;
    readonly from: string;
    readonly to: string;
  }
  | {
    /** Values went or changed places: the type is made anew and its columns are changed over. */
    readonly kind: "replaceEnum";
    readonly from: EnumSchema;
    readonly to: EnumSchema;
  }
  | { readonly kind: "createDomain" | "dropDomain"; readonly domain: DomainSchema }
  | { readonly kind: "alterDomain"; readonly from: DomainSchema; readonly to: DomainSchema }
  | { readonly kind: "createSequence" | "dropSequence"; readonly sequence: SequenceSchema }
  | { readonly kind: "alterSequence"; readonly from: SequenceSchema; readonly to: SequenceSchema };

/** Whole tables. */
export type TableStep =
  | { readonly kind: "createTable" | "dropTable"; readonly definition: TableSchema }
  | { readonly kind: "renameTable"; readonly from: QualifiedName; readonly to: QualifiedName };

/** Columns. */
export type ColumnStep =
  & OnTable
  & (
    | { readonly kind: "addColumn" | "dropColumn"; readonly column: ColumnSchema }
    | { readonly kind: "renameColumn"; readonly from: string; readonly to: string }
    | {
      /** Type, NULL, default, identity, expression or collation; the name stays. */
      readonly kind: "alterColumn";
      readonly from: ColumnSchema;
      readonly to: ColumnSchema;
      /** How old values become new ones, in SQL; left out: a cast. */
      readonly using?: string;
    }
  );

/** Keys, checks, foreign keys, exclusions. */
export type ConstraintStep =
  & OnTable
  & (
    | { readonly kind: "addPrimaryKey" | "dropPrimaryKey"; readonly key: KeySchema }
    | { readonly kind: "addUnique" | "dropUnique"; readonly key: KeySchema }
    | { readonly kind: "addCheck" | "dropCheck"; readonly check: CheckSchema }
    | {
      readonly kind: "addForeignKey" | "dropForeignKey";
      readonly foreignKey: ForeignKeySchema;
    }
    | { readonly kind: "addExclusion" | "dropExclusion"; readonly exclusion: ExclusionSchema }
    | { readonly kind: "renameConstraint"; readonly from: string; readonly to: string }
  );

/** Indexes. */
export type IndexStep =
  & OnTable
  & (
    | { readonly kind: "createIndex" | "dropIndex"; readonly index: IndexSchema }
    | { readonly kind: "renameIndex"; readonly from: string; readonly to: string }
  );

/** Comments, options, views, triggers. */
export type OtherStep =
  | OnTable & {
    readonly kind: "setComment";
    /** The column; left out: the table. */
    readonly column?: string;
    readonly from?: string;
    readonly to?: string;
  }
  | OnTable & { readonly kind: "setOptions"; readonly from?: string; readonly to?: string }
  | { readonly kind: "createView" | "dropView"; readonly view: ViewSchema }
  | { readonly kind: "createTrigger" | "dropTrigger"; readonly trigger: TriggerSchema };

/** One change of a schema. */
export type Step = TypeStep | TableStep | ColumnStep | ConstraintStep | IndexStep | OtherStep;

/** The members of `Step` that some kinds belong to. */
export type StepOf<K extends Step["kind"], S extends Step = Step> = S extends Step
  ? [Extract<K, S["kind"]>] extends [never] ? never : S
  : never;
