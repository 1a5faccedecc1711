import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';

const zeros = (shape: readonly number[], dtype: tn.DType = 'float32'): tn.Tensor =>
  tn.broadcastTo(tn.constant(0, { dtype }), { shape: [...shape] });

function attention(
  q: tf.Tensor,
  k: tf.Tensor,
  { v, mask, scale }: { v: tf.Tensor; mask?: tf.Tensor; scale?: number },
): tf.Tensor {
  const scores = tf.mul(
    tf.matMul(q, k, false, true),
    scale ?? 1 / Math.sqrt(q.shape.at(-1) as number),
  );
  return tf.matMul(tf.softmax(mask ? tf.add(scores, mask) : scores), v);
}

const lowerTriangle = (q: tf.Tensor, k: tf.Tensor): tf.Tensor => {
  const [rows, columns] = [q.shape.at(-2) as number, k.shape.at(-2) as number];
  const values = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => (j <= i ? 0 : -1e9)),
  );
  return tf.tensor2d(values, [rows, columns]);
};

type Options = NonNullable<Parameters<typeof tn.scaledDotProductAttention>[3]>;

/** Tiled attention with options; inputs q, k, v and a mask. */
const tiled =
  (options: Options) =>
  (...[q, k, v, mask]: tn.Tensor[]): tn.Tensor =>
    tn.scaledDotProductAttention(q as tn.Tensor, k as tn.Tensor, v as tn.Tensor, {
      ...options,
      ...(mask && { mask }),
      scores: 'tiled',
    });

// Only float32 is tiled, so that gradients in float64, against which differences are taken, are those of scores that are held.
const tiledCases: readonly OpCase[] = [
  {
    name: 'scaledDotProductAttention, tiled',
    op: tiled({ scale: 0.4 }),
    reference: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => attention(q, k, { v, scale: 0.4 }),
    shapes: [
      [
        [2, 2, 3, 4],
        [2, 2, 5, 4],
        [2, 2, 5, 3],
      ],
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 1, 67, 9],
        [3, 1, 9],
        [3, 1, 13],
      ],
      [
        [0, 2],
        [3, 2],
        [3, 2],
      ],
    ],
    dtypes: ['float32', 'float64', 'bfloat16'],
  },
  {
    name: 'scaledDotProductAttention, tiled and causal',
    op: tiled({ scale: 1, causal: true }),
    reference: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      attention(q, k, { v, scale: 1, mask: lowerTriangle(q, k) }),
    shapes: [
      [
        [1, 2, 4, 2],
        [1, 2, 4, 2],
        [1, 2, 4, 2],
      ],
      [
        [2, 3],
        [4, 3],
        [4, 1],
      ],
      [
        [90, 4],
        [77, 4],
        [77, 5],
      ],
    ],
    dtypes: ['float32'],
  },
  {
    name: 'scaledDotProductAttention, tiled, additive mask of one row',
    op: tiled({ scale: 0.5 }),
    reference: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor) =>
      attention(q, k, { v, mask, scale: 0.5 }),
    shapes: [[[2, 3, 2], [2, 4, 2], [2, 4, 2], [4]]],
    dtypes: ['float32'],
    exact: [
      {
        why: 'a query all of whose keys are far below gets the mean, not NaN',
        in: [[[1]], [[1], [2]], [[1], [3]], [[-1e9, -1e9]]],
        out: [[2]],
      },
    ],
  },
  {
    name: 'scaledDotProductAttention, tiled, bool mask',
    op: tiled({ scale: 0.5, causal: true }),
    shapes: [
      [
        [2, 3, 2],
        [2, 4, 2],
        [2, 4, 2],
        [2, 1, 4],
      ],
    ],
    dtypes: ['float32'],
    inputDTypes: [null, null, null, 'bool'],
    exact: [
      {
        why: 'a query that sees nothing gets the mean, not NaN',
        in: [[[1]], [[1], [2]], [[1], [3]], [[false, false]]],
        out: [[2]],
      },
    ],
  },
];

