import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { numbers, unaryCase } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const edges = [[nan, inf, -inf, 0, 1e38]];

export const checksCases: readonly OpCase[] = [
  unaryCase('isNaN', {
    op: tn.isNaN,
    reference: tf.isNaN,
    dtypes: numbers,
    exact: [{ why: 'NaN only', in: edges, out: [true, false, false, false, false] }],
  }),
  unaryCase('isInf', {
    op: tn.isInf,
    reference: tf.isInf,
    dtypes: numbers,
    exact: [{ why: 'infinities of both signs', in: edges, out: [false, true, true, false, false] }],
  }),
  unaryCase('isFinite', {
    op: tn.isFinite,
    reference: tf.isFinite,
    dtypes: numbers,
    exact: [
      { why: 'neither NaN nor infinity', in: edges, out: [false, false, false, true, true] },
      {
        why: 'float16 overflows at 65520',
        in: [[65519, 65520]],
        out: [true, false],
        dtype: 'float16',
      },
    ],
  }),
];
