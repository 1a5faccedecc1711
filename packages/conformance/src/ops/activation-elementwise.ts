import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { binaryCase, numbers, unaryCase } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const kinked = { from: -4, to: 4, avoid: [0, 1, -1, 3, -3] };
const gradientAt = (op: (x: tn.Tensor) => tn.Tensor) => (x: tn.Tensor) =>
  tn.gradients(op(x), [x])[0] as tn.Tensor;
const vanishing = { why: 'far out', in: [[-inf, -1e4, inf, nan]], out: [-0, -0, inf, nan] };
const halfOnePlus = (x: tf.Tensor, inner: tf.Tensor): tf.Tensor =>
  tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
const tanhInner = (x: tf.Tensor): tf.Tensor =>
  tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3)))));

/** Activations that work element by element. */
export const elementwiseActivationCases: readonly OpCase[] = [
  unaryCase('relu', {
    op: tn.relu,
    reference: tf.relu,
    dtypes: numbers,
    domain: kinked,
    exact: [{ why: 'NaN, infinities', in: [[nan, inf, -inf]], out: [nan, inf, 0] }],
  }),
  unaryCase('gradient of relu', {
    op: gradientAt(tn.relu),
    reference: (x) => tf.step(x),
    domain: kinked,
    exact: [{ why: 'is 0 at 0', in: [[-1, 0, 1]], out: [0, 0, 1] }],
  }),
  unaryCase('relu6', {
    op: tn.relu6,
    reference: tf.relu6,
    domain: { from: -4, to: 10, avoid: [0, 6] },
    exact: [{ why: 'edges', in: [[nan, inf, -inf, 6]], out: [nan, 6, 0, 6] }],
  }),
  unaryCase('leakyRelu', {
    op: (x) => tn.leakyRelu(x, { alpha: 0.3 }),
    reference: (x) => tf.leakyRelu(x, 0.3),
    domain: kinked,
  }),
  unaryCase('leakyRelu, slope left out', {
    op: (x) => tn.leakyRelu(x),
    reference: (x) => tf.leakyRelu(x),
    domain: kinked,
  }),
  binaryCase('prelu', {
    op: tn.prelu,
    reference: tf.prelu,
    domain: [kinked, { from: 0.1, to: 1 }],
  }),
  unaryCase('elu', {
    op: (x) => tn.elu(x),
    reference: tf.elu,
    domain: kinked,
    exact: [
      { why: 'large numbers', in: [[1000, -1000, inf, -inf, nan]], out: [1000, -1, inf, -1, nan] },
    ],
  }),
  unaryCase('gradient of elu', {
    op: gradientAt((x) => tn.elu(x)),
    domain: kinked,
    exact: [{ why: 'is no NaN far out', in: [[1000, -1000]], out: [1, 0] }],
  }),
  unaryCase('elu, alpha', {
    op: (x) => tn.elu(x, { alpha: 2 }),
    reference: (x) => tf.where(tf.greater(x, 0), x, tf.mul(2, tf.expm1(x))),
    domain: kinked,
  }),
  unaryCase('celu', {
    op: (x) => tn.celu(x, { alpha: 2 }),
    reference: (x) => tf.where(tf.greater(x, 0), x, tf.mul(2, tf.expm1(tf.div(x, 2)))),
    domain: kinked,
  }),
  unaryCase('selu', { op: tn.selu, reference: tf.selu, domain: kinked }),
  unaryCase('step', {
    op: (x) => tn.step(x, { alpha: 0.5 }),
    reference: (x) => tf.step(x, 0.5),
    domain: kinked,
    exact: [{ why: 'zero and NaN', in: [[0, nan, 1]], out: [0.5, nan, 1] }],
  }),
  unaryCase('hardSigmoid', {
    op: (x) => tn.hardSigmoid(x),
    reference: (x) => tf.clipByValue(tf.add(tf.div(x, 6), 0.5), 0, 1),
    domain: kinked,
  }),
  unaryCase('hardSigmoid, slope and offset', {
    op: (x) => tn.hardSigmoid(x, { alpha: 0.2, beta: 0.4 }),
    reference: (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.4), 0, 1),
    domain: { from: -4, to: 4, avoid: [-2, 3] },
  }),
  unaryCase('softsign', {
    op: tn.softsign,
    reference: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
    domain: kinked,
    exact: [{ why: 'infinities and NaN', in: [[inf, -inf, nan, -0]], out: [1, -1, nan, -0] }],
  }),
  unaryCase('gelu', {
    op: (x) => tn.gelu(x),
    reference: (x) => halfOnePlus(x, tf.erf(tf.mul(x, Math.SQRT1_2))),
    exact: [
      {
        why: 'known values',
        in: [[1, -1, 0]],
        out: [0.8413447460685429, -0.15865525393145707, 0],
        dtype: 'float64',
        tolerance: 1e-12,
      },
      vanishing,
    ],
  }),
  unaryCase('gelu, approximate', {
    op: (x) => tn.gelu(x, { approximate: true }),
    reference: (x) => halfOnePlus(x, tanhInner(x)),
    exact: [vanishing],
  }),
  unaryCase('silu', {
    op: tn.silu,
    reference: (x) => tf.mul(x, tf.sigmoid(x)),
    exact: [vanishing],
  }),
  unaryCase('swish', { op: tn.swish, reference: (x) => tf.mul(x, tf.sigmoid(x)) }),
  unaryCase('gradients of activations at -Infinity', {
    op: (x) =>
      tn.addN([tn.gelu, tn.silu, tn.mish, tn.hardSwish].map((op) => gradientAt((v) => op(v))(x))),
    gradient: { skipped: 'checked with each activation' },
    exact: [{ why: 'vanish', in: [[-inf]], out: [0] }],
  }),
  unaryCase('mish', {
    op: tn.mish,
    reference: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
    exact: [vanishing],
  }),
  unaryCase('hardSwish', {
    op: tn.hardSwish,
    reference: (x) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)),
    domain: kinked,
    exact: [vanishing],
  }),
  unaryCase('hardTanh', {
    op: tn.hardTanh,
    reference: (x) => tf.clipByValue(x, -1, 1),
    domain: kinked,
  }),
];
