import * as tn from 'tenon';

/** A net that is trained on made-up data: sizes matter here, not what is learnt. */
export interface ModelCase {
  readonly batch: number;
  readonly optimizer: 'sgd' | 'adam';
  readonly loss: 'meanSquaredError' | 'sparseCategoricalCrossentropy';
  model(): tn.Model;
  /** Inputs and targets of so many examples. */
  data(examples: number): { readonly x: tn.HostTensor; readonly y: tn.HostTensor };
}

const { dense, conv2d, maxPooling2d, flatten, dropout, embedding, lstm } = tn.layers;
const net = (...layers: tn.Layer[]) => tn.sequential({ layers });

/** Numbers about normal, the same in each process. */
function normal(...shape: number[]): tn.HostTensor {
  const generator = new tn.Threefry();
  generator.setKey(1, shape.length);
  const uniform = (word: number) => (word >>> 0) / 2 ** 32;
  const count = shape.reduce((all, size) => all * size, 1);
  const values = Float32Array.from({ length: count }, (_, i) => {
    generator.block(i, 0);
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(generator.word0)));
    return radius * Math.cos(2 * Math.PI * uniform(generator.word1));
  });
  return new tn.HostTensor(values, shape);
}

function whole(below: number, ...shape: number[]): tn.HostTensor {
  const generator = new tn.Threefry();
  generator.setKey(2, below);
  const count = shape.reduce((all, size) => all * size, 1);
  const values = Int32Array.from({ length: count }, (_, i) => {
    generator.block(i, 0);
    return (generator.word0 >>> 0) % below;
  });
  return new tn.HostTensor(values, shape);
}

export const models: Readonly<Record<string, ModelCase>> = {
  linreg: {
    batch: 32,
    optimizer: 'sgd',
    loss: 'meanSquaredError',
    model: () => net(dense({ units: 1, inputShape: [1] })),
    data: (n) => ({ x: normal(n, 1), y: normal(n, 1) }),
  },
  mlp_small: {
    batch: 32,
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
    model: () =>
      net(
        dense({ units: 32, activation: 'relu', inputShape: [4] }),
        dense({ units: 3, activation: 'softmax' }),
      ),
    data: (n) => ({ x: normal(n, 4), y: whole(3, n) }),
  },
  mlp_mnist: {
    batch: 128,
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
    model: () =>
      net(
        dense({ units: 512, activation: 'relu', inputShape: [784] }),
        dense({ units: 512, activation: 'relu' }),
        dense({ units: 10, activation: 'softmax' }),
      ),
    data: (n) => ({ x: normal(n, 784), y: whole(10, n) }),
  },
  cnn_mnist: {
    batch: 128,
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
    model: () =>
      net(
        conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
        maxPooling2d({ poolSize: 2 }),
        conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
        maxPooling2d({ poolSize: 2 }),
        flatten(),
        dropout({ rate: 0.5 }),
        dense({ units: 10, activation: 'softmax' }),
      ),
    data: (n) => ({ x: normal(n, 28, 28, 1), y: whole(10, n) }),
  },
  lstm_text: {
    batch: 32,
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
    model: () =>
      net(
        embedding({ inputDim: 5000, outputDim: 64, inputShape: [80] }),
        lstm({ units: 128 }),
        dense({ units: 2, activation: 'softmax' }),
      ),
    data: (n) => ({ x: whole(5000, n, 80), y: whole(2, n) }),
  },
};
