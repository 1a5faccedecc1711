import * as tf from '@tensorflow/tfjs-core';
import * as tn from 'tenon';

/** One thing that is timed on several engines. */
export interface Case {
  readonly name: string;
  /** Multiplications and additions of one run. */
  readonly flop: number;
  /** By engine: prepares data, and gives the function that is timed. */
  readonly engines: Readonly<Record<string, () => Run>>;
}

export interface Run {
  /** One run, to its end. */
  once(): unknown;
  close(): void;
}

/** Numbers in -1 ... 1, the same in each run. */
function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed));
}

const n = 512;

/** Product of two matrices of 512 x 512; both engines get the data anew and give the result back. */
const matMul: Case = {
  name: 'matMul 512',
  flop: 2 * n ** 3,
  engines: {
    js() {
      const session = new tn.Session();
      const a = tn.placeholder({ shape: [n, n] });
      const b = tn.placeholder({ shape: [n, n] });
      const run = session.prepare(tn.matMul(a, b), [a, b]);
      const [left, right] = [values(n * n, 1), values(n * n, 2)];
      return { once: () => run.sync(left, right), close: () => session.close() };
    },
    'tfjs-cpu'() {
      const [left, right] = [values(n * n, 1), values(n * n, 2)];
      const once = () =>
        tf.tidy(() => tf.matMul(tf.tensor2d(left, [n, n]), tf.tensor2d(right, [n, n])).dataSync());
      return { once, close: () => {} };
    },
  },
};

const [images, edge, from, to] = [8, 28, 32, 64];

/** Convolution 3 x 3 of 8 images of 28 x 28, 32 to 64 channels, at full size. */
const conv2d: Case = {
  name: 'conv2d 3x3, 8 x 28 x 28, 32 to 64',
  flop: 2 * images * edge * edge * 9 * from * to,
  engines: {
    js() {
      const session = new tn.Session();
      const x = tn.placeholder({ shape: [images, edge, edge, from] });
      const filter = tn.placeholder({ shape: [3, 3, from, to] });
      const run = session.prepare(tn.conv2d(x, filter, { padding: 'same' }), [x, filter]);
      const [left, right] = [values(images * edge * edge * from, 1), values(9 * from * to, 2)];
      return { once: () => run.sync(left, right), close: () => session.close() };
    },
    'tfjs-cpu'() {
      const x = tf.tensor4d(values(images * edge * edge * from, 1), [images, edge, edge, from]);
      const filter = tf.tensor4d(values(9 * from * to, 2), [3, 3, from, to]);
      const once = () => tf.tidy(() => tf.conv2d(x, filter, 1, 'same').dataSync());
      return { once, close: () => tf.dispose([x, filter]) };
    },
  },
};

const [batch, inputs, hidden, classes] = [64, 784, 128, 10];
const shapes = [[inputs, hidden], [hidden], [hidden, classes], [classes]] as const;
const size = (shape: readonly number[]) => shape.reduce((product, axis) => product * axis, 1);
const weights = () => shapes.map((shape, i) => values(size(shape), i).map((value) => value / 20));

/** A training step of a perceptron 784-128-10 on 64 examples by plain gradient descent; the loss is read. */
const mlpStep: Case = {
  name: 'mlp step 784-128-10, batch 64',
  // Forward, and two products each backward, without the gradient of the images.
  flop: 2 * batch * (2 * inputs * hidden + 3 * hidden * classes),
  engines: {
    js() {
      const session = new tn.Session();
      const x = tn.placeholder({ shape: [batch, inputs] });
      const y = tn.placeholder({ shape: [batch, classes] });
      const [w1, b1, w2, b2] = weights().map((start, i) =>
        tn.variable(start, { shape: [...(shapes[i] as readonly number[])] }),
      ) as [tn.Variable, tn.Variable, tn.Variable, tn.Variable];
      const h = tn.relu(tn.add(tn.matMul(x, w1), b1));
      const logits = tn.add(tn.matMul(h, w2), b2);
      const likelihood = tn.sum(tn.mul(y, tn.logSoftmax(logits)), { axis: -1 });
      const loss = tn.neg(tn.mean(likelihood));
      const step = tn.sgd({ learningRate: 0.1 }).minimize(loss, [w1, b1, w2, b2]);
      const run = session.prepare({ loss, step }, [x, y]);
      const [images, labels] = batchOf();
      return { once: () => run.sync(images, labels), close: () => session.close() };
    },
    'tfjs-cpu'() {
      const variables = weights().map((start, i) =>
        tf.variable(tf.tensor(start, [...(shapes[i] as readonly number[])])),
      );
      const [w1, b1, w2, b2] = variables as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
      const optimizer = tf.train.sgd(0.1);
      const [images, labels] = batchOf();
      const once = () =>
        tf.tidy(() => {
          const x = tf.tensor2d(images, [batch, inputs]);
          const y = tf.tensor2d(labels, [batch, classes]);
          const loss = () => {
            const h = tf.relu(tf.add(tf.matMul(x, w1), b1));
            const logits = tf.add(tf.matMul(h, w2), b2);
            const likelihood = tf.sum(tf.mul(y, tf.logSoftmax(logits)), -1);
            return tf.neg(tf.mean(likelihood)) as tf.Scalar;
          };
          return optimizer.minimize(loss, true, variables as tf.Variable[])?.dataSync();
        });
      return { once, close: () => tf.dispose(variables) };
    },
  },
};

function batchOf(): [Float32Array, Float32Array] {
  const labels = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i++) labels[i * classes + (i % classes)] = 1;
  return [values(batch * inputs, 7), labels];
}

export const cases: readonly Case[] = [matMul, conv2d, mlpStep];
