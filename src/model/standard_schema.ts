/**
 * The part of the Standard Schema specification (https://standardschema.dev) that validation uses: zod,
 * valibot, arktype and others implement it, and none of them is needed here.
 *
 * @module
 */

/** A validator of any library that follows Standard Schema. */
export interface StandardSchema<Input = unknown, Output = unknown> {
  /** The interface that every library shares. */
  readonly "~standard": StandardSchemaProps<Input, Output>;
}

/** What a Standard Schema offers. */
export interface StandardSchemaProps<Input = unknown, Output = unknown> {
  /** The version of the specification. */
  readonly version: 1;
  /** The library. */
  readonly vendor: string;
  /** Checks a value. */
  readonly validate: (
    value: unknown,
  ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
  /** What goes in and comes out, in types only. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
}

/** What a check gave: a value, or the issues found. */
export type StandardSchemaResult<Output = unknown> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

/** One thing that is wrong. */
export interface StandardSchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where, from the checked value down. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
