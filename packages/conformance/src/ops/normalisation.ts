import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';

const { NaN: nan, NEGATIVE_INFINITY: low } = Number;
const zeros = (shape: readonly number[], dtype: tn.DType = 'float32'): tn.Tensor =>
  tn.broadcastTo(tn.constant(0, { dtype }), { shape: [...shape] });
const matrices = [[[3, 4]], [[2, 1, 3]], [[1, 1]], [[0, 3]]] as const;

const softmax: readonly OpCase[] = [
  {
    name: 'softmax',
    op: (x) => tn.softmax(x),
    reference: (x: tf.Tensor) => tf.softmax(x),
    shapes: [...matrices, [[5]]],
    exact: [
      { why: 'large logits do not overflow', in: [[1000, 1000]], out: [0.5, 0.5] },
      { why: 'minus infinity has no part', in: [[0, low]], out: [1, 0] },
      { why: 'NaN spreads', in: [[0, nan]], out: [nan, nan] },
    ],
    rejects: [
      {
        why: 'an axis that is not there',
        code: 'ATTRIBUTE_INVALID',
        build: () => tn.softmax(zeros([2]), { axis: 1 }),
      },
    ],
  },
  {
    name: 'softmax over axis 0',
    op: (x) => tn.softmax(x, { axis: 0 }),
    reference: (x: tf.Tensor) => tf.transpose(tf.softmax(tf.transpose(x))),
    shapes: [[[3, 4]]],
  },
  {
    name: 'logSoftmax',
    op: (x) => tn.logSoftmax(x),
    reference: (x: tf.Tensor) => tf.logSoftmax(x),
    shapes: matrices,
    exact: [{ why: 'tiny probabilities keep their logarithm', in: [[0, -1000]], out: [0, -1000] }],
    rejects: [
      {
        why: 'an axis that is not there',
        code: 'ATTRIBUTE_INVALID',
        build: () => tn.logSoftmax(zeros([2]), { axis: 2 }),
      },
    ],
  },
];

const crossEntropies: readonly OpCase[] = [
  {
    name: 'softmaxCrossEntropy',
    op: (labels, logits) => tn.softmaxCrossEntropy(labels, logits),
    reference: (labels: tf.Tensor, logits: tf.Tensor) =>
      tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1)),
    shapes: [
      [
        [3, 4],
        [3, 4],
      ],
      [
        [2, 2, 3],
        [2, 2, 3],
      ],
      [
        [0, 2],
        [0, 2],
      ],
    ],
    domain: [
      { from: 0, to: 1 },
      { from: -3, to: 3 },
    ],
    exact: [
      {
        why: 'a lost cause has a finite loss',
        in: [
          [0, 1],
          [1000, 0],
        ],
        out: 1000,
      },
      {
        why: 'a label of 0 beside a class that is ruled out',
        in: [
          [0, 1, 0],
          [Number.NEGATIVE_INFINITY, 0, 0],
        ],
        out: Math.log(2),
      },
    ],
    rejects: [
      {
        why: 'shapes that differ',
        code: 'SHAPE_MISMATCH',
        build: () => tn.softmaxCrossEntropy(zeros([2, 3]), zeros([3, 3])),
      },
      {
        why: 'integers',
        code: 'DTYPE_MISMATCH',
        build: () => tn.softmaxCrossEntropy(zeros([2], 'int32'), zeros([2])),
      },
    ],
  },
  {
    name: 'sparseSoftmaxCrossEntropy',
    op: (labels, logits) => tn.sparseSoftmaxCrossEntropy(labels, logits),
    reference: (labels: tf.Tensor, logits: tf.Tensor) =>
      tf.neg(tf.sum(tf.mul(tf.oneHot(labels, 3), tf.logSoftmax(logits)), -1)),
    shapes: [
      [[4], [4, 3]],
      [
        [2, 2],
        [2, 2, 3],
      ],
      [[0], [0, 3]],
      [[], [3]],
    ],
    inputDTypes: ['int32', null],
    domain: [
      { from: 0, to: 2, integer: true },
      { from: -3, to: 3 },
    ],
    rejects: [
      {
        why: 'labels of another shape',
        code: 'SHAPE_MISMATCH',
        build: () => tn.sparseSoftmaxCrossEntropy(zeros([3], 'int32'), zeros([2, 3])),
      },
      {
        why: 'logits without classes',
        code: 'SHAPE_MISMATCH',
        build: () => tn.sparseSoftmaxCrossEntropy(zeros([], 'int32'), zeros([])),
      },
      {
        why: 'float labels',
        code: 'DTYPE_MISMATCH',
        build: () => tn.sparseSoftmaxCrossEntropy(zeros([2]), zeros([2, 3])),
      },
    ],
  },
  {
    name: 'sigmoidCrossEntropy',
    op: (labels, logits) => tn.sigmoidCrossEntropy(labels, logits),
    reference: (z: tf.Tensor, x: tf.Tensor) =>
      tf.add(tf.sub(tf.relu(x), tf.mul(x, z)), tf.log1p(tf.exp(tf.neg(tf.abs(x))))),
    shapes: [
      [
        [3, 4],
        [3, 4],
      ],
      [[4], [3, 4]],
      [[], []],
      [[0], [0]],
    ],
    domain: [
      { from: 0, to: 1 },
      { from: -3, to: 3 },
    ],
    exact: [
      {
        why: 'large logits do not overflow',
        in: [
          [1, 0],
          [-1000, 1000],
        ],
        out: [1000, 1000],
      },
    ],
    rejects: [
      {
        why: 'integers',
        code: 'DTYPE_MISMATCH',
        build: () => tn.sigmoidCrossEntropy(zeros([2], 'int32'), zeros([2])),
      },
    ],
  },
  {
    name: 'gradient of sigmoidCrossEntropy',
    op: (labels, logits) =>
      tn.gradients(tn.sigmoidCrossEntropy(labels, logits), [logits])[0] as tn.Tensor,
    reference: (labels: tf.Tensor, logits: tf.Tensor) => tf.sub(tf.sigmoid(logits), labels),
    shapes: [[[3], [3]]],
    exact: [
      {
        why: 'is whole where the absolute value has a corner',
        in: [
          [0, 1],
          [0, 0],
        ],
        out: [0.5, -0.5],
      },
    ],
  },
];

