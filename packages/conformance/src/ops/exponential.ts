import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { unaryCase } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const positive = { from: 0.1, to: 3 };
/** Closer than what `e^x - 1` or `ln(1 + x)` give in float32 when computed as they are written. */
const near = [1e-7, -1e-7, 1e-4, -1e-4, 1e-20];

export const exponentialCases: readonly OpCase[] = [
  unaryCase('exp', {
    op: tn.exp,
    reference: tf.exp,
    exact: [
      {
        why: 'overflow, underflow, NaN',
        in: [[89, -104, inf, -inf, nan]],
        out: [inf, 0, inf, 0, nan],
      },
      { why: 'float16 overflows at 65520', in: [[11, 12]], out: [59872, inf], dtype: 'float16' },
    ],
  }),
  unaryCase('log', {
    op: tn.log,
    reference: tf.log,
    domain: positive,
    exact: [{ why: 'zeros and below', in: [[0, -0, -1, inf]], out: [-inf, -inf, nan, inf] }],
  }),
  unaryCase('exp of integers', {
    op: tn.exp,
    reference: (x) => tf.exp(tf.cast(x, 'float32')),
    dtypes: ['int32', 'int64', 'int8', 'uint8', 'bool'],
  }),
  unaryCase('expm1', {
    op: tn.expm1,
    reference: tf.expm1,
    exact: [
      { why: 'near 0', in: [near], out: near.map(Math.expm1) },
      {
        why: 'edges',
        in: [[0, -0, 89, 88, -104, -30, inf, -inf, nan]],
        out: [0, -0, inf, Math.expm1(88), -1, -1, inf, -1, nan],
      },
      {
        why: 'near 0 in float64',
        in: [[1e-15, -1e-10]],
        out: [Math.expm1(1e-15), Math.expm1(-1e-10)],
        dtype: 'float64',
        tolerance: 1e-14,
      },
      { why: 'one rounding in float16', in: [[0.01, 5]], out: [0.010052, 147.4], dtype: 'float16' },
    ],
  }),
  unaryCase('log1p', {
    op: tn.log1p,
    reference: tf.log1p,
    domain: { from: -0.9, to: 3 },
    exact: [
      { why: 'near 0', in: [near], out: near.map(Math.log1p) },
      {
        why: 'edges',
        in: [[0, -0, -1, -2, inf, nan, 1e38]],
        out: [0, -0, -inf, nan, inf, nan, Math.log1p(1e38)],
      },
      {
        why: 'near 0 in float64',
        in: [[1e-15, -1e-10]],
        out: [Math.log1p(1e-15), Math.log1p(-1e-10)],
        dtype: 'float64',
        tolerance: 1e-14,
      },
    ],
  }),
  unaryCase('sigmoid', {
    op: tn.sigmoid,
    reference: tf.sigmoid,
    domain: { from: -8, to: 8 },
    exact: [{ why: 'edges', in: [[0, 200, -200, inf, -inf, nan]], out: [0.5, 1, 0, 1, 0, nan] }],
  }),
  unaryCase('softplus', {
    op: tn.softplus,
    reference: tf.softplus,
    domain: { from: -30, to: 30 },
    exact: [
      {
        why: 'neither overflows nor loses its tail',
        in: [[1e4, -1e4, -20, inf, -inf, nan]],
        out: [1e4, 0, Math.log1p(Math.exp(-20)), inf, 0, nan],
      },
    ],
  }),
  unaryCase('logSigmoid', {
    op: tn.logSigmoid,
    reference: tf.logSigmoid,
    domain: { from: -30, to: 30 },
    exact: [
      {
        why: 'does not underflow',
        in: [[-1e4, 20, -inf]],
        out: [-1e4, -Math.log1p(Math.exp(-20)), -inf],
      },
    ],
  }),
  unaryCase('erf', {
    op: tn.erf,
    reference: tf.erf,
    domain: { from: -4, to: 4 },
    exact: [
      {
        why: 'known values',
        in: [[0.5, -1, 2, 3]],
        out: [0.5204998778130465, -0.8427007929497149, 0.9953222650189527, 0.9999779095030014],
        dtype: 'float64',
        tolerance: 1e-13,
      },
      { why: 'edges', in: [[0, -0, 10, -10, inf, -inf, nan]], out: [0, -0, 1, -1, 1, -1, nan] },
    ],
  }),
];
