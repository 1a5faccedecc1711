import type { Draw } from './draws.js';

/**
 * The values in a random order, every order equally likely: draws one of those left, and fills its place with the last.
 * It draws exactly as a shuffle buffer that holds all values does, so both give the same order.
 * Source: Durstenfeld 1964, "Algorithm 235: random permutation".
 */
export function permuted(values: Uint32Array, draw: Draw): Uint32Array {
  const left = values.slice();
  const result = new Uint32Array(values.length);
  for (let count = left.length; count > 0; count--) {
    const chosen = draw(count);
    result[left.length - count] = left[chosen] as number;
    left[chosen] = left[count - 1] as number;
  }
  return result;
}

/** 0, 1, ... count - 1. */
export function inOrder(count: number): Uint32Array {
  const result = new Uint32Array(count);
  for (let i = 0; i < count; i++) result[i] = i;
  return result;
}