const moments = (x: tf.Tensor, axis: number | number[]) => tf.moments(x, axis, true);

const norms: readonly OpCase[] = [
  {
    name: 'batchNorm',
    op: (x, mean, variance, offset, scale) =>
      tn.batchNorm(x, mean as tn.Tensor, variance as tn.Tensor, {
        offset,
        scale,
        varianceEpsilon: 0.01,
      }),
    reference: (x: tf.Tensor, m: tf.Tensor1D, v: tf.Tensor1D, o: tf.Tensor1D, s: tf.Tensor1D) =>
      tf.batchNorm(x, m, v, o, s, 0.01),
    shapes: [
      [[2, 3, 4, 2], [2], [2], [2], [2]],
      [[3, 1], [1], [1], [1], [1]],
    ],
    domain: [
      { from: -2, to: 2 },
      { from: -1, to: 1 },
      { from: 0.5, to: 2 },
      { from: -1, to: 1 },
      { from: 0.5, to: 2 },
    ],
  },
  {
    name: 'batchNorm without offset and scale',
    op: (x, mean, variance) => tn.batchNorm(x, mean as tn.Tensor, variance as tn.Tensor),
    reference: (x: tf.Tensor, m: tf.Tensor1D, v: tf.Tensor1D) => tf.batchNorm(x, m, v),
    shapes: [
      [[3, 2], [2], [2]],
      [[0, 2], [2], [2]],
    ],
    domain: [
      { from: -2, to: 2 },
      { from: -1, to: 1 },
      { from: 0.5, to: 2 },
    ],
  },
  {
    name: 'layerNorm',
    op: (x, scale, offset) => tn.layerNorm(x, { scale, offset }),
    reference(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) {
      const { mean, variance } = moments(x, -1);
      return tf.add(
        tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), scale),
        offset,
      );
    },
    shapes: [
      [[3, 4], [4], [4]],
      [[2, 2, 3], [3], [3]],
    ],
    tolerance: 1e-4,
  },
  {
    name: 'rmsNorm over two axes',
    op: (x, scale) => tn.rmsNorm(x, { axis: [1, 2], scale, epsilon: 0.01 }),
    reference: (x: tf.Tensor, scale: tf.Tensor) =>
      tf.mul(tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), [1, 2], true), 0.01))), scale),
    shapes: [[[2, 3, 2], [2]]],
  },
  {
    name: 'groupNorm, 2 groups',
    op: (x, scale, offset) => tn.groupNorm(x, { groups: 2, scale, offset }),
    reference(x: tf.Tensor4D, scale: tf.Tensor, offset: tf.Tensor) {
      const halves = tf.split(x, 2, 3).map((half) => {
        const { mean, variance } = moments(half as tf.Tensor, [1, 2, 3]);
        return tf.div(tf.sub(half, mean), tf.sqrt(tf.add(variance, 1e-3)));
      });
      return tf.add(tf.mul(tf.concat(halves, 3), scale), offset);
    },
    shapes: [[[2, 2, 3, 4], [4], [4]]],
    tolerance: 1e-4,
    rejects: [
      {
        why: 'groups that do not divide the channels',
        code: 'ATTRIBUTE_INVALID',
        build: () => tn.groupNorm(zeros([1, 3]), { groups: 2 }),
      },
      {
        why: 'a vector',
        code: 'SHAPE_MISMATCH',
        build: () => tn.groupNorm(zeros([3]), { groups: 1 }),
      },
    ],
  },
  {
    name: 'l2Normalize',
    op: (x) => tn.l2Normalize(x),
    reference: (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.sum(tf.square(x), -1, true))),
    shapes: [[[3, 4]], [[2, 1, 3]]],
    domain: { from: 0.2, to: 2 },
    exact: [{ why: 'a vector of zeros stays', in: [[0, 0]], out: [0, 0] }],
  },
  {
    name: 'localResponseNormalization',
    op: (x) =>
      tn.localResponseNormalization(x, { depthRadius: 1, bias: 0.5, alpha: 0.7, beta: 0.6 }),
    reference: (x: tf.Tensor4D) => tf.localResponseNormalization(x, 1, 0.5, 0.7, 0.6),
    shapes: [[[2, 2, 3, 4]], [[1, 1, 1, 1]], [[1, 0, 2, 3]]],
    rejects: [
      {
        why: 'a vector',
        code: 'SHAPE_MISMATCH',
        build: () => tn.localResponseNormalization(zeros([3])),
      },
    ],
  },
];

export const normalisationCases: readonly OpCase[] = [...softmax, ...crossEntropies, ...norms];
