import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';

type Shape = readonly number[];
const zeros = (shape: Shape): tn.Tensor => tn.broadcastTo(0, { shape: [...shape] });
const pads = (pairs: readonly (readonly [number, number])[]) => [[0, 0], ...pairs, [0, 0]] as never;

const conv1d: readonly OpCase[] = [
  {
    name: 'conv1d, valid',
    op: (x, filter) => tn.conv1d(x, filter),
    reference: (x: tf.Tensor3D, f: tf.Tensor3D) => tf.conv1d(x, f, 1, 'valid'),
    shapes: [
      [
        [2, 5, 2],
        [3, 2, 3],
      ],
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
      [
        [0, 4, 2],
        [2, 2, 1],
      ],
    ],
    rejects: [
      {
        why: 'a window larger than the input',
        code: 'SHAPE_MISMATCH',
        build: () => tn.conv1d(zeros([1, 2, 1]), zeros([3, 1, 1])),
      },
    ],
  },
  {
    name: 'conv1d, stride 2, same, dilated causal',
    op: (x, filter) => tn.conv1d(x, filter, { padding: [[2, 0]], dilations: 2 }),
    reference: (x: tf.Tensor3D, f: tf.Tensor3D) =>
      tf.conv1d(
        tf.pad(x, [
          [0, 0],
          [2, 0],
          [0, 0],
        ]),
        f,
        1,
        'valid',
        'NWC',
        2,
      ),
    shapes: [
      [
        [2, 6, 2],
        [2, 2, 2],
      ],
    ],
  },
];

