import { GraphError } from '@tenon/core';
import { threefry2x32 } from './threefry.js';

/** Draws an integer of 0 ... bound - 1, each equally likely. */
export type Draw = (bound: number) => number;

const words = 2 ** 32;

/**
 * The draws that belong to a seed and an epoch. Words at the ragged end of the 32-bit range are drawn again: plain
 * remainders would favour small integers.
 * Errors: ATTRIBUTE_INVALID for a seed that is not an integer.
 */
export function draws(seed: number, epoch: number): Draw {
  checkSeed(seed, 'shuffle');
  const key = [seed >>> 0, epoch >>> 0] as const;
  const high = Math.floor(seed / words) >>> 0;
  let block = 0;
  let spare: number | undefined;
  const word = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const [first, second] = threefry2x32(key, [block++, high]);
    spare = second;
    return first;
  };
  return (bound) => {
    const limit = words - (words % bound);
    let value = word();
    while (value >= limit) value = word();
    return value % bound;
  };
}

/** Refuses a seed that is not an integer. Errors: ATTRIBUTE_INVALID. */
export function checkSeed(seed: number, where: string): number {
  if (Number.isSafeInteger(seed)) return seed;
  throw new GraphError('ATTRIBUTE_INVALID', where, {
    what: `the seed is ${seed}.`,
    fix: 'give an integer.',
  });
}

/** A seed that nobody chose. */
export const freshSeed = (): number => Math.floor(Math.random() * words);
