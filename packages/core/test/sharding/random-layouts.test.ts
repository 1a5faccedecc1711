import { buildRandomGraph, randomSteps, seededRandom } from '@tenon/conformance';
import {
  adam,
  add,
  assign,
  gather,
  gradients,
  type HostTensor,
  js,
  matMul,
  mean,
  mul,
  placeholder,
  randomNormal,
  relu,
  Session,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  type Variable,
  type VariableLayout,
  variable,
} from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { randomRuns } from '../random-runs.js';

const names = ['js:0', 'js:1', 'js:2'];
const devices = names.map((_, index) => js({ index }));

/** Numbers from which a layout of any variable follows. */
const choices = fc.record({
  axis: fc.nat({ max: 7 }),
  over: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 4 }),
  cuts: fc.nat({ max: 1000 }),
});

type Choice = typeof choices extends fc.Arbitrary<infer C> ? C : never;

/** A layout of a variable, its pieces of any size. */
function layoutOf({ shape }: Variable, { axis, over, cuts }: Choice): VariableLayout {
  const at = axis % shape.length;
  const extent = shape[at] as number;
  const homes = over.slice(0, extent).map((place) => names[place] as string);
  const { next } = seededRandom(String(cuts));
  const sizes = homes.map(() => 1);
  for (let left = extent - homes.length; left > 0; left--) {
    const place = Math.floor(next() * homes.length);
    sizes[place] = (sizes[place] as number) + 1;
  }
  return { axis: at, over: homes, sizes };
}

function expectNear(found: readonly HostTensor[], wanted: readonly HostTensor[]): void {
  expect(found.length).to.equal(wanted.length);
  wanted.forEach(({ data, shape }, i) => {
    const other = found[i] as HostTensor;
    expect(other.shape).to.deep.equal(shape);
    data.forEach((value: number | bigint, at: number) => {
      const [a, b] = [Number(value), Number(other.data[at])];
      if (!Object.is(a, b)) expect(Math.abs(a - b) / Math.max(1, Math.abs(a))).to.be.below(1e-5);
    });
  });
}

/** Rules of random graphs where the last bit of an input may change all of the result. */
const jumps = new Set([17, 21, 23, 24]);

/** An embedding, three products and Adam. */
function model() {
  const weight = (name: string, shape: number[], seed: number) =>
    variable(mul(randomNormal({ shape, seed }), 0.5), { name });
  const [table, w, b, v, u] = [
    weight('table', [9, 4], 1),
    weight('w', [4, 7], 2),
    weight('b', [7], 3),
    weight('v', [7, 6], 4),
    weight('u', [6, 6], 5),
  ] as const;
  const ids = placeholder({ shape: [null], dtype: 'int32' });
  const h = relu(add(matMul(gather(table, ids), w), b));
  const y = matMul(tanh(matMul(h, v)), u, { transposeB: true });
  const loss = mean(square(sub(y, 1)));
  const weights = [table, w, b, v, u];
  return { weights, ids, loss, y, step: adam({ learningRate: 0.01 }).minimize(loss, weights) };
}

describe('random layouts', () => {
  it('give the results of whole variables in random graphs, updates included', async () => {
    await fc.assert(
      fc.asyncProperty(randomSteps, choices, async (drawn, choice) => {
        const steps = drawn.map((step) => (jumps.has(step.rule) ? { ...step, rule: 0 } : step));
        const run = async (split: boolean) => {
          const session = new Session({ devices, seed: 5 });
          const { feeds, tensors } = buildRandomGraph(steps);
          const v = tensors[4] as Variable;
          if (split) session.place(v, layoutOf(v, choice));
          const total = tanh(sum(tensors.at(-1) as Tensor));
          const [slope] = gradients(total, [v]);
          const fetches = [...tensors, slope, assign(v, sub(v, mul(slope, 0.1)))];
          const results = [
            ...(await session.run(fetches, { feeds })),
            ...(await session.run(fetches, { feeds })),
            await session.read(v),
          ];
          session.close();
          return results;
        };
        expectNear(await run(true), await run(false));
      }),
      randomRuns(40),
    );
  });

  it('train a model to the weights that whole ones are trained to', async () => {
    const ids = Int32Array.of(3, 0, 8, 3, 5);
    const trained = async (layouts: readonly Choice[]) => {
      const session = new Session({ devices, seed: 5 });
      const { weights, ids: fed, loss, y, step } = model();
      layouts.forEach((choice, i) => {
        const weight = weights[i] as Variable;
        session.place(weight, layoutOf(weight, choice));
      });
      const call = session.prepare([loss, y, step], [fed]);
      for (let i = 0; i < 5; i++) await call(ids);
      const results = [...(await call(ids)).slice(0, 2)];
      for (const weight of weights) results.push(await session.read(weight));
      session.close();
      return results;
    };
    const whole = await trained([]);
    await fc.assert(
      fc.asyncProperty(fc.array(choices, { minLength: 1, maxLength: 5 }), async (layouts) => {
        expectNear(await trained(layouts), whole);
      }),
      randomRuns(20),
    );
  });
});
