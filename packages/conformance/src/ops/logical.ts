import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { binaryCase, numbers, unaryCase, wrongDType } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const bool = { dtypes: ['bool'] } as const;

export const logicalCases: readonly OpCase[] = [
  binaryCase('logicalAnd', {
    op: tn.logicalAnd,
    reference: tf.logicalAnd,
    ...bool,
    rejects: [wrongDType('float32', (x) => tn.logicalAnd(x, x))],
  }),
  binaryCase('logicalOr', {
    op: tn.logicalOr,
    reference: tf.logicalOr,
    ...bool,
    rejects: [wrongDType('int32', (x) => tn.logicalOr(x, x))],
  }),
  binaryCase('logicalXor', {
    op: tn.logicalXor,
    reference: tf.logicalXor,
    ...bool,
    rejects: [wrongDType('int32', (x) => tn.logicalXor(x, x))],
  }),
  unaryCase('logicalNot', {
    op: tn.logicalNot,
    reference: tf.logicalNot,
    ...bool,
    rejects: [wrongDType('float32', tn.logicalNot)],
  }),
  {
    name: 'where',
    op: tn.where,
    reference: (condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.where(condition, a, b),
    inputDTypes: ['bool', null, null],
    dtypes: [...numbers, 'bool'],
    shapes: [
      [[], [], []],
      [[0], [0], [0]],
      [[7], [7], [7]],
      [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      [[2, 1], [3], []],
      [[3], [2, 1], [2, 3]],
    ],
    exact: [
      {
        why: 'what is not chosen does not matter',
        in: [
          [true, false],
          [1, nan],
          [inf, 2],
        ],
        out: [1, 2],
      },
      {
        why: 'signs of zeros',
        in: [
          [true, false],
          [-0, 1],
          [1, -0],
        ],
        out: [-0, -0],
      },
    ],
    rejects: [
      {
        why: 'a condition of numbers',
        build: () => tn.where([1, 0], [1, 2], [3, 4]),
        code: 'DTYPE_MISMATCH',
      },
      {
        why: 'sizes that do not broadcast',
        build: () => tn.where([true, false], [1, 2, 3], 0),
        code: 'SHAPE_MISMATCH',
      },
    ],
  },
  unaryCase('where with a number', {
    op: (x) => tn.where(tn.greater(x, 0), x, 7),
    reference: (x) => tf.where(tf.greater(x, 0), x, tf.cast(7, x.dtype)),
    dtypes: numbers,
    domain: { from: -5, to: 5, avoid: [0] },
  }),
];
