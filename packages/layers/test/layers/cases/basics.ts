import * as tf from '@tensorflow/tfjs-core';
import * as layers from '../../../src/layers-namespace.js';
import type { LayerCase, Weights } from '../layer-case.js';

const normal = (x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor) =>
  tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)));

function layerNormal(x: tf.Tensor, axes: number[]): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  return normal(x, mean, variance);
}

const batchNormal = (x: tf.Tensor, w: Weights, shape: number[]) => {
  const along = (name: string) => tf.reshape(w[name] as tf.Tensor, shape);
  const y = normal(x, along('moving_mean'), along('moving_variance'));
  return tf.add(tf.mul(y, along('gamma')), along('beta'));
};

const batchWeights = { gamma: [3], beta: [3], moving_mean: [3], moving_variance: [3] };

/** Layers of one input without a family. */
export const basicCases: readonly LayerCase[] = [
  {
    name: 'dense',
    make: (options) => layers.dense({ units: 4, activation: 'sigmoid', ...options }),
    inputs: [[null, 3, 5]],
    outputs: [[null, 3, 4]],
    weights: { kernel: [5, 4], bias: [4] },
    reference: ([x], { kernel, bias }) => {
      const rows = tf.matMul(tf.reshape(x as tf.Tensor, [-1, 5]), kernel as tf.Tensor2D);
      return tf.sigmoid(tf.reshape(tf.add(rows, bias as tf.Tensor), [-1, 3, 4]));
    },
  },
  {
    name: 'activation',
    make: (options) => layers.activation({ activation: 'relu', ...options }),
    inputs: [[null, 4]],
    outputs: [[null, 4]],
    reference: ([x]) => tf.relu(x as tf.Tensor),
  },
  {
    name: 'dropout in inference',
    make: (options) => layers.dropout({ rate: 0.5, seed: 3, noiseShape: [null, 1], ...options }),
    inputs: [[null, 4]],
    outputs: [[null, 4]],
    reference: ([x]) => x as tf.Tensor,
  },
  {
    name: 'flatten',
    make: (options) => layers.flatten(options),
    inputs: [[null, 3, 2, 2]],
    outputs: [[null, 12]],
    reference: ([x]) => tf.reshape(x as tf.Tensor, [-1, 12]),
  },
  {
    name: 'flatten of one number for each example',
    make: (options) => layers.flatten(options),
    inputs: [[null]],
    outputs: [[null, 1]],
    reference: ([x]) => tf.reshape(x as tf.Tensor, [-1, 1]),
  },
  {
    name: 'flatten of a known batch of unknown size',
    make: (options) => layers.flatten(options),
    inputs: [[2, null, 2]],
    outputs: [[2, null]],
    reference: ([x]) => tf.reshape(x as tf.Tensor, [2, -1]),
  },
  {
    name: 'reshape',
    make: (options) => layers.reshape({ targetShape: [2, -1], ...options }),
    inputs: [[null, 3, 4]],
    outputs: [[null, 2, 6]],
    reference: ([x]) => tf.reshape(x as tf.Tensor, [-1, 2, 6]),
  },
  {
    name: 'embedding',
    make: (options) => layers.embedding({ inputDim: 6, outputDim: 3, ...options }),
    inputs: [[null, null]],
    wholeBelow: 6,
    outputs: [[null, null, 3]],
    weights: { embeddings: [6, 3] },
    reference: ([x], { embeddings }) => tf.gather(embeddings as tf.Tensor, x as tf.Tensor1D),
  },
  {
    name: 'batchNormalization',
    make: (options) => layers.batchNormalization(options),
    inputs: [[null, 4, 3]],
    outputs: [[null, 4, 3]],
    weights: batchWeights,
    reference: ([x], weights) => batchNormal(x as tf.Tensor, weights, [1, 1, 3]),
  },
  {
    name: 'batchNormalization of an axis in the middle',
    make: (options) => layers.batchNormalization({ axis: 1, ...options }),
    inputs: [[null, 3, 4]],
    outputs: [[null, 3, 4]],
    weights: batchWeights,
    reference: ([x], weights) => batchNormal(x as tf.Tensor, weights, [1, 3, 1]),
  },
  {
    name: 'batchNormalization without scale',
    make: (options) => layers.batchNormalization({ scale: false, ...options }),
    inputs: [[null, 3]],
    outputs: [[null, 3]],
    weights: { beta: [3], moving_mean: [3], moving_variance: [3] },
    reference: ([x], w) =>
      tf.add(
        normal(x as tf.Tensor, w.moving_mean as tf.Tensor, w.moving_variance as tf.Tensor),
        w.beta as tf.Tensor,
      ),
  },
  {
    name: 'layerNormalization',
    make: (options) => layers.layerNormalization(options),
    inputs: [[null, 2, 5]],
    outputs: [[null, 2, 5]],
    weights: { gamma: [5], beta: [5] },
    reference: ([x], { gamma, beta }) =>
      tf.add(tf.mul(layerNormal(x as tf.Tensor, [2]), gamma as tf.Tensor), beta as tf.Tensor),
  },
  {
    name: 'layerNormalization over two axes that are not the last',
    make: (options) => layers.layerNormalization({ axis: [2, 1], center: false, ...options }),
    inputs: [[null, 3, 2, 4]],
    outputs: [[null, 3, 2, 4]],
    weights: { gamma: [3, 2] },
    reference: ([x], { gamma }) =>
      tf.mul(layerNormal(x as tf.Tensor, [1, 2]), tf.reshape(gamma as tf.Tensor, [1, 3, 2, 1])),
  },
];