export const attentionCases: readonly OpCase[] = [
  {
    name: 'scaledDotProductAttention',
    op: (q, k, v) =>
      tn.scaledDotProductAttention(q as tn.Tensor, k as tn.Tensor, v as tn.Tensor, { scale: 0.4 }),
    reference: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => attention(q, k, { v, scale: 0.4 }),
    shapes: [
      [
        [2, 2, 3, 4],
        [2, 2, 5, 4],
        [2, 2, 5, 3],
      ],
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    ],
    rejects: [
      {
        why: 'queries and keys of different size',
        code: 'SHAPE_MISMATCH',
        build: () => tn.scaledDotProductAttention(zeros([2, 3]), zeros([2, 4]), zeros([2, 4])),
      },
      {
        why: 'a mask of integers',
        code: 'DTYPE_MISMATCH',
        build: () =>
          tn.scaledDotProductAttention(zeros([2, 3]), zeros([2, 3]), zeros([2, 3]), {
            mask: zeros([2, 2], 'int32'),
          }),
      },
      {
        why: 'an unknown size without a scale',
        code: 'SHAPE_UNKNOWN',
        build() {
          const x = tn.placeholder({ shape: [2, null] });
          return tn.scaledDotProductAttention(x, x, x);
        },
      },
    ],
  },
  {
    name: 'scaledDotProductAttention, causal',
    op: (q, k, v) =>
      tn.scaledDotProductAttention(q as tn.Tensor, k as tn.Tensor, v as tn.Tensor, {
        causal: true,
        scale: 1,
      }),
    reference: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      attention(q, k, { v, scale: 1, mask: lowerTriangle(q, k) }),
    shapes: [
      [
        [1, 2, 4, 2],
        [1, 2, 4, 2],
        [1, 2, 4, 2],
      ],
      [
        [2, 3],
        [4, 3],
        [4, 1],
      ],
    ],
  },
  {
    name: 'scaledDotProductAttention, additive mask of one row',
    op: (q, k, v, mask) =>
      tn.scaledDotProductAttention(q as tn.Tensor, k as tn.Tensor, v as tn.Tensor, {
        mask,
        scale: 0.5,
      }),
    reference: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor) =>
      attention(q, k, { v, mask, scale: 0.5 }),
    shapes: [[[2, 3, 2], [2, 4, 2], [2, 4, 2], [4]]],
  },
  {
    name: 'scaledDotProductAttention, bool mask',
    op: (q, k, v, mask) =>
      tn.scaledDotProductAttention(q as tn.Tensor, k as tn.Tensor, v as tn.Tensor, {
        mask,
        scale: 0.5,
      }),
    reference: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor) =>
      attention(q, k, {
        v,
        scale: 0.5,
        mask: tf.mul(tf.cast(tf.logicalNot(mask), 'float32'), -1e9),
      }),
    shapes: [
      [
        [2, 3, 2],
        [2, 4, 2],
        [2, 4, 2],
        [2, 1, 4],
      ],
    ],
    inputDTypes: [null, null, null, 'bool'],
    exact: [
      {
        why: 'a query that sees nothing gets the mean, not NaN',
        in: [[[1]], [[1], [2]], [[1], [3]], [[false, false]]],
        out: [[2]],
      },
    ],
  },
  ...tiledCases,
  {
    name: 'causalMask',
    op: (x) => tn.causalMask(x, { fill: -1 }),
    shapes: [[[2, 3, 4]], [[1, 1]], [[0, 2]]],
    exact: [
      {
        why: 'the future is filled',
        in: [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        out: [
          [1, -1],
          [3, 4],
        ],
      },
    ],
    rejects: [
      {
        why: 'a vector',
        code: 'SHAPE_MISMATCH',
        build: () => tn.causalMask(zeros([3]), { fill: 0 }),
      },
    ],
  },
];
