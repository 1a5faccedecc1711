import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';

const { NaN: nan } = Number;
const zeros = (shape: readonly number[]): tn.Tensor => tn.broadcastTo(0, { shape: [...shape] });

const images = [[[2, 4, 5, 2]], [[1, 2, 2, 1]], [[0, 3, 3, 1]]] as const;
// Ties have no derivative, so values that are compared with differences must lie apart; random ones do.
const modes = [
  { name: 'maxPool', op: tn.maxPool, reference: tf.maxPool },
  { name: 'avgPool', op: tn.avgPool, reference: tf.avgPool },
] as const;

const planar = modes.flatMap(({ name, op, reference }): OpCase[] => [
  {
    name: `${name}, window 2, stride 1`,
    op: (x) => op(x, { filterSize: 2, strides: 1 }),
    reference: (x: tf.Tensor4D) => reference(x, 2, 1, 'valid'),
    shapes: [...images, [[3, 4, 2]]],
    rejects: [
      {
        why: 'a window larger than the input',
        code: 'SHAPE_MISMATCH',
        build: () => op(zeros([1, 2, 2, 1]), { filterSize: 3 }),
      },
      {
        why: 'an x of rank 2',
        code: 'SHAPE_MISMATCH',
        build: () => op(zeros([2, 2]), { filterSize: 1 }),
      },
      {
        why: 'a window of 0',
        code: 'ATTRIBUTE_INVALID',
        build: () => op(zeros([1, 2, 2, 1]), { filterSize: 0 }),
      },
    ],
  },
  {
    name: `${name}, window [3, 2], strides [2, 1], same`,
    op: (x) => op(x, { filterSize: [3, 2], strides: [2, 1], padding: 'same' }),
    reference: (x: tf.Tensor4D) => reference(x, [3, 2], [2, 1], 'same'),
    shapes: [...images, [[1, 1, 1, 1]]],
  },
  {
    name: `${name}, padding 1, rounding up`,
    op: (x) => op(x, { filterSize: 3, strides: 2, padding: 1, dimRoundingMode: 'ceil' }),
    reference: (x: tf.Tensor4D) => reference(x, 3, 2, 1, 'ceil'),
    shapes: [[[1, 4, 5, 2]]],
  },
  {
    name: `${name}, dilation 2, NCHW`,
    op: (x) => op(x, { filterSize: 2, strides: 1, dilations: 2, dataFormat: 'NCHW' }),
    reference: (x: tf.Tensor4D) =>
      tf.transpose(
        tf.pool(
          tf.transpose(x, [0, 2, 3, 1]),
          2,
          name === 'maxPool' ? 'max' : 'avg',
          'valid',
          2,
          1,
        ) as tf.Tensor4D,
        [0, 3, 1, 2],
      ),
    shapes: [[[1, 2, 4, 5]]],
  },
]);

const lines: readonly OpCase[] = [
  {
    name: 'maxPool1d',
    op: (x) => tn.maxPool1d(x, { filterSize: 3, strides: 2, padding: 'same' }),
    reference: (x: tf.Tensor3D) =>
      tf.squeeze(tf.maxPool(tf.expandDims(x, 1) as tf.Tensor4D, [1, 3], [1, 2], 'same'), [1]),
    shapes: [[[2, 5, 2]], [[1, 1, 1]]],
  },
  {
    name: 'avgPool1d',
    op: (x) => tn.avgPool1d(x, { filterSize: 2 }),
    reference: (x: tf.Tensor3D) =>
      tf.squeeze(tf.avgPool(tf.expandDims(x, 1) as tf.Tensor4D, [1, 2], [1, 2], 'valid'), [1]),
    shapes: [[[2, 5, 2]]],
  },
  {
    name: 'maxPool3d',
    op: (x) => tn.maxPool3d(x, { filterSize: [1, 2, 2], strides: 1, padding: 'same' }),
    reference: (x: tf.Tensor5D) => tf.maxPool3d(x, [1, 2, 2], 1, 'same'),
    shapes: [[[1, 2, 3, 3, 2]]],
  },
  {
    name: 'avgPool3d',
    op: (x) => tn.avgPool3d(x, { filterSize: 2, strides: 1 }),
    reference: (x: tf.Tensor5D) => tf.avgPool3d(x, 2, 1, 'valid'),
    shapes: [[[1, 2, 3, 3, 2]]],
  },
];

