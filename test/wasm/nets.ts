import * as tn from 'tenon';

/** A net with made-up data for it: small, but with everything that nets of its kind have. */
export interface Net {
  model(): tn.Model;
  readonly loss: string;
  /** Inputs and targets of so many examples. */
  data(examples: number): readonly [tn.HostTensor, tn.HostTensor];
}

const { layers } = tn;

const waves = (...shape: number[]): tn.HostTensor => {
  const count = shape.reduce((all, size) => all * size, 1);
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7 + (i % 13)));
  return new tn.HostTensor(values, shape);
};

const whole = (below: number, ...shape: number[]): tn.HostTensor => {
  const count = shape.reduce((all, size) => all * size, 1);
  const values = Int32Array.from({ length: count }, (_, i) => (i * 7919 + (i >> 3)) % below);
  return new tn.HostTensor(values, shape);
};

// Without a seed every layer draws numbers of its own.
const seeded = (seed: number, className = 'glorotUniform') => ({ className, config: { seed } });

function residual(): tn.Model {
  const conv = (seed: number, options: object = {}) =>
    layers.conv2d({
      ...{ filters: 8, kernelSize: 3, padding: 'same', useBias: false },
      ...{ kernelInitializer: seeded(seed), ...options },
    });
  const norm = (x: tn.Tensor) => layers.batchNormalization().apply(x);
  const relu = (x: tn.Tensor) => layers.activation({ activation: 'relu' }).apply(x);
  const input = tn.input({ shape: [9, 11, 3] });
  let x = relu(norm(conv(1).apply(input)));
  for (const strides of [1, 2]) {
    const inner = relu(norm(conv(10 + strides, { strides }).apply(x)));
    const outer = norm(conv(20 + strides).apply(inner));
    const shortcut = strides === 1 ? x : conv(30, { kernelSize: 1, strides }).apply(x);
    x = relu(layers.add({}).apply([outer, shortcut]));
  }
  return tn.model({
    inputs: input,
    outputs: classes(5, layers.globalAveragePooling2d({}).apply(x)),
  });
}

const classes = (units: number, x: tn.Tensor): tn.Tensor =>
  layers.dense({ units, activation: 'softmax', kernelInitializer: seeded(40) }).apply(x);

const dense = (seed: number, units: number, activation = 'linear') =>
  layers.dense({ units, activation, kernelInitializer: seeded(seed) });

/** Causal self-attention over heads. Shapes: x [batch, time, size] -> the same. */
class SelfAttention extends tn.Layer {
  static override readonly className = 'SelfAttention';

  protected override call(x: tn.Tensor): tn.Tensor {
    const heads = 2;
    const [, time = 0, size = 0] = x.shape as number[];
    const split = (seed: number) => {
      const rows = dense(seed, size).apply(x);
      const parts = tn.reshape(rows, { shape: [-1, time, heads, size / heads] });
      return tn.transpose(parts, { perm: [0, 2, 1, 3] });
    };
    const mixed = tn.scaledDotProductAttention(split(51), split(52), split(53), { causal: true });
    const rows = tn.reshape(tn.transpose(mixed, { perm: [0, 2, 1, 3] }), {
      shape: [-1, time, size],
    });
    return dense(54, size).apply(rows);
  }
}

function transformer(): tn.Model {
  const input = tn.input({ shape: [13], dtype: 'int32' });
  let x = layers
    .embedding({ inputDim: 30, outputDim: 12, embeddingsInitializer: seeded(41) })
    .apply(input);
  x = layers.add({}).apply([x, new SelfAttention({}).apply(layers.layerNormalization().apply(x))]);
  const hidden = dense(62, 12).apply(
    dense(61, 24, 'gelu').apply(layers.layerNormalization().apply(x)),
  );
  x = layers.add({}).apply([x, hidden]);
  return tn.model({ inputs: input, outputs: classes(4, layers.flatten().apply(x)) });
}

const recurrent = (): tn.Model =>
  tn.sequential({
    layers: [
      layers.lstm({
        units: 9,
        returnSequences: true,
        inputShape: [7, 5],
        kernelInitializer: seeded(71),
        recurrentInitializer: seeded(81, 'orthogonal'),
      }),
      layers.gru({
        units: 6,
        kernelInitializer: seeded(72),
        recurrentInitializer: seeded(82, 'orthogonal'),
      }),
      layers.dense({ units: 3, kernelInitializer: seeded(73) }),
    ],
  });

export const nets: Readonly<Record<string, Net>> = {
  'a residual net with batch normalisation': {
    model: residual,
    loss: 'sparseCategoricalCrossentropy',
    data: (n) => [waves(n, 9, 11, 3), whole(5, n)],
  },
  'a transformer': {
    model: transformer,
    loss: 'sparseCategoricalCrossentropy',
    data: (n) => [whole(30, n, 13), whole(4, n)],
  },
  'stacked recurrent layers': {
    model: recurrent,
    loss: 'meanSquaredError',
    data: (n) => [waves(n, 7, 5), waves(n, 3)],
  },
};
