import { GraphError, Threefry } from '@tenon/core';

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
  const cipher = new Threefry();
  cipher.setKey(seed >>> 0, epoch >>> 0);
  const high = Math.floor(seed / words) >>> 0;
  let block = 0;
  let second = false;
  const word = (): number => {
    second = !second;
    if (!second) return cipher.word1 >>> 0;
    cipher.block(block++, high);
    return cipher.word0 >>> 0;
  };
  return (bound) => {
    let value = word();
    // Only the last words may be ragged: the limit is worked out for them alone.
    if (value >= words - bound) {
      const limit = words - remainder(words, bound);
      while (value >= limit) value = word();
    }
    return remainder(value, bound);
  };
}

// Of numbers above 31 bits, % is slow. The quotient of such integers is exact enough: its fraction is 0 or at least 1 / divisor.
const remainder = (value: number, divisor: number): number =>
  value - Math.floor(value / divisor) * divisor;

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
