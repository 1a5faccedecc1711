import { flatIndex, inRange, invertPermutation, oneHot, ravelIndex } from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { below, float, int, rejected } from './operands.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

export const indexingCases: readonly OpCase[] = [
  {
    name: 'flatIndex',
    op: (i) => flatIndex(i, { size: 5, stride: 3, strides: [0, 1], negative: -2, beyond: -3 }),
    formula: (i: Matrix) =>
      i.map((row) => row.map((at, c) => (at < 0 ? -2 : at >= 5 ? -3 : 3 * at + c))),
    shapes: [[[4, 3]], [[1, 7]], [[0, 2]]],
    dtypes: ['int32', 'int64', 'int8', 'uint8'],
    domain: { from: -3, to: 8 },
  },
  {
    name: 'ravelIndex',
    op: (i) => ravelIndex(i, { sizes: [3, 4] }),
    formula: (i: Matrix) =>
      i.map(([a, b]) =>
        (a as number) < 3 && (b as number) < 4 && Math.min(a as number, b as number) >= 0
          ? 4 * (a as number) + (b as number)
          : -1,
      ),
    shapes: [[[9, 2]], [[1, 2]], [[0, 2]]],
    dtypes: ['int32', 'int64', 'uint8'],
    domain: { from: -1, to: 4 },
    exact: [{ why: 'a tuple outside gives -1', in: [[5, 3]], out: -1 }],
    rejects: [
      rejected(
        'tuples of another length',
        () => ravelIndex(int([2, 3]), { sizes: [4] }),
        'SHAPE_MISMATCH',
      ),
    ],
  },
  {
    name: 'inRange',
    op: (i) => inRange(i, { sizes: [3, 4], tuples: true, where: 'test' }),
    formula: (i: Matrix) => i,
    shapes: [[[9, 2]], [[0, 2]]],
    dtypes: ['int32', 'int64', 'uint8'],
    domain: { from: 0, to: 2 },
    rejects: [
      rejected(
        'tuples of another length',
        () => inRange(int([2, 3]), { sizes: [4], tuples: true, where: 'test' }),
        'SHAPE_MISMATCH',
      ),
      rejected(
        'two sizes for single indices',
        () => inRange(int([2]), { sizes: [4, 5], where: 'test' }),
        'SHAPE_MISMATCH',
      ),
    ],
  },
  {
    name: 'inRange, one side open',
    op: (i) => inRange(i, { sizes: [3], open: 'below', where: 'test' }),
    formula: (i: Vector) => i,
    shapes: [[[7]], [[0]]],
    dtypes: ['int32'],
    domain: { from: -4, to: 2 },
  },
  {
    name: 'oneHot',
    op: (i) => oneHot(i, { depth: 3 }),
    reference: (i: tf.Tensor) => tf.oneHot(i as tf.Tensor1D, 3),
    shapes: [[[]], [[5]], [[2, 3]], [[0]]],
    dtypes: ['int32', 'int64', 'int8', 'uint8'],
    domain: { from: -2, to: 4 },
    rejects: [
      rejected('depth 0', () => oneHot([1], { depth: 0 }), 'ATTRIBUTE_INVALID'),
      rejected(
        'indices that are no integers',
        () => oneHot(float([2]), { depth: 3 }),
        'DTYPE_MISMATCH',
      ),
    ],
  },
  {
    name: 'oneHot, own values',
    op: (i) => oneHot(i, { depth: 2, onValue: 3, offValue: -2, dtype: 'float32' }),
    reference: (i: tf.Tensor) => tf.oneHot(i as tf.Tensor1D, 2, 3, -2, 'float32'),
    shapes: [[[4]]],
    dtypes: ['int32'],
    domain: below(2),
  },
  {
    name: 'invertPermutation',
    op: (p) => invertPermutation(p),
    shapes: [[[1]], [[0]]],
    dtypes: ['int32', 'int64'],
    domain: below(1),
    exact: [{ why: 'it undoes the permutation', in: [[3, 0, 2, 1]], out: [1, 3, 2, 0] }],
    rejects: [rejected('a matrix', () => invertPermutation(int([2, 2])), 'SHAPE_MISMATCH')],
  },
];
