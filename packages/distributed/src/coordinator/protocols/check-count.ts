import { GraphError } from '@tenon/core';

/** Errors: ATTRIBUTE_INVALID where a number is not whole or less than `least`. */
export function checkCount(where: string, name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new GraphError('ATTRIBUTE_INVALID', where, {
    what: `${name} is ${value}.`,
    fix: `give a whole number of at least ${least}.`,
  });
}
