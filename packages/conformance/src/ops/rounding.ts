import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { numbers, unaryCase } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const halves = [-3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3];
const domain = { from: -3, to: 3, avoid: halves };
const row = { dtypes: numbers.filter((dtype) => dtype.includes('float')), domain };

export const roundingCases: readonly OpCase[] = [
  unaryCase('floor', {
    op: tn.floor,
    reference: tf.floor,
    ...row,
    exact: [{ why: 'edges', in: [[-0, -0.5, 2.5, inf, nan]], out: [-0, -1, 2, inf, nan] }],
  }),
  unaryCase('ceil', {
    op: tn.ceil,
    reference: tf.ceil,
    ...row,
    exact: [{ why: 'edges', in: [[0.5, 2, -inf, nan]], out: [1, 2, -inf, nan] }],
  }),
  unaryCase('round', {
    op: tn.round,
    reference: tf.round,
    ...row,
    exact: [
      {
        why: 'halves to even',
        in: [[0.5, 1.5, 2.5, -1.5, 8388609, inf, nan]],
        out: [0, 2, 2, -2, 8388609, inf, nan],
      },
    ],
  }),
  unaryCase('rounding of integers', {
    op: (x) => tn.floor(tn.ceil(tn.round(x))),
    reference: (x) => tf.clone(x),
    dtypes: ['int32', 'int64', 'int8', 'uint8'],
  }),
];
