import { type DType, dtypes } from '../../graph/dtype.js';
import type { ScalarFunction } from '../../lower/scalar.js';

type Numeric = (a: number, b: number) => number;

interface Row {
  /** On numbers; where its operators also work on bigints, for int64 too. */
  readonly of: Numeric;
  /** For int64, where `of` does not serve. */
  readonly int64?: (a: bigint, b: bigint) => bigint;
  /** For int32 and narrower integers, where doubles would lose low bits. */
  readonly int32?: Numeric;
}

const same = (of: Numeric): Row => ({ of });

/** The definition of every scalar function. Floats are computed in double precision and rounded once to their dtype. */
const table: Record<ScalarFunction, Row> = {
  neg: same((a) => -a),
  abs: same((a) => (a < 0 ? -a : a === 0 ? 0 : a)),
  sign: { of: (a) => Math.sign(a), int64: (a) => (a > 0n ? 1n : a < 0n ? -1n : 0n) },
  floor: { of: (a) => Math.floor(a), int64: (a) => a },
  ceil: { of: (a) => Math.ceil(a), int64: (a) => a },
  round: { of: roundToEven, int64: (a) => a },
  sqrt: same((a) => Math.sqrt(a)),
  rsqrt: same((a) => 1 / Math.sqrt(a)),
  reciprocal: same((a) => 1 / a),
  exp: same((a) => Math.exp(a)),
  log: same((a) => Math.log(a)),
  sin: same((a) => Math.sin(a)),
  cos: same((a) => Math.cos(a)),
  atan: same((a) => Math.atan(a)),
  tanh: same((a) => Math.tanh(a)),
  erf: same(erf),
  sigmoid: same((a) => 1 / (1 + Math.exp(-a))),
  not: same((a) => (a === 0 ? 1 : 0)),
  isNaN: { of: (a) => (Number.isNaN(a) ? 1 : 0), int64: () => 0n },
  isFinite: { of: (a) => (Number.isFinite(a) ? 1 : 0), int64: () => 1n },
  add: same((a, b) => a + b),
  sub: same((a, b) => a - b),
  mul: { of: (a, b) => a * b, int32: (a, b) => Math.imul(a, b) },
  div: { of: (a, b) => a / b, int64: (a, b) => (b === 0n ? 0n : a / b) },
  mod: { of: floorMod, int64: (a, b) => (b === 0n ? 0n : ((a % b) + b) % b) },
  pow: {
    of: (a, b) => a ** b,
    int64: (a, b) => (b < 0n ? inversePower(Number(a), b % 2n !== 0n, BigInt) : power64(a, b)),
    int32: (a, b) => (b < 0 ? inversePower(a, b % 2 !== 0, Number) : power32(a, b)),
  },
  // A comparison with NaN is false, so both of these give NaN when either operand is.
  min: same((a, b) => (a < b || a !== a ? a : b)),
  max: same((a, b) => (a > b || a !== a ? a : b)),
  and: same((a, b) => a & b),
  or: same((a, b) => a | b),
  xor: same((a, b) => a ^ b),
  shiftLeft: same((a, b) => a << b),
  shiftRight: same((a, b) => a >> b),
  shiftRightLogical: { of: (a, b) => a >>> b, int64: (a, b) => BigInt.asUintN(64, a) >> b },
  equal: { of: (a, b) => (a === b ? 1 : 0) },
  less: { of: (a, b) => (a < b ? 1 : 0) },
};

/** The function for operands of a dtype; bigints pass through functions typed on numbers. */
export function scalarFunction(fn: ScalarFunction, dtype: DType): Numeric {
  const row = table[fn];
  if (dtype === 'int64') return (row.int64 as unknown as Numeric | undefined) ?? row.of;
  return dtypes[dtype].kind === 'int' && row.int32 ? row.int32 : row.of;
}

/** a^b for b >= 0 modulo 2^32, by squaring. */
function power32(a: number, b: number): number {
  let product = 1;
  for (let [square, rest] = [a, b]; rest > 0; rest >>= 1) {
    if (rest & 1) product = Math.imul(product, square);
    square = Math.imul(square, square);
  }
  return product;
}

/** a^b for b >= 0 modulo 2^64, by squaring. */
function power64(a: bigint, b: bigint): bigint {
  let product = 1n;
  for (let [square, rest] = [a, b]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) product = BigInt.asIntN(64, product * square);
    square = BigInt.asIntN(64, square * square);
  }
  return product;
}

/** a^b for b < 0, truncated: only of 1 and -1 anything is left. */
const inversePower = <T>(a: number, odd: boolean, of: (value: number) => T): T =>
  of(a === 1 || (a === -1 && !odd) ? 1 : a === -1 ? -1 : 0);

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  return rest > 0.5 || floor % 2 !== 0 ? floor + 1 : floor;
}

/** Remainder with the sign of the divisor, as in Python. */
function floorMod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/**
 * Error function, `2 / sqrt(pi) * integral of e^(-t^2) from 0 to x`, to about 1e-15: a series of positive terms near 0,
 * the continued fraction of erfc beyond. Source: NIST Digital Library of Mathematical Functions, 7.6.2 and 7.9.1.
 */
function erf(x: number): number {
  const z = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let [term, total] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      total += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
  }
  let tail = z;
  for (let n = 60; n >= 1; n--) tail = z + n / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-z * z) / (tail * Math.sqrt(Math.PI)));
}
