/**
 * SQL's three truth values, and sets of them for what is not known: a condition on an unknown column may be true, false or
 * NULL, and its negation false, true or NULL.
 *
 * @module
 */

/** A set of the values that a condition may have. Never empty. */
export type Truth = number;

/** It is true. */
export const TRUE: Truth = 1;
/** It is false. */
export const FALSE: Truth = 2;
/** It is NULL, which lets no row through, and stays NULL when it is negated. */
export const NULL: Truth = 4;
/** True or false: an unknown value that is not NULL. */
export const EITHER: Truth = TRUE | FALSE;
/** Anything. */
export const ANY: Truth = TRUE | FALSE | NULL;

/** Results for every pair of sets: at `a * 8 + b`. */
const conjunctions = new Uint8Array(64);
for (let a = 0; a < 8; a++) {
  for (let b = 0; b < 8; b++) {
    let both = a & b & TRUE;
    if ((a | b) & FALSE) both |= FALSE;
    if ((a & NULL && b & (NULL | TRUE)) || (b & NULL && a & TRUE)) both |= NULL;
    conjunctions[a * 8 + b] = both;
  }
}

/** `a AND b`. */
export function and(a: Truth, b: Truth): Truth {
  return conjunctions[a * 8 + b] as Truth;
}

/** `NOT a`. */
export function not(a: Truth): Truth {
  return (a & NULL) | ((a & TRUE) << 1) | ((a & FALSE) >> 1);
}

/** `a OR b`. */
export function or(a: Truth, b: Truth): Truth {
  return not(and(not(a), not(b)));
}

/** TRUE or FALSE. */
export function truthOf(is: boolean): Truth {
  return is ? TRUE : FALSE;
}