const conv2d: readonly OpCase[] = [
  {
    name: 'conv2d, valid',
    op: (x, filter) => tn.conv2d(x, filter),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, 1, 'valid'),
    shapes: [
      [
        [2, 4, 5, 2],
        [3, 2, 2, 3],
      ],
      [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
      [
        [0, 3, 3, 1],
        [2, 2, 1, 2],
      ],
      [
        [3, 3, 2],
        [2, 1, 2, 2],
      ],
    ],
    exact: [
      {
        why: 'one window sums its products',
        in: [
          [
            [
              [[1], [2]],
              [[3], [4]],
            ],
          ],
          [
            [[[1]], [[10]]],
            [[[100]], [[1000]]],
          ],
        ],
        out: [[[[4321]]]],
        dtype: 'float32',
      },
      {
        why: 'infinity times zero is NaN',
        in: [[[[[Number.POSITIVE_INFINITY]]]], [[[[0]]]]],
        out: [[[[Number.NaN]]]],
      },
    ],
    rejects: [
      {
        why: 'a window larger than the input',
        code: 'SHAPE_MISMATCH',
        build: () => tn.conv2d(zeros([1, 2, 2, 1]), zeros([3, 1, 1, 1])),
      },
      {
        why: 'channels that differ',
        code: 'SHAPE_MISMATCH',
        build: () => tn.conv2d(zeros([1, 2, 2, 3]), zeros([1, 1, 2, 1])),
      },
      {
        why: 'an x of rank 2',
        code: 'SHAPE_MISMATCH',
        build: () => tn.conv2d(zeros([2, 2]), zeros([1, 1, 2, 1])),
      },
      {
        why: 'a filter of rank 3',
        code: 'SHAPE_MISMATCH',
        build: () => tn.conv2d(zeros([1, 2, 2, 1]), zeros([1, 1, 1])),
      },
      {
        why: 'a stride of 0',
        code: 'ATTRIBUTE_INVALID',
        build: () => tn.conv2d(zeros([1, 2, 2, 1]), zeros([1, 1, 1, 1]), { strides: 0 }),
      },
      {
        why: 'groups that do not divide the outputs',
        code: 'ATTRIBUTE_INVALID',
        build: () => tn.conv2d(zeros([1, 2, 2, 4]), zeros([1, 1, 2, 3]), { groups: 2 }),
      },
    ],
  },
  {
    name: 'conv2d, strides [2, 3], same',
    op: (x, filter) => tn.conv2d(x, filter, { strides: [2, 3], padding: 'same' }),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, [2, 3], 'same'),
    shapes: [
      [
        [2, 5, 7, 2],
        [3, 4, 2, 2],
      ],
      [
        [1, 2, 2, 1],
        [3, 3, 1, 2],
      ],
      [
        [1, 0, 3, 1],
        [2, 2, 1, 1],
      ],
    ],
  },
  {
    name: 'conv2d, dilations [2, 1], explicit padding',
    op: (x, filter) =>
      tn.conv2d(x, filter, {
        dilations: [2, 1],
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) =>
      tf.conv2d(
        x,
        f,
        1,
        pads([
          [1, 2],
          [0, 3],
        ]),
        'NHWC',
        [2, 1],
      ),
    shapes: [
      [
        [1, 4, 3, 2],
        [3, 3, 2, 2],
      ],
    ],
  },
  {
    name: 'conv2d, stride 2, dilation 2, 2 groups, padding 1',
    op: (x, filter) => tn.conv2d(x, filter, { strides: 2, dilations: 2, groups: 2, padding: 1 }),
    // Every second position of the dilated convolution of each half of the channels.
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) => {
      const filters = tf.split(f, 2, 3);
      const halves = tf.split(x, 2, 3).map((half, i) =>
        tf.conv2d(
          half as tf.Tensor4D,
          filters[i] as tf.Tensor4D,
          1,
          pads([
            [1, 1],
            [1, 1],
          ]),
          'NHWC',
          2,
        ),
      );
      const whole = tf.concat(halves, 3);
      return tf.stridedSlice(whole, [0, 0, 0, 0], [...whole.shape], [1, 2, 2, 1]);
    },
    shapes: [
      [
        [2, 6, 5, 4],
        [2, 3, 2, 4],
      ],
    ],
  },
  {
    name: 'conv2d, NCHW, rounding up',
    op: (x, filter) =>
      tn.conv2d(x, filter, { strides: 2, padding: 0, dimRoundingMode: 'ceil', dataFormat: 'NCHW' }),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) =>
      tf.transpose(
        tf.conv2d(
          tf.transpose(x, [0, 2, 3, 1]),
          f,
          2,
          pads([
            [0, 0],
            [0, 0],
          ]),
          'NHWC',
          1,
          'ceil',
        ),
        [0, 3, 1, 2],
      ),
    shapes: [
      [
        [1, 2, 4, 5],
        [3, 2, 2, 2],
      ],
    ],
  },
  {
    name: 'conv2d of integers',
    op: (x, filter) => tn.conv2d(x, filter),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) =>
      tf.conv2d(tf.cast(x, 'float32'), tf.cast(f, 'float32'), 1, 'valid'),
    shapes: [
      [
        [1, 3, 3, 1],
        [2, 2, 1, 1],
      ],
    ],
    dtypes: ['int32'],
  },
];

