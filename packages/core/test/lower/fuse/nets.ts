import {
  adam,
  add,
  broadcastLike,
  constant,
  conv2d,
  dropout,
  fill,
  gradients,
  HostTensor,
  layerNorm,
  matMul,
  maxPool,
  mean,
  mul,
  pad,
  placeholder,
  relu,
  reshape,
  scan,
  sgd,
  sigmoid,
  slice,
  softmax,
  sparseSoftmaxCrossEntropy,
  split,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  type Variable,
  variable,
} from '@tenon/core';

export interface Net {
  readonly fetches: readonly Tensor[];
  readonly feeds: readonly (readonly [Tensor, HostTensor])[];
  readonly variables: readonly Variable[];
}

/** Numbers without a pattern that a wrong index would not change. */
function numbers(shape: readonly number[], scale: number): HostTensor {
  const count = shape.reduce((all, size) => all * size, 1);
  const values = Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i * i + 0.3 * i));
  return new HostTensor(values, shape);
}

class Builder {
  readonly variables: Variable[] = [];
  readonly feeds: [Tensor, HostTensor][] = [];

  weight(...shape: number[]): Variable {
    const made = variable(constant(numbers(shape, 0.3)), { name: `w${this.variables.length}` });
    this.variables.push(made);
    return made;
  }

  input(...shape: number[]): Tensor {
    const fed = placeholder({ shape });
    this.feeds.push([fed, numbers(shape, 1)]);
    return fed;
  }

  labels(count: number, classes: number): Tensor {
    const fed = placeholder({ shape: [count], dtype: 'int32' });
    const values = Int32Array.from({ length: count }, (_, i) => (7 * i + 3) % classes);
    this.feeds.push([fed, new HostTensor(values, [count])]);
    return fed;
  }

  dense(x: Tensor, units: number): Tensor {
    return add(matMul(x, this.weight(x.shape.at(-1) as number, units)), this.weight(units));
  }

  of(...fetches: Tensor[]): Net {
    return { fetches, feeds: this.feeds, variables: this.variables };
  }
}

const classified = (net: Builder, logits: Tensor, classes: number): Tensor =>
  mean(sparseSoftmaxCrossEntropy(net.labels(logits.shape[0] as number, classes), logits));

/** Rows normalised by their own moments, scaled and moved. */
function normalised(net: Builder, x: Tensor): Tensor {
  const units = x.shape.at(-1) as number;
  return layerNorm(x, { scale: net.weight(units), offset: net.weight(units) });
}

/** One step of a long short-term memory; gates in the order i, f, o, g. */
function cell(projected: Tensor, c: Tensor): [h: Tensor, c: Tensor] {
  const [i, f, o, g] = split(projected, { sizes: 4, axis: -1 }) as [Tensor, Tensor, Tensor, Tensor];
  const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
  return [mul(sigmoid(o), tanh(next)), next];
}

function mlp(sizes: readonly number[], batch: number): Net {
  const net = new Builder();
  const [first, ...units] = sizes as [number, ...number[]];
  let x = net.input(batch, first);
  units.forEach((size, i) => {
    x = net.dense(x, size);
    if (i < units.length - 1) x = relu(x);
  });
  const loss = classified(net, x, units.at(-1) as number);
  return net.of(loss, adam().minimize(loss, net.variables));
}

export const nets = {
  softmax() {
    const net = new Builder();
    return net.of(softmax(net.input(16, 40)));
  },
  'softmax and its gradient'() {
    const net = new Builder();
    const [x, dy] = [net.input(16, 40), net.input(16, 40)];
    const y = softmax(x);
    return net.of(y, ...gradients(sum(mul(y, dy)), [x]));
  },
  'layer normalisation'() {
    const net = new Builder();
    return net.of(normalised(net, net.input(16, 40)));
  },
  'layer normalisation and its gradients'() {
    const net = new Builder();
    const [x, dy] = [net.input(16, 40), net.input(16, 40)];
    const y = normalised(net, x);
    return net.of(y, ...gradients(sum(mul(y, dy)), [x, ...net.variables]));
  },
  'the first rows of a product'() {
    const net = new Builder();
    const y = matMul(net.input(6, 5), net.weight(5, 4));
    return net.of(relu(slice(y, { begin: [0, 0], size: [3, 4] })));
  },
  'a padded, transposed and scaled sum'() {
    const net = new Builder();
    const [x, y] = [net.input(6, 5), net.input(5, 6)];
    const both = add(
      pad(x, {
        paddings: [
          [1, 2],
          [3, 0],
        ],
      }),
      1,
    );
    return net.of(mul(sum(both, { axis: 0 }), 0.5), relu(add(transpose(x), y)));
  },
  'LSTM cell'() {
    const net = new Builder();
    return net.of(...cell(net.input(4, 32), net.input(4, 8)));
  },
  'gradients of an LSTM cell'() {
    const net = new Builder();
    const [x, c, dh, dc] = [
      net.input(4, 32),
      net.input(4, 8),
      net.input(4, 8),
      net.input(4, 8),
    ] as const;
    const [h, next] = cell(x, c);
    return net.of(...gradients(add(sum(mul(h, dh)), sum(mul(next, dc))), [x, c]));
  },
  'training step of two dense layers with Adam': () => mlp([12, 20, 5], 6),
  'training step of three dense layers with Adam': () => mlp([784, 512, 512, 10], 8),
  'training step of a dense layer with SGD and clipping by global norm'() {
    const net = new Builder();
    const loss = mean(net.dense(net.dense(net.input(6, 12), 20), 3));
    return net.of(sgd({ globalClipNorm: 0.1 }).minimize(loss, net.variables));
  },
  'training step of a convolutional net'() {
    const net = new Builder();
    const conv = (x: Tensor, channels: number) => {
      const filter = net.weight(3, 3, x.shape.at(-1) as number, channels);
      const y = relu(add(conv2d(x, filter, { padding: 'valid' }), net.weight(channels)));
      return maxPool(y, { filterSize: 2 });
    };
    const y = conv(conv(net.input(2, 16, 16, 1), 4), 8);
    const flat = dropout(reshape(y, { shape: [2, 32] }), { rate: 0.5, seed: 4 });
    const loss = classified(net, net.dense(flat, 10), 10);
    return net.of(loss, adam().minimize(loss, net.variables));
  },
  'training step of an LSTM'() {
    const net = new Builder();
    const x = transpose(net.input(3, 7, 5), { perm: [1, 0, 2] });
    const projected = net.dense(x, 16);
    const recurrent = net.weight(4, 16);
    const start = broadcastLike(constant(0), fill({ shape: [3, 4], value: 0 }));
    const { carry } = scan(
      ([h, c], [row]) => ({
        carry: cell(add(row as Tensor, matMul(h as Tensor, recurrent)), c as Tensor),
      }),
      { initial: [start, start], sequences: [projected] },
    );
    const loss = classified(net, net.dense(carry[0] as Tensor, 3), 3);
    return net.of(loss, adam().minimize(loss, net.variables));
  },
  'training step of attention'() {
    const net = new Builder();
    const x = net.input(2, 6, 8);
    const [q, k, v] = [net.dense(x, 8), net.dense(x, 8), net.dense(x, 8)];
    const scores = softmax(mul(matMul(q, transpose(k, { perm: [0, 2, 1] })), 0.3));
    const y = normalised(net, add(x, matMul(scores, v)));
    const loss = mean(mul(sub(y, 1), sub(y, 1)));
    return net.of(loss, adam().minimize(loss, net.variables));
  },
} satisfies Record<string, () => Net>;
