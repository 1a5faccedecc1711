import type { DType } from '../graph/dtype.js';

/**
 * The scalar functions of the loop IR, with the number of operands and the dtype of the result.
 * `same`: that of the operands; `bool`: comparisons. A device implements exactly these.
 *
 * Integers wrap modulo 2^bits. `div` truncates towards zero, `mod` has the sign of the divisor; by zero both give 0.
 * Comparisons with NaN are false; `min` and `max` are NaN where an operand is. `round` takes halves to the even neighbour.
 * Half precision is computed in float32 and rounded after every function. A cast of a float to an integer truncates and wraps,
 * NaN and infinities become 0; to bool it is "not zero".
 */
export const scalarFunctions = {
  neg: [1, 'same'],
  abs: [1, 'same'],
  sign: [1, 'same'],
  floor: [1, 'same'],
  ceil: [1, 'same'],
  round: [1, 'same'],
  sqrt: [1, 'same'],
  rsqrt: [1, 'same'],
  reciprocal: [1, 'same'],
  exp: [1, 'same'],
  log: [1, 'same'],
  sin: [1, 'same'],
  cos: [1, 'same'],
  atan: [1, 'same'],
  tanh: [1, 'same'],
  erf: [1, 'same'],
  sigmoid: [1, 'same'],
  not: [1, 'same'],
  isNaN: [1, 'bool'],
  isFinite: [1, 'bool'],
  add: [2, 'same'],
  sub: [2, 'same'],
  mul: [2, 'same'],
  div: [2, 'same'],
  mod: [2, 'same'],
  pow: [2, 'same'],
  min: [2, 'same'],
  max: [2, 'same'],
  and: [2, 'same'],
  or: [2, 'same'],
  xor: [2, 'same'],
  shiftLeft: [2, 'same'],
  shiftRight: [2, 'same'],
  shiftRightLogical: [2, 'same'],
  equal: [2, 'bool'],
  less: [2, 'bool'],
} as const satisfies Record<string, readonly [operands: 1 | 2, result: 'same' | 'bool']>;

export type ScalarFunction = keyof typeof scalarFunctions;

export const scalarResult = (fn: ScalarFunction, operand: DType): DType =>
  scalarFunctions[fn][1] === 'bool' ? 'bool' : operand;