const others: readonly OpCase[] = [
  {
    name: 'conv3d, stride [1, 2, 1], same',
    op: (x, filter) => tn.conv3d(x, filter, { strides: [1, 2, 1], padding: 'same' }),
    reference: (x: tf.Tensor5D, f: tf.Tensor5D) => tf.conv3d(x, f, [1, 2, 1], 'same'),
    shapes: [
      [
        [1, 2, 3, 3, 2],
        [2, 2, 2, 2, 2],
      ],
      [
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
      ],
    ],
  },
  {
    name: 'depthwiseConv2d, stride 2, same',
    op: (x, filter) => tn.depthwiseConv2d(x, filter, { strides: 2, padding: 'same' }),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) => tf.depthwiseConv2d(x, f, 2, 'same'),
    shapes: [
      [
        [2, 4, 5, 3],
        [3, 2, 3, 2],
      ],
      [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
    ],
    rejects: [
      {
        why: 'another number of channels',
        code: 'SHAPE_MISMATCH',
        build: () => tn.depthwiseConv2d(zeros([1, 2, 2, 3]), zeros([1, 1, 2, 1])),
      },
    ],
  },
  {
    name: 'depthwiseConv2d, dilation 2',
    op: (x, filter) => tn.depthwiseConv2d(x, filter, { dilations: 2 }),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) => tf.depthwiseConv2d(x, f, 1, 'valid', 'NHWC', 2),
    shapes: [
      [
        [1, 5, 4, 2],
        [3, 2, 2, 1],
      ],
    ],
  },
  {
    name: 'separableConv2d',
    op: (x, filter, pointwise) => tn.separableConv2d(x, filter, pointwise, { padding: 'same' }),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D, p: tf.Tensor4D) =>
      tf.separableConv2d(x, f, p, 1, 'same'),
    shapes: [
      [
        [1, 3, 3, 2],
        [2, 2, 2, 2],
        [1, 1, 4, 3],
      ],
    ],
  },
  {
    name: 'conv2dTranspose, stride 2, same',
    op: (x, filter) => tn.conv2dTranspose(x, filter, { strides: 2, padding: 'same' }),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) =>
      tf.conv2dTranspose(x, f, [x.shape[0], x.shape[1] * 2, x.shape[2] * 2, f.shape[2]], 2, 'same'),
    shapes: [
      [
        [2, 2, 3, 2],
        [3, 2, 2, 2],
      ],
      [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
    ],
    rejects: [
      {
        why: 'a result that has another number of windows',
        code: 'SHAPE_MISMATCH',
        build: () =>
          tn.conv2dTranspose(zeros([1, 2, 2, 1]), zeros([2, 2, 1, 1]), {
            strides: 2,
            outputShape: [1, 9, 9, 1],
          }),
      },
      {
        why: 'other channels',
        code: 'SHAPE_MISMATCH',
        build: () => tn.conv2dTranspose(zeros([1, 2, 2, 3]), zeros([2, 2, 1, 1])),
      },
    ],
  },
  {
    name: 'conv2dTranspose, outputShape, valid',
    op: (x, filter) => tn.conv2dTranspose(x, filter, { strides: 2, outputShape: [-1, 6, 7, 2] }),
    reference: (x: tf.Tensor4D, f: tf.Tensor4D) =>
      tf.conv2dTranspose(x, f, [x.shape[0], 6, 7, 2], 2, 'valid'),
    shapes: [
      [
        [1, 2, 3, 2],
        [3, 2, 2, 2],
      ],
    ],
  },
  {
    name: 'conv3dTranspose, stride 2',
    op: (x, filter) => tn.conv3dTranspose(x, filter, { strides: 2, padding: 'same' }),
    reference: (x: tf.Tensor5D, f: tf.Tensor5D) =>
      tf.conv3dTranspose(
        x,
        f,
        [x.shape[0], x.shape[1] * 2, x.shape[2] * 2, x.shape[3] * 2, f.shape[3]],
        2,
        'same',
      ),
    shapes: [
      [
        [1, 1, 2, 2, 2],
        [2, 2, 2, 1, 2],
      ],
    ],
  },
  {
    name: 'conv1dTranspose, dilation 2, groups 2',
    op: (x, filter) => tn.conv1dTranspose(x, filter, { strides: 2, dilations: 2, groups: 2 }),
    shapes: [
      [
        [1, 3, 4],
        [2, 1, 4],
      ],
    ],
    exact: [
      {
        why: 'each element adds the filter two apart',
        in: [[[1, 2]], [[[1, 1]], [[10, 10]]]],
        out: [
          [1, 2],
          [0, 0],
          [10, 20],
        ],
      },
    ],
  },
  ...(['valid', 'same'] as const).map(
    (padding): OpCase => ({
      name: `dilation2d, ${padding}`,
      op: (x, filter) => tn.dilation2d(x, filter, { strides: [2, 1], dilations: [1, 2], padding }),
      reference: (x: tf.Tensor4D, f: tf.Tensor3D) => tf.dilation2d(x, f, [2, 1], padding, [1, 2]),
      shapes: [
        [
          [2, 5, 5, 2],
          [2, 2, 2],
        ],
        [
          [1, 1, 3, 1],
          [1, 2, 1],
        ],
      ],
      rejects: [
        {
          why: 'other channels',
          code: 'SHAPE_MISMATCH',
          build: () => tn.dilation2d(zeros([1, 2, 2, 3]), zeros([1, 1, 2])),
        },
      ],
    }),
  ),
];

export const convolutionCases: readonly OpCase[] = [...conv1d, ...conv2d, ...others];
