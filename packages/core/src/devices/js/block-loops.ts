import type { DType } from '../../graph/dtype.js';
import type { ScalarFunction } from '../../lower/scalar.js';
import { scalarFunction } from './scalar-functions.js';

type UnaryLoop = (out: Float64Array, x: Float64Array, count: number) => void;

interface Operands {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly count: number;
}

type BinaryLoop = (out: Float64Array, operands: Operands) => void;

/** The loop that applies a function of one operand to a block. */
export function unaryLoop(fn: ScalarFunction, operand: DType, result: DType): UnaryLoop {
  const f = scalarFunction(fn, operand) as (x: number) => number;
  if (operand === 'int64' && result === 'bool') {
    return (out, x, count) => {
      for (let i = 0; i < count; i++) out[i] = Number(f(x[i] as number));
    };
  }
  return (out, x, count) => {
    for (let i = 0; i < count; i++) out[i] = f(x[i] as number);
  };
}

/** The loop that applies a function of two operands to two blocks. */
export function binaryLoop(fn: ScalarFunction, operand: DType): BinaryLoop {
  const loop = operand === 'int32' && fn === 'mul' ? undefined : writtenOut[fn];
  if (loop) return loop;
  const f = scalarFunction(fn, operand);
  return (out, { x, y, count }) => {
    for (let i = 0; i < count; i++) out[i] = f(x[i] as number, y[i] as number);
  };
}

// The commonest functions once more as loops of their own: a call through one shared loop costs several times the arithmetic.
const writtenOut: Partial<Record<ScalarFunction, BinaryLoop>> = {
  add(out, { x, y, count }) {
    for (let i = 0; i < count; i++) out[i] = (x[i] as number) + (y[i] as number);
  },
  sub(out, { x, y, count }) {
    for (let i = 0; i < count; i++) out[i] = (x[i] as number) - (y[i] as number);
  },
  mul(out, { x, y, count }) {
    for (let i = 0; i < count; i++) out[i] = (x[i] as number) * (y[i] as number);
  },
};
