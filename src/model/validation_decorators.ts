/**
 * Decorators of fields with validation rules.
 *
 * @module
 */
import { type Place, place, type RuleDeclaration } from "./declarations.ts";
import type { StandardSchema } from "./standard_schema.ts";

/**
 * Whether a value is good. It is never called with `null` or `undefined`. The record comes second, for rules
 * that compare properties: an instance, or the plain values that are being written.
 */
export type Rule<V, R = unknown> = (value: V, record: R) => boolean | Promise<boolean>;

/** A rule and the message of its failure. */
export interface RuleWithMessage<V, R = unknown> {
  /** Whether a value is good. */
  readonly rule: Rule<V, R>;
  /** What is said when it is not. */
  readonly message: string;
}

/** A decorator that fits fields of classes like `R` whose values a rule for `V` takes. */
export type ValidateDecorator<V, R = unknown> = <This extends R, F extends V | null | undefined>(
  value: undefined,
  context: ClassFieldDecoratorContext<This, F>,
) => void;

/**
 * Adds a rule to a field: a function with the message of its failure, or a schema of any library that follows
 * Standard Schema (zod, valibot, arktype, …). A schema only judges; the value stays as it is. A rule for
 * another type than the field's is a compile error.
 *
 * ```ts ignore
 * @Validate((name: string) => name.length > 0, "Name cannot be empty") name!: string;
 * @Validate(z.email()) email!: string;
 * ```
 *
 * Rules run before every write, all of them, and their failures come together in one `ValidationError`.
 */
export function Validate<V, R = unknown>(
  rule: Rule<V, R>,
  message: string,
): ValidateDecorator<V, R>;
/** Adds a Standard Schema to a field. */
export function Validate<V>(schema: StandardSchema<V>): ValidateDecorator<V>;
export function Validate<V>(
  rule: Rule<V, never> | StandardSchema<V>,
  message = "is not valid",
): ValidateDecorator<V> {
  // A schema of arktype is a function itself.
  return (_value, context) =>
    declareRules(context, "Validate", [
      "~standard" in rule ? { schema: rule } : { test: rule, message },
    ]);
}

/** Adds several rules to a field, each with its message. */
export function ValidateMultiple<V, R = unknown>(
  rules: readonly RuleWithMessage<V, R>[],
): ValidateDecorator<V, R> {
  const tests = rules.map(({ rule, message }) => ({ test: rule, message }));
  return (_value, context) => declareRules(context, "ValidateMultiple", tests);
}

type UnplacedRule<R = RuleDeclaration> = R extends unknown ? Omit<R, "property"> : never;

function declareRules(
  context: Place,
  decorator: string,
  rules: readonly UnplacedRule[],
): void {
  const here = place(context, decorator);
  if (here === undefined) return;
  for (const rule of rules) {
    here.own.rules.push({ ...rule, property: here.property } as RuleDeclaration);
  }
}
