import {
  all,
  any,
  argMax,
  argMin,
  countOf,
  euclideanNorm,
  gradients,
  keptLike,
  logSumExp,
  max,
  mean,
  min,
  moments,
  norm,
  placeholder,
  prod,
  prodOfOthers,
  std,
  sum,
  sumLike,
  type Tensor,
  variance,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { numbers } from './elementwise-rows.js';

type Attrs = { axis?: number | number[]; keepDims?: boolean };
type Reduce = (x: Tensor, attrs?: Attrs) => Tensor;
type Reference = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

const { POSITIVE_INFINITY: inf } = Number;
const [matrices, boxes] = [
  [[[3, 5]], [[0, 4]], [[3, 0]], [[1, 1]]],
  [[[2, 3, 4]], [[1, 3, 2]]],
];
const x2 = () => placeholder({ shape: [2, 3] });

const axisRejects = (op: Reduce): OpCase['rejects'] => [
  {
    why: 'an axis that does not exist',
    build: () => op(x2(), { axis: 2 }),
    code: 'ATTRIBUTE_INVALID',
  },
  {
    why: 'one axis twice',
    build: () => op(x2(), { axis: [0, -2] }),
    code: 'ATTRIBUTE_INVALID',
  },
  {
    why: 'a misspelt option',
    build: () => op(x2(), { axes: 1 } as never),
    code: 'ATTRIBUTE_INVALID',
  },
];

/** A reduction over everything, one axis, several axes with sizes kept, and no axis. */
function family(op: Reduce, reference: Reference, row: Partial<OpCase> = {}): OpCase[] {
  const { name = 'reduction', exact, rejects = axisRejects(op), ...shared } = row;
  const variants: [string, readonly (readonly number[])[][], Attrs | undefined][] = [
    [name, [[[]], [[7]], [[0]], [[2, 3, 4]]], undefined],
    [`${name}, last axis`, matrices, { axis: -1 }],
    [`${name}, outer and inner axis kept`, boxes, { axis: [2, 0], keepDims: true }],
    [`${name}, no axis`, [[[2, 3]]], { axis: [] }],
  ];
  return variants.map(([title, shapes, attrs], i) => ({
    ...shared,
    name: title,
    op: (x) => op(x, attrs),
    reference: (x: tf.Tensor) => reference(x, attrs?.axis, attrs?.keepDims),
    shapes,
    ...(i === 0 && exact ? { exact } : {}),
    ...(i === 0 && rejects ? { rejects } : {}),
  }));
}

/** Where TensorFlow.js has no right answer for no elements: the exact rows say what it is. */
const filled = (row: OpCase): OpCase => ({
  ...row,
  shapes: row.shapes.filter((shapes) => !shapes.flat().includes(0)),
});

const gradientOf =
  (op: Reduce, attrs?: Attrs) =>
  (x: Tensor): Tensor =>
    gradients(op(x, attrs), [x])[0] as Tensor;

const argExact = (largest: boolean): OpCase['exact'] => [
  { why: 'the first of equals', in: [[1, 1, 1]], out: 0 },
  { why: 'NaN is extreme', in: [[1, Number.NaN, largest ? inf : -inf]], out: 1 },
];

const argRow = (
  name: string,
  op: (x: Tensor, attrs?: { axis?: number }) => Tensor,
  reference: typeof tf.argMax,
): OpCase[] =>
  [0, -1, 1].map((axis, i) => ({
    name: `${name}, axis ${axis}`,
    op: (x) => op(x, { axis }),
    reference: (x: tf.Tensor) => reference(x, axis),
    shapes: [[[3, 5]], [[1, 4]], [[2, 3, 4]]],
    dtypes: numbers,
    domain: { from: -100, to: 100, integer: true },
    ...(i === 0
      ? {
          rejects: [
            {
              why: 'an axis without elements',
              build: () => op(placeholder({ shape: [0, 2] })),
              code: 'SHAPE_INVALID',
            },
            {
              why: 'a scalar',
              build: () => op(placeholder({ shape: [] })),
              code: 'ATTRIBUTE_INVALID',
            },
          ] as const,
        }
      : {}),
  }));

const norms: OpCase[] = (
  [
    ['everything', undefined, undefined, [[[]], [[7]], [[2, 3, 2]]]],
    ['vectors, 1', 1, -1, [[[5]], [[3, 4]]]],
    ['vectors, 2', 2, 0, [[[5]], [[3, 4]]]],
    ['vectors, Infinity', inf, 1, [[[3, 4]]]],
    ['vectors, -Infinity', -inf, 1, [[[3, 4]]]],
    ['matrices, fro', 'fro', [0, 1], [[[3, 4]], [[3, 4, 2]]]],
    ['matrices, euclidean', 'euclidean', [1, 2], [[[3, 4, 2]]]],
    ['matrices, 1', 1, [1, 2], [[[3, 4, 2]]]],
    ['matrices, Infinity', inf, [1, 2], [[[3, 4, 2]]]],
    ['matrices, -Infinity', -inf, [0, 1], [[[3, 4]]]],
  ] as const
).flatMap(([title, ord, axis, shapes]) =>
  [false, true]
    .filter((keepDims) => !keepDims || axis !== undefined)
    .map((keepDims) => ({
      name: `norm of ${title}${keepDims ? ', kept' : ''}`,
      op: (x: Tensor) =>
        norm(x, {
          ...(ord === undefined ? {} : { ord }),
          ...(axis === undefined ? {} : { axis }),
          keepDims,
        }),
      reference: (x: tf.Tensor) =>
        tf.norm(x, ord ?? 'euclidean', axis as number[] | undefined, keepDims) as tf.Tensor,
      shapes,
      domain: { from: -2, to: 2, avoid: [0] },
    })),
);

export const reductionCases: readonly OpCase[] = [
  ...family(sum, tf.sum, {
    name: 'sum',
    dtypes: [...numbers, 'bool'],
    exact: [
      { why: 'is carried in more digits than it is stored in', in: [[1e8, 1, -1e8]], out: 1 },
    ],
  }),
  ...family(mean, tf.mean, {
    name: 'mean',
    dtypes: numbers,
    exact: [
      { why: 'many halves do not overflow', in: [[60000, 60000]], out: 60000, dtype: 'float16' },
      { why: 'integers give fractions', in: [[1, 2]], out: 1.5, dtype: 'int32' },
      { why: 'the mean of nothing is NaN', in: [[]], out: Number.NaN },
    ],
  }).map(filled),
  ...family(prod, tf.prod, {
    name: 'prod',
    dtypes: [...numbers, 'bool'],
    domain: { from: -1.5, to: 1.5 },
    exact: [{ why: 'the product of nothing is 1', in: [[]], out: 1 }],
  }),
  {
    name: 'prod, gradient where elements are zero',
    op: gradientOf(prod, { axis: -1 }),
    shapes: [[[2, 3]]],
    formula: (x: number[][]) =>
      x.map((row) => row.map((_, i) => row.reduce((p, v, j) => (j === i ? p : p * v), 1))),
    exact: [
      { why: 'one zero', in: [[2, 0, 3]], out: [0, 6, 0] },
      { why: 'two zeros', in: [[2, 0, 0]], out: [0, 0, 0] },
    ],
  },
  {
    name: 'prod, second order where elements are zero',
    op: (x) => gradients(gradientOf(prod)(x), [x])[0] as Tensor,
    shapes: [[[3]]],
    formula: ([a = 0, b = 0, c = 0]: number[]) => [b + c, a + c, a + b],
    exact: [
      { why: 'one zero', in: [[0, 2, 3]], out: [5, 3, 2] },
      { why: 'two zeros', in: [[0, 2, 0]], out: [2, 0, 2] },
      { why: 'only zeros', in: [[0, 0, 0]], out: [0, 0, 0] },
    ],
  },
  {
    name: 'prodOfOthers over two axes',
    op: (x) => prodOfOthers(x, { axis: [0, 2] }),
    shapes: [[[2, 2, 2]], [[2, 0, 2]]],
    formula: (x: number[][][]) =>
      x.map((plane, i) =>
        plane.map((row, j) =>
          row.map((_, k) =>
            x.reduce(
              (p, other, a) =>
                (other[j] as number[]).reduce((q, v, b) => (a === i && b === k ? q : q * v), p),
              1,
            ),
          ),
        ),
      ),
    rejects: [
      {
        why: 'an axis that does not exist',
        build: () => prodOfOthers(x2(), { axis: 2 }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  ...family(max, tf.max, {
    name: 'max',
    dtypes: numbers,
    domain: { from: -100, to: 100 },
    tolerance: 1e-3,
    exact: [
      { why: 'NaN is passed on', in: [[1, Number.NaN, 2]], out: Number.NaN },
      { why: 'of nothing: -Infinity', in: [[]], out: -inf },
    ],
  }).map(filled),
  ...family(min, tf.min, {
    name: 'min',
    dtypes: numbers,
    domain: { from: -100, to: 100 },
    tolerance: 1e-3,
    exact: [
      { why: 'NaN is passed on', in: [[1, Number.NaN, 2]], out: Number.NaN },
      { why: 'of nothing: Infinity', in: [[]], out: inf },
      { why: 'of no integers: the greatest', in: [[]], out: 2 ** 31 - 1, dtype: 'int32' },
    ],
  }).map(filled),
  {
    name: 'max, gradient at ties',
    op: gradientOf(max),
    formula: (x: number[]) => x.map((v) => (v === Math.max(...x) ? 1 : 0)),
    shapes: [[[4]]],
    exact: [{ why: 'every tie takes the whole', in: [[3, 1, 3]], out: [1, 0, 1] }],
  },
  {
    name: 'min, gradient at ties',
    op: gradientOf(min),
    formula: (x: number[]) => x.map((v) => (v === Math.min(...x) ? 1 : 0)),
    shapes: [[[4]]],
    exact: [{ why: 'every tie takes the whole', in: [[1, 3, 1]], out: [1, 0, 1] }],
  },
  ...family(any, (x, axis, keep) => tf.any(x, axis, keep), {
    name: 'any',
    dtypes: ['bool'],
    exact: [
      { why: 'of nothing: false', in: [[]], out: 0 },
      { why: 'anything but 0 is true', in: [[0, -0.5]], out: 1, dtype: 'float32' },
    ],
  }),
  ...family(all, (x, axis, keep) => tf.all(x, axis, keep), {
    name: 'all',
    dtypes: ['bool'],
    exact: [
      { why: 'of nothing: true', in: [[]], out: 1 },
      { why: 'only 0 is false', in: [[2, 0]], out: 0, dtype: 'float32' },
    ],
  }).map(filled),
  ...family(logSumExp, tf.logSumExp, {
    name: 'logSumExp',
    exact: [
      { why: 'does not overflow', in: [[1000, 1000]], out: 1000 + Math.log(2) },
      { why: 'of -Infinity alone', in: [[-inf, -inf]], out: -inf },
      { why: 'with Infinity', in: [[0, inf]], out: inf },
      { why: 'of nothing: -Infinity', in: [[]], out: -inf },
    ],
  }).map(filled),
  {
    name: 'logSumExp, gradient',
    op: gradientOf(logSumExp),
    shapes: [[[3]]],
    reference: (x: tf.Tensor) => tf.softmax(x as tf.Tensor1D),
    exact: [{ why: 'of -Infinity alone is 0, not NaN', in: [[-inf, -inf]], out: [0, 0] }],
  },
  ...family(euclideanNorm, (x, axis, keep) => tf.sqrt(tf.sum(tf.square(x), axis, keep)), {
    name: 'euclideanNorm',
    domain: { from: -2, to: 2, avoid: [0] },
    exact: [
      { why: 'squares that overflow', in: [[3e30, -4e30]], out: 5e30 },
      { why: 'squares that vanish', in: [[3e-30, -4e-30]], out: 5e-30 },
      { why: 'zeros and nothing', in: [[0, -0]], out: 0 },
      { why: 'of nothing', in: [[]], out: 0 },
      { why: 'an infinity', in: [[-inf, 1]], out: inf },
      { why: 'NaN', in: [[Number.NaN, 1]], out: Number.NaN },
    ],
  }),
  {
    name: 'euclideanNorm, gradient',
    op: gradientOf(euclideanNorm),
    shapes: [[[3]]],
    formula: (x: number[]) => x.map((v) => v / Math.hypot(...x)),
    exact: [{ why: 'is 0 at 0, not NaN', in: [[0, 0]], out: [0, 0] }],
  },
  ...norms,
  {
    name: 'norm refuses',
    op: (x) => norm(x),
    shapes: [[[2]]],
    rejects: [
      {
        why: 'a norm that does not exist',
        build: () => norm(x2(), { ord: 3, axis: 0 }),
        code: 'ATTRIBUTE_INVALID',
      },
      {
        why: 'a matrix norm of vectors',
        build: () => norm(x2(), { ord: 'fro', axis: 0 }),
        code: 'ATTRIBUTE_INVALID',
      },
      {
        why: 'three axes',
        build: () => norm(placeholder({ shape: [1, 1, 1] }), { axis: [0, 1, 2] }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  ...[undefined, 0, [0, 2], -1].flatMap((axis) =>
    [false, true].map((keepDims) => ({
      name: `moments, axis ${axis}${keepDims ? ', kept' : ''}`,
      op: (x: Tensor) => {
        const found = moments(x, { ...(axis === undefined ? {} : { axis }), keepDims });
        return [found.mean, found.variance];
      },
      reference: (x: tf.Tensor) => {
        const found = tf.moments(x, axis, keepDims);
        return [found.mean, found.variance];
      },
      shapes: [[[2, 3, 4]], [[3, 1, 2]]],
      exact:
        axis === undefined && !keepDims
          ? [
              {
                why: 'a large mean costs no digits',
                in: [[10000, 10001, 10002]],
                out: [10001, 2 / 3],
              },
            ]
          : [],
    })),
  ),
  {
    name: 'variance with correction',
    op: (x) => variance(x, { axis: 1, correction: 1 }),
    shapes: [[[2, 3]], [[3, 4]]],
    formula: (x: number[][]) =>
      x.map((row) => {
        const center = row.reduce((s, v) => s + v, 0) / row.length;
        return row.reduce((s, v) => s + (v - center) ** 2, 0) / (row.length - 1);
      }),
  },
  {
    name: 'std',
    op: (x) => std(x),
    shapes: [[[5]], [[2, 3]]],
    reference: (x: tf.Tensor) => tf.sqrt(tf.moments(x).variance),
    exact: [{ why: 'population', in: [[1, 3]], out: 1 }],
  },
  ...argRow('argMax', argMax, tf.argMax),
  ...argRow('argMin', argMin, tf.argMin),
  {
    name: 'argMax of vectors',
    op: (x) => argMax(x),
    shapes: [[[5]]],
    gradient: false,
    exact: argExact(true),
  },
  {
    name: 'argMin of vectors',
    op: (x) => argMin(x),
    shapes: [[[5]]],
    gradient: false,
    exact: argExact(false),
  },
  {
    name: 'countOf',
    op: (x) => countOf(x, { axis: [0, -1] }),
    shapes: [[[2, 3, 4]], [[0, 2]]],
    formula: (x: unknown[][]) =>
      x.length * ((Array.isArray(x[0]?.[0]) ? x[0]?.[0].length : x[0]?.length) ?? 2),
    gradient: false,
    rejects: [
      {
        why: 'an axis that does not exist',
        build: () => countOf(x2(), { axis: 5 }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'sumLike',
    op: (x, like) => sumLike(x, like),
    shapes: [
      [
        [2, 3, 4],
        [3, 1],
      ],
      [[2, 3], []],
      [
        [0, 2],
        [1, 2],
      ],
    ],
    reference: (x: tf.Tensor, like: tf.Tensor) => {
      const shift = x.rank - like.rank;
      const axis = x.shape.flatMap((_, i) => (i < shift || like.shape[i - shift] === 1 ? [i] : []));
      return tf.reshape(tf.sum(x, axis), like.shape);
    },
  },
  {
    name: 'keptLike',
    op: (y, x) => keptLike(y, x, { axis: 1 }),
    shapes: [
      [
        [2, 4],
        [2, 3, 4],
      ],
    ],
    reference: (y: tf.Tensor) => tf.expandDims(y, 1),
  },
];
