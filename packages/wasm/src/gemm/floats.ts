import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { v128 } from '../encoder/simd.js';

/** Loads the first 1..4 floats at an address, which may be evaluated twice; the other lanes are zero. */
export function loadFloats(address: Code, count: number, offset = 0): Code {
  if (count >= 4) return v128.load(address, offset);
  const first = count === 1 ? v128.load32Zero(address, offset) : v128.load64Zero(address, offset);
  return count === 3 ? v128.load32Lane(2, address, first, offset + 8) : first;
}

interface Place {
  readonly address: Code;
  readonly offset?: number;
  /** How many floats are stored, 1..4. */
  readonly count: number;
}

/** Stores the first floats of a vector. */
export function storeFloats({ address, offset = 0, count }: Place, value: Local): Code {
  if (count >= 4) return v128.store(address, value.get, offset);
  if (count === 1) return v128.store32Lane(0, address, value.get, offset);
  const pair = v128.store64Lane(0, address, value.get, offset);
  if (count === 2) return pair;
  return seq(pair, v128.store32Lane(2, address, value.get, offset + 8));
}
