import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { binaryCase, numbers } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const domain = { from: -2, to: 2, integer: true };
const left = [1, 2, 1, nan, nan, inf, -0, 1];
const right = [2, 1, 1, nan, 1, inf, 0, nan];
const ops = {
  equal: [tn.equal, tf.equal],
  notEqual: [tn.notEqual, tf.notEqual],
  less: [tn.less, tf.less],
  lessEqual: [tn.lessEqual, tf.lessEqual],
  greater: [tn.greater, tf.greater],
  greaterEqual: [tn.greaterEqual, tf.greaterEqual],
} as const;
const table = {
  equal: [false, false, true, false, false, true, true, false],
  notEqual: [true, true, false, true, true, false, false, true],
  less: [true, false, false, false, false, false, false, false],
  lessEqual: [true, false, true, false, false, true, true, false],
  greater: [false, true, false, false, false, false, false, false],
  greaterEqual: [false, true, true, false, false, true, true, false],
} as const;

export const comparisonCases: readonly OpCase[] = Object.entries(table).map(([name, out]) => {
  const [op, reference] = ops[name as keyof typeof ops];
  return binaryCase(name, {
    op,
    reference,
    dtypes: [...numbers, 'bool'],
    domain,
    exact: [
      { why: 'NaN, infinities, zeros', in: [left, right], out },
      {
        why: 'int64 that float64 does not tell apart',
        in: [[9007199254740993n], [9007199254740992n]],
        out: [name === 'notEqual' || name.startsWith('greater')],
        dtype: 'int64',
      },
    ],
  });
});
