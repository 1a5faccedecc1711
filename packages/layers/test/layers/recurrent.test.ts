import {
  add,
  gradients,
  type HostTensor,
  mul,
  placeholder,
  Session,
  sum,
  type Tensor,
  type Variable,
} from '@tenon/core';
import { type Layer, layers } from '@tenon/layers';
import { expect } from 'chai';
import { numbers } from './numbers.js';

const dtype = 'float64';
const units = 3;
const [batch, time, features] = [2, 4, 2];

const nets: Record<string, () => Layer[]> = {
  simpleRNN: () => [layers.simpleRNN({ units, dtype })],
  'simpleRNN with relu': () => [layers.simpleRNN({ units, activation: 'relu', dtype })],
  gru: () => [layers.gru({ units, dtype })],
  'gru that resets before': () => [layers.gru({ units, resetAfter: false, dtype })],
  lstm: () => [layers.lstm({ units, dtype })],
  'lstm backwards': () => [layers.lstm({ units, goBackwards: true, dtype })],
  'lstm without bias, with all outputs': () => [
    layers.lstm({ units, useBias: false, returnSequences: true, dtype }),
  ],
  'two lstm': () => [
    layers.lstm({ units, returnSequences: true, goBackwards: true, dtype }),
    layers.lstm({ units, dtype }),
  ],
};

interface Net {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly loss: Tensor;
  readonly variables: readonly Variable[];
}

function built(make: () => Layer[]): Net {
  const x = placeholder({ shape: [null, time, features], dtype });
  const stack = make();
  const y = stack.reduce<Tensor>((value, layer) => layer.apply(value), x);
  const weights = stack.flatMap((layer) => layer.weights);
  const loss = sum(mul(y, add(y, 0.3)));
  return { x, y, loss, variables: weights.map(({ variable }) => variable) };
}

const step = 1e-5;

/** Central differences of a function along every element of several arrays. */
function differences(f: (at: readonly Float64Array[]) => number, at: readonly Float64Array[]) {
  return at.flatMap((values, place) =>
    Array.from(values, (_, i) => {
      const moved = (by: number) =>
        f(at.map((own, j) => (j === place ? own.map((v, k) => (k === i ? v + by : v)) : own)));
      return (moved(step) - moved(-step)) / (2 * step);
    }),
  );
}

const flat = (values: readonly HostTensor[]): number[] =>
  values.flatMap(({ data }) => Array.from(data, Number));

/** The products in the bodies of loops, and those around them, of a step of training or of a prediction. */
function products(fetches: readonly Tensor[], x: Tensor): { inside: number; around: number } {
  const session = new Session();
  const feeds = [[x, new Float64Array(batch * time * features)]] as const;
  const lines = session.explain(fetches, { feeds }).toString().split('\n');
  const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
  return { inside: count(/^ {4}\d+ gemm/), around: count(/^ {2}\d+ gemm/) };
}

describe('recurrent layers', () => {
  for (const [name, make] of Object.entries(nets)) {
    it(`have gradients that agree with differences, however the loops are changed: ${name}`, async () => {
      const [session, plain] = [new Session({ seed: 4 }), new Session({ optimise: false })];
      const { x, loss, variables } = built(make);
      const rows = numbers(name).fractions([batch, time, features], [-1, 1]);
      const weights = await Promise.all(variables.map((variable) => session.read(variable)));
      const at = [rows, ...weights.map(({ data }) => data as Float64Array)];
      const feeds = (values: readonly Float64Array[]) => ({
        feeds: [x, ...variables].map((tensor, i) => [tensor, values[i] as Float64Array] as const),
      });
      const wanted = gradients(loss, [x, ...variables]);
      const [found, unchanged] = [session, plain].map((one) =>
        flat(one.runSync(wanted, feeds(at))),
      ) as [number[], number[]];
      const expected = differences(
        (values) => Number(session.runSync(loss, feeds(values)).item()),
        at,
      );
      found.forEach((value, i) => {
        expect(value).to.be.closeTo(expected[i] as number, 1e-6);
        expect(value).to.be.closeTo(unchanged[i] as number, 1e-12);
      });
      await Promise.all([session.close(), plain.close()]);
    });
  }

  it('have one product in the body of each loop, and one for each gradient of weights', () => {
    const found = ['simpleRNN', 'gru', 'lstm', 'two lstm'].map((name) => {
      const { x, y, loss, variables } = built(nets[name] as () => Layer[]);
      return [products([loss, ...gradients(loss, variables)], x), products([y], x)];
    });
    // Of each layer: the state's product forwards and backwards; the input's, and the gradients of both kernels.
    const one = [
      { inside: 2, around: 3 },
      { inside: 1, around: 1 },
    ];
    // Between two layers flows one more.
    const two = [
      { inside: 4, around: 7 },
      { inside: 2, around: 2 },
    ];
    expect(found).to.deep.equal([one, one, one, two]);
  });
});
