import { add, cast, div, mul, neg, placeholder, sub } from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';

const pairs = [
  [[], []],
  [[7], [7]],
  [[0], [1]],
  [[2, 3], [3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
];
const singles = [[[]], [[7]], [[0, 3]], [[2, 3, 5]]];
const every = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int32',
  'int64',
  'int8',
  'uint8',
] as const;
const unequal = (
  op: (a: ReturnType<typeof placeholder>, b: ReturnType<typeof placeholder>) => unknown,
) => ({
  why: 'sizes that do not broadcast',
  build: () => op(placeholder({ shape: [2] }), placeholder({ shape: [3] })),
  code: 'SHAPE_MISMATCH' as const,
});

export const arithmeticCases: readonly OpCase[] = [
  {
    name: 'add',
    op: (a, b) => add(a, b),
    reference: (a: tf.Tensor, b: tf.Tensor) => tf.add(a, b),
    shapes: pairs,
    dtypes: every,
    exact: [{ why: 'keeps the sign of zero', in: [[-0, 0, -0]], out: [-0, 0, -0] }].map((row) => ({
      ...row,
      in: [row.in[0] as number[], [-0, -0, -0]],
    })),
    rejects: [unequal(add)],
  },
  {
    name: 'sub',
    op: (a, b) => sub(a, b),
    reference: (a: tf.Tensor, b: tf.Tensor) => tf.sub(a, b),
    shapes: pairs,
    dtypes: every,
    rejects: [unequal(sub)],
  },
  {
    name: 'mul',
    op: (a, b) => mul(a, b),
    reference: (a: tf.Tensor, b: tf.Tensor) => tf.mul(a, b),
    shapes: pairs,
    dtypes: every,
    rejects: [unequal(mul)],
  },
  {
    name: 'div',
    op: (a, b) => div(a, b),
    reference: (a: tf.Tensor, b: tf.Tensor) => tf.div(a, b),
    shapes: pairs,
    domain: [
      { from: -2, to: 2 },
      { from: 0.5, to: 2 },
    ],
    rejects: [unequal(div)],
  },
  {
    name: 'neg',
    op: (x) => neg(x),
    reference: (x: tf.Tensor) => tf.neg(x),
    shapes: singles,
    dtypes: every,
  },
  {
    name: 'neg of a cast',
    op: (x) => neg(cast(x, { dtype: 'float32' })),
    reference: (x: tf.Tensor) => tf.neg(x),
    shapes: singles,
    dtypes: ['int32', 'bool'],
  },
];