const others: readonly OpCase[] = [
  {
    name: 'maxPool, ties and NaN',
    op: (x) => tn.maxPool(x, { filterSize: 2 }),
    shapes: [[[1, 2, 2, 1]]],
    exact: [
      {
        why: 'NaN wins',
        in: [
          [
            [
              [[1], [nan]],
              [[3], [2]],
            ],
          ],
        ],
        out: [[[[nan]]]],
      },
      {
        why: 'minus infinity is a maximum too',
        in: [
          [
            [
              [[-Infinity], [-Infinity]],
              [[-Infinity], [-Infinity]],
            ],
          ],
        ],
        out: [[[[-Infinity]]]],
      },
    ],
  },
  {
    name: 'gradient of maxPool',
    op: (x) => tn.gradients(tn.maxPool(x, { filterSize: 2, strides: 1 }), [x])[0] as tn.Tensor,
    shapes: [[[1, 3, 3, 2]]],
    gradient: { skipped: 'it is constant between ties' },
    exact: [
      {
        why: 'goes to the first of equal maxima',
        in: [
          [
            [
              [[5], [5]],
              [[5], [1]],
            ],
          ],
        ],
        out: [
          [
            [[1], [0]],
            [[0], [0]],
          ],
        ],
      },
    ],
  },
  ...[false, true].map(
    (includeBatchInIndex): OpCase => ({
      name: `maxPoolWithArgmax${includeBatchInIndex ? ', batch in the index' : ''}`,
      op(x) {
        const { values, indices } = tn.maxPoolWithArgmax(x, {
          filterSize: 2,
          strides: 1,
          includeBatchInIndex,
        });
        return [values, indices];
      },
      reference(x: tf.Tensor4D) {
        const { result, indexes } = tf.maxPoolWithArgmax(
          x,
          2,
          1,
          'valid',
          includeBatchInIndex,
        ) as Record<string, tf.Tensor>;
        return [result as tf.Tensor, tf.cast(indexes as tf.Tensor, 'int32')];
      },
      shapes: [[[2, 3, 4, 2]]],
      dtypes: ['float32', 'float64'],
    }),
  ),
  {
    name: 'pool',
    op: (x) => tn.pool(x, { windowShape: [2, 2], poolingType: 'avg', padding: 'same' }),
    reference: (x: tf.Tensor4D) => tf.pool(x, [2, 2], 'avg', 'same'),
    shapes: [[[1, 3, 3, 2]]],
    rejects: [
      {
        why: 'a window of four axes',
        code: 'ATTRIBUTE_INVALID',
        build: () => tn.pool(zeros([1, 1]), { windowShape: [1, 1, 1, 1], poolingType: 'max' }),
      },
    ],
  },
  {
    name: 'globalAveragePool',
    op: (x) => tn.globalAveragePool(x),
    reference: (x: tf.Tensor4D) => tf.mean(x, [1, 2]),
    shapes: [[[2, 3, 4, 2]], [[1, 1, 1, 1]]],
  },
  {
    name: 'globalMaxPool, channels first',
    op: (x) => tn.globalMaxPool(x, { channels: 'first', keepDims: true }),
    reference: (x: tf.Tensor4D) => tf.max(x, [2, 3], true),
    shapes: [[[2, 3, 4, 2]]],
  },
];

export const poolingCases: readonly OpCase[] = [...planar, ...lines, ...others];
