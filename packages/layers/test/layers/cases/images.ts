import * as tf from '@tensorflow/tfjs-core';
import * as layers from '../../../src/layers-namespace.js';
import type { LayerCase, Weights } from '../layer-case.js';

type Padding = 'valid' | 'same';
type Pair = [number, number];

const conv = (
  x: tf.Tensor,
  { kernel, bias }: Weights,
  strides: Pair,
  padding: Padding,
  dilations: Pair = [1, 1],
) => {
  const y = tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, strides, padding, 'NHWC', dilations);
  return bias ? tf.add(y, bias) : y;
};

const channelsLast = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]);
const channelsFirst = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]);

function grouped(x: tf.Tensor, { kernel, bias }: Weights, groups: number): tf.Tensor {
  const parts = tf.split(x, groups, -1);
  const filters = tf.split(kernel as tf.Tensor, groups, -1);
  const ys = parts.map((part, i) =>
    conv(part, { kernel: filters[i] as tf.Tensor }, [1, 1], 'valid'),
  );
  return tf.add(tf.concat(ys, -1), bias as tf.Tensor);
}

/** Layers of images. */
export const imageCases: readonly LayerCase[] = [
  {
    name: 'conv2d',
    make: (options) => layers.conv2d({ filters: 4, kernelSize: 3, activation: 'tanh', ...options }),
    inputs: [[null, 6, 5, 3]],
    outputs: [[null, 4, 3, 4]],
    weights: { kernel: [3, 3, 3, 4], bias: [4] },
    reference: ([x], weights) => tf.tanh(conv(x as tf.Tensor, weights, [1, 1], 'valid')),
  },
  {
    name: 'conv2d with strides, padding and no bias on images of any size',
    make: (options) =>
      layers.conv2d({
        filters: 2,
        kernelSize: [3, 2],
        strides: [2, 1],
        padding: 'same',
        useBias: false,
        ...options,
      }),
    inputs: [[null, null, null, 2]],
    unknown: [2, 5, 4],
    outputs: [[null, null, null, 2]],
    weights: { kernel: [3, 2, 2, 2] },
    reference: ([x], weights) => conv(x as tf.Tensor, weights, [2, 1], 'same'),
  },
  {
    name: 'conv2d with dilation',
    make: (options) =>
      layers.conv2d({
        filters: 3,
        kernelSize: 2,
        dilationRate: [2, 1],
        padding: 'same',
        ...options,
      }),
    inputs: [[null, 5, 5, 2]],
    outputs: [[null, 5, 5, 3]],
    weights: { kernel: [2, 2, 2, 3], bias: [3] },
    reference: ([x], weights) => conv(x as tf.Tensor, weights, [1, 1], 'same', [2, 1]),
  },
  {
    name: 'conv2d with groups',
    make: (options) => layers.conv2d({ filters: 4, kernelSize: 2, groups: 2, ...options }),
    inputs: [[null, 4, 4, 6]],
    outputs: [[null, 3, 3, 4]],
    weights: { kernel: [2, 2, 3, 4], bias: [4] },
    reference: ([x], weights) => grouped(x as tf.Tensor, weights, 2),
  },
  {
    name: 'conv2d of channels in front',
    make: (options) =>
      layers.conv2d({ filters: 4, kernelSize: 2, dataFormat: 'channels_first', ...options }),
    inputs: [[null, 3, 5, 4]],
    outputs: [[null, 4, 4, 3]],
    weights: { kernel: [2, 2, 3, 4], bias: [4] },
    reference: ([x], weights) =>
      channelsFirst(conv(channelsLast(x as tf.Tensor), weights, [1, 1], 'valid')),
  },
  {
    name: 'maxPooling2d',
    make: (options) => layers.maxPooling2d(options),
    inputs: [[null, 5, 6, 3]],
    outputs: [[null, 2, 3, 3]],
    reference: ([x]) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'),
  },
  {
    name: 'maxPooling2d with overlapping windows, padding and channels in front',
    make: (options) =>
      layers.maxPooling2d({
        poolSize: [3, 2],
        strides: [1, 2],
        padding: 'same',
        dataFormat: 'channelsFirst',
        ...options,
      }),
    inputs: [[null, 3, 5, 6]],
    outputs: [[null, 3, 5, 3]],
    reference: ([x]) =>
      channelsFirst(
        tf.maxPool(channelsLast(x as tf.Tensor) as tf.Tensor4D, [3, 2], [1, 2], 'same'),
      ),
  },
  {
    name: 'averagePooling2d that does not count padding',
    make: (options) =>
      layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same', ...options }),
    inputs: [[null, 5, 6, 2]],
    outputs: [[null, 3, 3, 2]],
    reference: ([x]) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same'),
  },
  {
    name: 'globalAveragePooling2d',
    make: (options) => layers.globalAveragePooling2d(options),
    inputs: [[null, null, 4, 3]],
    outputs: [[null, 3]],
    reference: ([x]) => tf.mean(x as tf.Tensor, [1, 2]),
  },
  {
    name: 'globalAveragePooling2d that keeps its axes, channels in front',
    make: (options) =>
      layers.globalAveragePooling2d({ keepDims: true, dataFormat: 'channelsFirst', ...options }),
    inputs: [[null, 3, 4, 2]],
    outputs: [[null, 3, 1, 1]],
    reference: ([x]) => tf.mean(x as tf.Tensor, [2, 3], true),
  },
];
