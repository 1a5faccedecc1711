import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Domain, OpCase } from '../op-case.js';
import { binaryCase, unaryCase } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const edges = [0, -0, inf, -inf, nan];

const ops = {
  sin: [tn.sin, tf.sin],
  cos: [tn.cos, tf.cos],
  tan: [tn.tan, tf.tan],
  asin: [tn.asin, tf.asin],
  acos: [tn.acos, tf.acos],
  atan: [tn.atan, tf.atan],
  sinh: [tn.sinh, tf.sinh],
  cosh: [tn.cosh, tf.cosh],
  tanh: [tn.tanh, tf.tanh],
  asinh: [tn.asinh, tf.asinh],
  acosh: [tn.acosh, tf.acosh],
  atanh: [tn.atanh, tf.atanh],
} as const;

type Name = keyof typeof ops;

interface Row {
  readonly domain: Domain;
  /** At 0, -0, infinity, -infinity, NaN. */
  readonly edges: readonly number[];
  /** More inputs, where the obvious formula would fail. */
  readonly at?: readonly number[];
}

const table: Record<Name, Row> = {
  sin: { domain: { from: -7, to: 7 }, edges: [0, -0, nan, nan, nan] },
  cos: { domain: { from: -7, to: 7 }, edges: [1, 1, nan, nan, nan] },
  tan: { domain: { from: -1.4, to: 1.4 }, edges: [0, -0, nan, nan, nan] },
  asin: {
    domain: { from: -0.95, to: 0.95 },
    edges: [0, -0, nan, nan, nan],
    at: [1, -1, 1.5, 1e-6, 0.99999994],
  },
  acos: {
    domain: { from: -0.95, to: 0.95 },
    edges: [Math.PI / 2, Math.PI / 2, nan, nan, nan],
    at: [1, -1, 1.5, -1.5, 0.99999994],
  },
  atan: { domain: { from: -5, to: 5 }, edges: [0, -0, Math.PI / 2, -Math.PI / 2, nan] },
  sinh: {
    domain: { from: -4, to: 4 },
    edges: [0, -0, inf, -inf, nan],
    at: [1e-5, -1e-5, 19, 21, 89, -89, 90],
  },
  cosh: { domain: { from: -4, to: 4 }, edges: [1, 1, inf, inf, nan], at: [1e-3, 89, -89, 90] },
  tanh: { domain: { from: -4, to: 4 }, edges: [0, -0, 1, -1, nan], at: [1e-5, 20, -100] },
  asinh: {
    domain: { from: -5, to: 5 },
    edges: [0, -0, inf, -inf, nan],
    at: [1e-5, -1e-5, 1e7, 1e9, -1e38],
  },
  acosh: {
    domain: { from: 1.1, to: 5 },
    edges: [nan, nan, inf, nan, nan],
    at: [1, 1.0001, 1e7, 1e9, 3e38, -3, -1e20],
  },
  atanh: {
    domain: { from: -0.9, to: 0.9 },
    edges: [0, -0, nan, nan, nan],
    at: [1, -1, 1e-5, -1e-5, 2],
  },
};

const rows = Object.entries(table).map(([name, { domain, edges: out, at = [0.3] }]) => {
  const key = name as Name;
  const [op, reference] = ops[key];
  const inputs = at.map(Math.fround);
  return unaryCase(name, {
    op,
    reference,
    domain,
    exact: [
      { why: 'edges', in: [edges], out },
      {
        why: `values at ${at.join(', ')}`,
        in: [inputs],
        out: inputs.map((x) => Math.fround(Math[key](x))),
        tolerance: 2e-6,
      },
      {
        why: 'float64',
        in: [[0.3, 1.2].map((x) => (key === 'acosh' ? x + 1 : x / 2))],
        out: [0.3, 1.2].map((x) => Math[key](key === 'acosh' ? x + 1 : x / 2)),
        dtype: 'float64',
        tolerance: 1e-14,
      },
    ],
  });
});

const [zero, pi] = [0, Math.PI];

export const trigonometricCases: readonly OpCase[] = [
  ...rows,
  binaryCase('atan2', {
    op: tn.atan2,
    reference: tf.atan2,
    domain: { from: -3, to: 3, avoid: [0] },
    exact: [
      {
        why: 'zeros of every sign',
        in: [
          [zero, -0, zero, -0, 1, -1, 0, -0],
          [zero, zero, -0, -0, 0, -0, 1, -1],
        ],
        out: [0, -0, pi, -pi, pi / 2, -pi / 2, 0, -pi],
      },
      {
        why: 'infinities',
        in: [
          [inf, -inf, inf, 1, -1, nan],
          [inf, -inf, -inf, inf, -inf, 1],
        ],
        out: [pi / 4, (-3 * pi) / 4, (3 * pi) / 4, 0, -pi, nan],
      },
      {
        why: 'neither overflow nor underflow',
        in: [
          [1e38, 1e-38],
          [1e-38, 1e38],
        ],
        out: [pi / 2, 0],
        tolerance: 1e-6,
      },
      {
        why: 'ratios in float64',
        in: [
          [1, -2],
          [3, -5],
        ],
        out: [Math.atan2(1, 3), Math.atan2(-2, -5)],
        dtype: 'float64',
        tolerance: 1e-14,
      },
    ],
  }),
  unaryCase('sin of integers', {
    op: tn.sin,
    reference: (x) => tf.sin(tf.cast(x, 'float32')),
    dtypes: ['int32', 'int64', 'int8', 'uint8', 'bool'],
  }),
];
