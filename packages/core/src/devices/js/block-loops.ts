import type { DType } from '../../graph/dtype.js';
import type { ScalarFunction } from '../../lower/scalar.js';
import { scalarFunction } from './scalar-functions.js';

/** What a loop works on: `out[to + i] = f(x[from + i], y[and + i])` for `count` elements. Kept between runs, so that none is made. */
export interface Operands {
  readonly out: Float32Array;
  to: number;
  readonly x: Float32Array;
  from: number;
  readonly y: Float32Array;
  and: number;
  count: number;
}

export type Loop = (operands: Operands) => void;

/** The loop that applies a function of one operand. */
export function unaryLoop(fn: ScalarFunction, operand: DType, result: DType): Loop {
  const f = scalarFunction(fn, operand) as (x: number) => number;
  if (operand === 'int64' && result === 'bool') {
    return ({ out, to, x, from, count }) => {
      for (let i = 0; i < count; i++) out[to + i] = Number(f(x[from + i] as number));
    };
  }
  if (operand === 'float32' && fn === 'sqrt') return float32Sqrt;
  return ({ out, to, x, from, count }) => {
    for (let i = 0; i < count; i++) out[to + i] = f(x[from + i] as number);
  };
}

/** The loop that applies a function of two operands. */
export function binaryLoop(fn: ScalarFunction, operand: DType): Loop {
  const loop = operand === 'float32' ? float32Loops[fn] : undefined;
  if (loop) return loop;
  const f = scalarFunction(fn, operand);
  return ({ out, to, x, from, y, and, count }) => {
    for (let i = 0; i < count; i++) out[to + i] = f(x[from + i] as number, y[and + i] as number);
  };
}

const float32Sqrt: Loop = ({ out, to, x, from, count }) => {
  for (let i = 0; i < count; i++) out[to + i] = Math.sqrt(x[from + i] as number);
};

// The commonest functions once more, for float32 alone: one loop for all functions and dtypes is compiled for all of them at
// once, and then the call and the look-up of the array's kind cost many times the arithmetic.
const float32Loops: Partial<Record<ScalarFunction, Loop>> = {
  add({ out, to, x, from, y, and, count }) {
    for (let i = 0; i < count; i++) out[to + i] = (x[from + i] as number) + (y[and + i] as number);
  },
  sub({ out, to, x, from, y, and, count }) {
    for (let i = 0; i < count; i++) out[to + i] = (x[from + i] as number) - (y[and + i] as number);
  },
  mul({ out, to, x, from, y, and, count }) {
    for (let i = 0; i < count; i++) out[to + i] = (x[from + i] as number) * (y[and + i] as number);
  },
  div({ out, to, x, from, y, and, count }) {
    for (let i = 0; i < count; i++) out[to + i] = (x[from + i] as number) / (y[and + i] as number);
  },
  max({ out, to, x, from, y, and, count }) {
    for (let i = 0; i < count; i++) {
      const a = x[from + i] as number;
      const b = y[and + i] as number;
      out[to + i] = a > b || a !== a ? a : b;
    }
  },
};
