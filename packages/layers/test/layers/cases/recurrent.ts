import * as tf from '@tensorflow/tfjs-core';
import * as layers from '../../../src/layers-namespace.js';
import type { LayerCase, Weights } from '../layer-case.js';

type State = readonly tf.Tensor[];
type Turn = (x: tf.Tensor, state: State) => State;

const units = 3;
const times = (a: tf.Tensor, b: tf.Tensor | undefined) =>
  tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
const plus = (a: tf.Tensor, b: tf.Tensor | undefined) => (b ? tf.add(a, b) : a);

/** The states after each time. */
function walk(x: tf.Tensor, state: State, turn: Turn): State[] {
  const states: State[] = [];
  for (const row of tf.unstack(x, 1)) states.push(turn(row, states.at(-1) ?? state));
  return states;
}

const zeros = (x: tf.Tensor | undefined) => tf.zeros([(x as tf.Tensor).shape[0] as number, units]);
const last = (states: readonly State[]) => states.at(-1) as State;
const outputs = (states: readonly State[]) =>
  tf.stack(
    states.map(([h]) => h as tf.Tensor),
    1,
  );

const simple =
  ({ kernel, recurrent_kernel: recurrent, bias }: Weights): Turn =>
  (x, [h]) => [tf.tanh(plus(tf.add(times(x, kernel), times(h as tf.Tensor, recurrent)), bias))];

const long =
  ({ kernel, recurrent_kernel: recurrent, bias }: Weights): Turn =>
  (x, [h, c]) => {
    const sums = plus(tf.add(times(x, kernel), times(h as tf.Tensor, recurrent)), bias);
    const [i, f, candidate, o] = tf.split(sums, 4, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const kept = tf.mul(tf.sigmoid(f), c as tf.Tensor);
    const cell = tf.add(kept, tf.mul(tf.sigmoid(i), tf.tanh(candidate)));
    return [tf.mul(tf.sigmoid(o), tf.tanh(cell)), cell];
  };

const gated =
  (resetAfter: boolean, { kernel, recurrent_kernel: recurrent, bias }: Weights): Turn =>
  (x, [state]) => {
    const h = state as tf.Tensor;
    const [bx, bh] = bias && resetAfter ? tf.unstack(bias) : [bias, undefined];
    const [xz, xr, xh] = tf.split(plus(times(x, kernel), bx), 3, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const [hz, hr, hh] = tf.split(plus(times(h, recurrent), bh), 3, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const z = tf.sigmoid(tf.add(xz, hz));
    const r = tf.sigmoid(tf.add(xr, hr));
    const third = tf.slice(recurrent as tf.Tensor, [0, 2 * units], [-1, -1]);
    const fromState = resetAfter ? tf.mul(r, hh) : times(tf.mul(r, h), third);
    const proposed = tf.tanh(tf.add(xh, fromState));
    return [tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), proposed))];
  };

const input = [null, null, 2];
const unknown = [2, 4];
const weightsOf = (gates: number, bias: number[] = [gates * units]) => ({
  kernel: [2, gates * units],
  recurrent_kernel: [units, gates * units],
  bias,
});

/** Recurrent layers. */
export const recurrentCases: readonly LayerCase[] = [
  {
    name: 'simpleRNN',
    make: (o) => layers.simpleRNN({ units, ...o }),
    inputs: [input],
    unknown,
    outputs: [[null, units]],
    weights: weightsOf(1),
    reference: ([x], w) => last(walk(x as tf.Tensor, [zeros(x)], simple(w))),
  },
  {
    name: 'simpleRNN backwards with all outputs and the state',
    make: (o) =>
      layers.simpleRNN({
        units,
        goBackwards: true,
        returnSequences: true,
        returnState: true,
        ...o,
      }),
    inputs: [[null, 4, 2]],
    outputs: [
      [null, 4, units],
      [null, units],
    ],
    weights: weightsOf(1),
    reference([x], w) {
      const states = walk(tf.reverse(x as tf.Tensor, 1), [zeros(x)], simple(w));
      return [outputs(states), last(states)[0] as tf.Tensor];
    },
  },
  {
    name: 'lstm',
    make: (o) => layers.lstm({ units, ...o }),
    inputs: [input],
    unknown,
    outputs: [[null, units]],
    weights: weightsOf(4),
    reference: ([x], w) => last(walk(x as tf.Tensor, [zeros(x), zeros(x)], long(w))).slice(0, 1),
  },
  {
    name: 'lstm from a given state with all outputs and the last state',
    make: (o) => layers.lstm({ units, returnSequences: true, returnState: true, ...o }),
    inputs: [input, [null, units], [null, units]],
    unknown,
    outputs: [
      [null, null, units],
      [null, units],
      [null, units],
    ],
    weights: weightsOf(4),
    reference([x, h, c], w) {
      const states = walk(x as tf.Tensor, [h as tf.Tensor, c as tf.Tensor], long(w));
      return [outputs(states), ...last(states)];
    },
  },
  {
    name: 'gru',
    make: (o) => layers.gru({ units, ...o }),
    inputs: [input],
    unknown,
    outputs: [[null, units]],
    weights: weightsOf(3, [2, 3 * units]),
    reference: ([x], w) => last(walk(x as tf.Tensor, [zeros(x)], gated(true, w))),
  },
  {
    name: 'gru that resets before the product, from a given state',
    make: (o) => layers.gru({ units, resetAfter: false, returnSequences: true, ...o }),
    inputs: [input, [null, units]],
    unknown,
    outputs: [[null, null, units]],
    weights: weightsOf(3),
    reference: ([x, h], w) => outputs(walk(x as tf.Tensor, [h as tf.Tensor], gated(false, w))),
  },
  {
    name: 'gru without bias',
    make: (o) => layers.gru({ units, useBias: false, ...o }),
    inputs: [input],
    unknown,
    outputs: [[null, units]],
    weights: { kernel: [2, 3 * units], recurrent_kernel: [units, 3 * units] },
    reference: ([x], w) => last(walk(x as tf.Tensor, [zeros(x)], gated(true, w))),
  },
];
