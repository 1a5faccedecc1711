import { GraphError } from '@tenon/core';

export interface CountRule {
  /** The function that was called. */
  readonly where: string;
  /** Least value that is taken; 1 when absent. */
  readonly least?: number;
  /** Whether `Infinity` is taken. */
  readonly endless?: boolean;
}

/** Refuses a count that is not an integer of at least `least`. Errors: ATTRIBUTE_INVALID. */
export function checkCount(value: number, name: string, rule: CountRule): number {
  const { where, least = 1, endless = false } = rule;
  if (endless && value === Number.POSITIVE_INFINITY) return value;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new GraphError('ATTRIBUTE_INVALID', where, {
    what: `${name} is ${value}.`,
    fix: `give an integer of at least ${least}${endless ? ', or Infinity' : ''}.`,
  });
}
