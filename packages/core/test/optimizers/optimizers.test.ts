import {
  adam,
  constant,
  type GraphError,
  mul,
  type Optimizer,
  rmsprop,
  Session,
  sgd,
  square,
  sub,
  sum,
  type Tensor,
  type Variable,
  variable,
} from '@tenon/core';
import { expect } from 'chai';

type Options = Record<string, number | boolean>;
type Rule = (options: Options) => (w: number, g: number, t: number) => number;

const number = (options: Options, name: string, otherwise: number): number =>
  Number(options[name] ?? otherwise);

// The published formulas on plain numbers, with the defaults of Keras.
const rules: Record<string, { make: (options: Options) => Optimizer; rule: Rule }> = {
  sgd: {
    make: (options) => sgd(options),
    rule: (options) => {
      const [rate, momentum] = [
        number(options, 'learningRate', 0.01),
        number(options, 'momentum', 0),
      ];
      let v = 0;
      return (w, g) => {
        v = momentum * v - rate * g;
        return w + (options.nesterov ? momentum * v - rate * g : v);
      };
    },
  },
  adam: {
    make: (options) => adam(options),
    rule: (options) => {
      const [b1, b2] = [number(options, 'beta1', 0.9), number(options, 'beta2', 0.999)];
      let [m, v] = [0, 0];
      return (w, g, t) => {
        m = b1 * m + (1 - b1) * g;
        v = b2 * v + (1 - b2) * g * g;
        const rate =
          (number(options, 'learningRate', 0.001) * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t);
        return w - (rate * m) / (Math.sqrt(v) + 1e-7);
      };
    },
  },
  rmsprop: {
    make: (options) => rmsprop(options),
    rule: (options) => {
      const [rho, momentum, rate] = [
        number(options, 'rho', 0.9),
        number(options, 'momentum', 0),
        number(options, 'learningRate', 0.001),
      ];
      let [v, a, s] = [0, 0, 0];
      return (w, g) => {
        v = rho * v + (1 - rho) * g * g;
        a = rho * a + (1 - rho) * g;
        const spread = options.centered ? v - a * a : v;
        s = momentum * s + (rate * g) / Math.sqrt(spread + 1e-7);
        return w - s;
      };
    },
  },
};

const cases: [string, Options][] = [
  ['sgd', {}],
  ['sgd', { learningRate: 0.1, momentum: 0.9 }],
  ['sgd', { learningRate: 0.1, momentum: 0.9, nesterov: true }],
  ['adam', {}],
  ['adam', { learningRate: 0.1, beta1: 0.5, beta2: 0.9 }],
  ['rmsprop', {}],
  ['rmsprop', { learningRate: 0.05, rho: 0.7, momentum: 0.8 }],
  ['rmsprop', { learningRate: 0.05, centered: true }],
];

const start = [1, -2, 0.5];
// loss = sum of 3 (w - 1)^2, so that the gradient is 6 (w - 1).
const lossOf = (w: Variable): Tensor => sum(mul(square(sub(w, 1)), 3));

async function trained(
  optimizer: Optimizer,
  steps: number,
  loss: (w: Variable) => Tensor = lossOf,
): Promise<number[]> {
  const session = new Session();
  const w = variable(start, { dtype: 'float64', name: 'w' });
  const step = session.prepare(optimizer.minimize(loss(w), [w]));
  for (let i = 0; i < steps; i++) await step();
  return Array.from((await session.read(w)).data as Float64Array);
}

describe('optimizers', () => {
  for (const [name, options] of cases) {
    it(`${name} ${JSON.stringify(options)} follows its formula`, async () => {
      const { make, rule } = rules[name] as (typeof rules)[string];
      const found = await trained(make(options), 7);
      const expected = start.map((w0) => {
        const update = rule(options);
        let w = w0;
        for (let t = 1; t <= 7; t++) w = update(w, 6 * (w - 1), t);
        return w;
      });
      // The learning rate is a float32 variable.
      found.forEach((w, i) => void expect(w).to.be.closeTo(expected[i] as number, 2e-6));
    });
  }

  it('decay weights apart from the gradient', async () => {
    const found = await trained(sgd({ learningRate: 0.5, weightDecay: 0.1 }), 1, (w) =>
      mul(sum(w), 0),
    );
    found.forEach((w, i) => void expect(w).to.be.closeTo((start[i] as number) * 0.95, 1e-7));
  });

  it('clip gradients by element, by norm and by the norm of all', async () => {
    const moved = async (options: Options) =>
      (await trained(sgd({ learningRate: 1, ...options }), 1)).map(
        (w, i) => (start[i] as number) - w,
      );
    const gradient = start.map((w) => 6 * (w - 1));
    const norm = Math.hypot(...gradient);
    const close = (found: number[], expected: number[]) =>
      found.forEach((g, i) => void expect(g).to.be.closeTo(expected[i] as number, 1e-6));
    close(
      await moved({ clipValue: 2 }),
      gradient.map((g) => Math.max(-2, Math.min(2, g))),
    );
    close(
      await moved({ clipNorm: 1.5 }),
      gradient.map((g) => (g * 1.5) / norm),
    );
    close(await moved({ globalClipNorm: 1000 }), gradient);
    close(
      await moved({ globalClipNorm: 1 }),
      gradient.map((g) => g / norm),
    );
  });

  it('take another learning rate between steps', async () => {
    const session = new Session();
    const w = variable([1], { name: 'w' });
    const optimizer = sgd({ learningRate: 1 });
    const step = session.prepare(optimizer.apply([constant([1])], [w]));
    await step();
    await session.write(optimizer.learningRate, 0.25);
    await step();
    expect((await session.read(w)).array()).to.deep.equal([-0.25]);
    expect((await session.read(optimizer.iterations)).item()).to.equal(2);
  });

  it('refuse a loss that is not a scalar, no variables and unknown options, by code', () => {
    const w = variable([1, 2]);
    const code = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        return (error as GraphError).code;
      }
      return 'none';
    };
    expect([
      code(() => sgd().minimize(square(w), [w])),
      code(() => sgd().minimize(sum(w), [])),
      code(() => adam({ learningrate: 1 } as never)),
      code(() => sgd({ learningRate: -1 })),
    ]).to.deep.equal([
      'SHAPE_MISMATCH',
      'ATTRIBUTE_INVALID',
      'ATTRIBUTE_INVALID',
      'ATTRIBUTE_INVALID',
    ]);
  });
});
