import {
  cummax,
  cummin,
  cumprod,
  cumsum,
  gradients,
  linearRecurrence,
  placeholder,
  slice,
  type Tensor,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';

interface Attrs {
  readonly axis?: number;
  readonly exclusive?: boolean;
  readonly reverse?: boolean;
}
type Cumulative = (x: Tensor, attrs?: Attrs) => Tensor;
type Fold = (so: number, next: number) => number;

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
const integers = ['int32', 'int64', 'int8', 'uint8'] as const;
const floats = ['float32', 'float64', 'float16', 'bfloat16'] as const;

/** Partial results of a vector. */
function folded(
  x: readonly number[],
  fold: Fold,
  first: number,
  { exclusive, reverse }: Attrs,
): number[] {
  const order = reverse ? [...x].reverse() : x;
  let so = first;
  const results = order.map((value) => {
    const before = so;
    so = fold(so, value);
    return exclusive ? before : so;
  });
  return reverse ? results.reverse() : results;
}

const ways: readonly Attrs[] = [
  {},
  { exclusive: true },
  { reverse: true },
  { exclusive: true, reverse: true },
];
const title = ({ exclusive, reverse }: Attrs): string =>
  `${exclusive ? ', exclusive' : ''}${reverse ? ', reverse' : ''}`;

const rejects = (op: Cumulative): OpCase['rejects'] => [
  {
    why: 'an axis that does not exist',
    build: () => op(placeholder({ shape: [2] }), { axis: 1 }),
    code: 'ATTRIBUTE_INVALID',
  },
  { why: 'a scalar', build: () => op(placeholder({ shape: [] })), code: 'ATTRIBUTE_INVALID' },
];

interface Row {
  readonly name: string;
  readonly op: Cumulative;
  readonly fold: Fold;
  readonly first: number;
  readonly extra: Partial<OpCase>;
}

/** Along the rows of matrices, in all four ways. */
const rows = ({ name, op, fold, first, extra }: Row): OpCase[] =>
  ways.map((attrs, i) => ({
    ...extra,
    name: `${name} along rows${title(attrs)}`,
    op: (x) => op(x, { ...attrs, axis: -1 }),
    formula: (x: number[][]) => x.map((row) => folded(row, fold, first, attrs)),
    shapes: [[[2, 5]], [[3, 1]], [[2, 0]], [[1, 7]]],
    ...(attrs.exclusive && !Number.isFinite(first)
      ? { gradient: { skipped: 'differences of infinite results are NaN' } }
      : {}),
    exact: i === 0 ? (extra.exact ?? []) : [],
    rejects: i === 0 ? (rejects(op) ?? []) : [],
  }));

const reference = (name: string, op: Cumulative, of: typeof tf.cumsum): OpCase[] =>
  ways.map((attrs) => ({
    name: `${name}${title(attrs)}`,
    op: (x) => op(x, { ...attrs, axis: 1 }),
    reference: (x: tf.Tensor) => of(x, 1, attrs.exclusive, attrs.reverse),
    shapes: [[[2, 3, 2]], [[2, 1]], [[0, 3]]],
    dtypes: [...floats, 'int32'],
    domain: { from: -1.5, to: 1.5 },
  }));

const gradientOf =
  (op: Cumulative, attrs: Attrs = {}) =>
  (x: Tensor): Tensor =>
    gradients(op(x, attrs), [x])[0] as Tensor;

export const cumulativeCases: readonly OpCase[] = [
  ...reference('cumsum', cumsum, tf.cumsum),
  ...reference('cumprod', cumprod, tf.cumprod),
  ...rows({
    name: 'cumsum',
    op: cumsum,
    fold: (a, b) => a + b,
    first: 0,
    extra: {
      dtypes: [...floats, ...integers],
      domain: { from: 0, to: 2 },
      exact: [
        { why: 'bool is counted', in: [[true, false, true]], out: [1, 1, 2], dtype: 'bool' },
        { why: 'a narrow integer wraps', in: [[127, 1]], out: [127, -128], dtype: 'int8' },
      ],
    },
  }),
  ...rows({
    name: 'cumprod',
    op: cumprod,
    fold: (a, b) => a * b,
    first: 1,
    extra: { domain: { from: -1.5, to: 1.5 } },
  }),
  ...rows({
    name: 'cummax',
    op: cummax,
    fold: Math.max,
    first: -inf,
    extra: {
      domain: { from: -100, to: 100 },
      exact: [
        { why: 'NaN stays', in: [[1, nan, 2]], out: [1, nan, nan] },
        { why: 'integers', in: [[1, 3, 2]], out: [1, 3, 3], dtype: 'int32' },
      ],
    },
  }),
  ...rows({
    name: 'cummin',
    op: cummin,
    fold: Math.min,
    first: inf,
    extra: {
      domain: { from: -100, to: 100 },
      exact: [{ why: 'NaN stays', in: [[2, nan, 1]], out: [2, nan, nan] }],
    },
  }),
  ...[cummax, cummin].flatMap((op) =>
    [false, true].map(
      (reverse): OpCase => ({
        name: `finite part of ${op.name}, exclusive${reverse ? ', reverse' : ''}`,
        op: (x) => slice(op(x, { exclusive: true, reverse }), { begin: reverse ? 0 : 1, size: 4 }),
        shapes: [[[5]]],
        domain: { from: -100, to: 100 },
        formula: (x: number[]) => {
          const [fold, first] = op === cummax ? [Math.max, -inf] : [Math.min, inf];
          const all = folded(x, fold, first, { exclusive: true, reverse });
          return reverse ? all.slice(0, 4) : all.slice(1);
        },
      }),
    ),
  ),
  {
    name: 'cumprod, gradient where elements are zero',
    op: gradientOf(cumprod),
    shapes: [[[4]]],
    formula: (x: number[]) =>
      x.map((_, i) =>
        x.reduce((total, _v, j) => {
          const others = x.slice(0, j + 1).reduce((p, v, k) => (k === i ? p : p * v), 1);
          return total + (j >= i ? others : 0);
        }, 0),
      ),
    exact: [{ why: 'a zero', in: [[2, 0, 3]], out: [1, 2 + 6, 0] }],
  },
  {
    name: 'cummax, gradient at ties',
    op: gradientOf(cummax),
    shapes: [[[4]]],
    exact: [{ why: 'the first of equals takes it', in: [[1, 3, 3, 4]], out: [1, 2, 0, 1] }],
  },
  ...[false, true].map(
    (reverse): OpCase => ({
      name: `linearRecurrence${reverse ? ', reverse' : ''}`,
      op: (x, a) => linearRecurrence(x, a, { axis: 1, reverse }),
      shapes: [
        [
          [2, 3],
          [2, 3],
        ],
        [
          [1, 9],
          [1, 9],
        ],
        [
          [2, 0],
          [2, 0],
        ],
      ],
      formula: (x: number[][], a: number[][]) =>
        x.map((row, r) => {
          const steps = row.map((value, i) => [value, (a[r] as number[])[i] as number] as const);
          let y = 0;
          const found = (reverse ? [...steps].reverse() : steps).map(([value, factor]) => {
            y = value + factor * y;
            return y;
          });
          return reverse ? found.reverse() : found;
        }),
      rejects: [
        {
          why: 'different shapes',
          build: () => linearRecurrence(placeholder({ shape: [2] }), placeholder({ shape: [3] })),
          code: 'SHAPE_MISMATCH',
        },
      ],
    }),
  ),
];
