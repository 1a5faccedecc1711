import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { numbers, unaryCase, wrongDType } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const wide = { from: -100, to: 100, avoid: [0] };

export const castingCases: readonly OpCase[] = [
  unaryCase('cast to float32', {
    op: (x) => tn.cast(x, { dtype: 'float32' }),
    reference: (x) => tf.cast(x, 'float32'),
    gradient: { skipped: 'float32 is too coarse for differences' },
    dtypes: [...numbers, 'bool'],
    domain: wide,
  }),
  unaryCase('cast to float64', {
    op: (x) => tn.cast(x, { dtype: 'float64' }),
    reference: (x) => tf.cast(x, 'float32'),
    dtypes: [...numbers, 'bool'],
    domain: wide,
  }),
  unaryCase('cast to int32', {
    op: (x) => tn.cast(x, { dtype: 'int32' }),
    reference: (x) => tf.cast(x, 'int32'),
    dtypes: [...numbers, 'bool'],
    domain: wide,
    exact: [{ why: 'truncates', in: [[1.9, -1.9, 0.5, -0]], out: [1, -1, 0, 0] }],
  }),
  unaryCase('cast to bool', {
    op: (x) => tn.cast(x, { dtype: 'bool' }),
    reference: (x) => tf.cast(x, 'bool'),
    dtypes: numbers,
    exact: [
      {
        why: 'only zeros are false',
        in: [[0, -0, 1e-30, -2, nan]],
        out: [false, false, true, true, true],
      },
    ],
  }),
  unaryCase('cast to float16', {
    op: (x) => tn.cast(x, { dtype: 'float16' }),
    reference: (x) => tf.cast(x, 'float32'),
    dtypes: numbers,
    domain: wide,
    gradient: { skipped: 'half precision is too coarse for differences' },
    exact: [
      {
        why: 'rounds halves to even, overflows',
        in: [[2049, 2051, 65520, nan]],
        out: [2048, 2052, inf, nan],
      },
    ],
  }),
  unaryCase('cast to bfloat16', {
    op: (x) => tn.cast(x, { dtype: 'bfloat16' }),
    reference: (x) => tf.cast(x, 'float32'),
    dtypes: numbers,
    domain: wide,
    gradient: { skipped: 'half precision is too coarse for differences' },
    exact: [{ why: 'rounds halves to even', in: [[257, 259, inf]], out: [256, 260, inf] }],
  }),
  unaryCase('cast to uint8', {
    op: (x) => tn.cast(x, { dtype: 'uint8' }),
    reference: (x) => tf.cast(x, 'int32'),
    dtypes: ['int32', 'int64', 'uint8'],
    domain: wide,
    exact: [{ why: 'wraps', in: [[256, -1, 511]], out: [0, 255, 255] }],
  }),
  unaryCase('cast to int64', {
    op: (x) => tn.cast(x, { dtype: 'int64' }),
    reference: (x) => tf.cast(x, 'int32'),
    dtypes: numbers,
    domain: wide,
  }),
  unaryCase('bitcast to int32', {
    op: (x) => tn.bitcast(x, { dtype: 'int32' }),
    gradient: { skipped: 'bits have no derivative' },
    dtypes: ['float32', 'int32'],
    exact: [
      {
        why: 'bits of float32',
        in: [[1, -0, inf, 0]],
        out: [0x3f800000, -(2 ** 31), 0x7f800000, 0],
      },
    ],
    rejects: [
      wrongDType('float64', (x) => tn.bitcast(x, { dtype: 'int32' })),
      wrongDType('bool', (x) => tn.bitcast(x, { dtype: 'int8' })),
    ],
  }),
  unaryCase('bitcast to float32', {
    op: (x) => tn.bitcast(x, { dtype: 'float32' }),
    dtypes: ['int32'],
    domain: { from: 0x3f800000, to: 0x40000000 },
    exact: [
      {
        why: 'the number of the bits',
        in: [[0x3f800000, 0x40490fdb]],
        out: [1, Math.fround(Math.PI)],
      },
    ],
  }),
  unaryCase('bitcast to int64', {
    op: (x) => tn.bitcast(x, { dtype: 'int64' }),
    dtypes: ['float64'],
    exact: [{ why: 'bits of float64', in: [[1]], out: [0x3ff0000000000000n] }],
  }),
  unaryCase('bitcast to uint8', {
    op: (x) => tn.bitcast(x, { dtype: 'uint8' }),
    dtypes: ['int8'],
    exact: [{ why: 'bits of int8', in: [[-1, 5]], out: [255, 5] }],
  }),
];
