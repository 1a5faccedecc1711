import * as tf from '@tensorflow/tfjs-core';
import * as layers from '../../../src/layers-namespace.js';
import type { LayerCase } from '../layer-case.js';

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const three = [
  [null, 2, 3],
  [null, 2, 3],
  [null, 1, 3],
] as const;

const folded = (combine: Binary) => (inputs: readonly tf.Tensor[]) =>
  inputs.reduce((a, b) => combine(a, b));

const unit = (x: tf.Tensor, axis: number) => tf.div(x, tf.norm(x, 2, axis, true));

/** Layers of several inputs. */
export const mergeCases: readonly LayerCase[] = [
  {
    name: 'add',
    make: (o) => layers.add(o),
    inputs: three,
    outputs: [[null, 2, 3]],
    reference: folded(tf.add),
  },
  {
    name: 'multiply',
    make: (o) => layers.multiply(o),
    inputs: three,
    outputs: [[null, 2, 3]],
    reference: folded(tf.mul),
  },
  {
    name: 'maximum',
    make: (o) => layers.maximum(o),
    inputs: three,
    outputs: [[null, 2, 3]],
    reference: folded(tf.maximum),
  },
  {
    name: 'minimum',
    make: (o) => layers.minimum(o),
    inputs: three,
    outputs: [[null, 2, 3]],
    reference: folded(tf.minimum),
  },
  {
    name: 'average',
    make: (o) => layers.average(o),
    inputs: three,
    outputs: [[null, 2, 3]],
    reference: (inputs) => tf.div(folded(tf.add)(inputs), 3),
  },
  {
    name: 'subtract',
    make: (o) => layers.subtract(o),
    inputs: three.slice(1),
    outputs: [[null, 2, 3]],
    reference: folded(tf.sub),
  },
  {
    name: 'add of inputs of different ranks',
    make: (o) => layers.add(o),
    inputs: [
      [null, 4],
      [null, 3, 4],
    ],
    outputs: [[null, 3, 4]],
    reference: ([a, b]) => tf.add(tf.expandDims(a as tf.Tensor, 1), b as tf.Tensor),
  },
  {
    name: 'concatenate',
    make: (o) => layers.concatenate(o),
    inputs: [
      [null, 2, 3],
      [null, 2, 1],
    ],
    outputs: [[null, 2, 4]],
    reference: (inputs) => tf.concat([...inputs], -1),
  },
  {
    name: 'concatenate along an axis in the middle',
    make: (o) => layers.concatenate({ axis: 1, ...o }),
    inputs: [
      [null, 2, 3],
      [null, null, 3],
    ],
    outputs: [[null, null, 3]],
    reference: (inputs) => tf.concat([...inputs], 1),
  },
  {
    name: 'dot of vectors',
    make: (o) => layers.dot({ axes: 1, ...o }),
    inputs: [
      [null, 3],
      [null, 3],
    ],
    outputs: [[null, 1]],
    reference: ([a, b]) => tf.sum(tf.mul(a as tf.Tensor, b as tf.Tensor), 1, true),
  },
  {
    name: 'dot that normalizes',
    make: (o) => layers.dot({ axes: -1, normalize: true, ...o }),
    inputs: [
      [null, 3],
      [null, 3],
    ],
    outputs: [[null, 1]],
    reference: ([a, b]) =>
      tf.sum(tf.mul(unit(a as tf.Tensor, 1), unit(b as tf.Tensor, 1)), 1, true),
  },
  {
    name: 'dot of matrices along different axes',
    make: (o) => layers.dot({ axes: [1, 2], ...o }),
    inputs: [
      [null, 3, 2],
      [null, 4, 3],
    ],
    outputs: [[null, 2, 4]],
    reference: ([a, b]) => tf.matMul(a as tf.Tensor3D, b as tf.Tensor3D, true, true),
  },
  {
    name: 'dot of a matrix and a vector',
    make: (o) => layers.dot({ axes: [2, 1], ...o }),
    inputs: [
      [null, null, 2],
      [null, 2],
    ],
    outputs: [[null, null]],
    reference: ([a, b]) => tf.sum(tf.mul(a as tf.Tensor, tf.expandDims(b as tf.Tensor, 1)), 2),
  },
];
