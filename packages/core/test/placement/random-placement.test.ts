import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import {
  add,
  assign,
  controlDependencies,
  defineOp,
  js,
  mul,
  read,
  Session,
  sum,
  type Tensor,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { randomRuns } from '../random-runs.js';

const names = ['js:0', 'js:1', 'js:2'];
const threeDevices = () =>
  new Session({ devices: [0, 1, 2].map((index) => js({ index })), seed: 5 });

describe('a graph over several devices', () => {
  it('computes bit for bit what one device computes', async () => {
    for (const optimise of [true, false]) {
      const one = new Session({ seed: 5, optimise });
      const three = new Session({
        devices: [0, 1, 2].map((index) => js({ index })),
        seed: 5,
        optimise,
      });
      await fc.assert(
        fc.asyncProperty(randomSteps, async (steps) => {
          const single = buildRandomGraph(steps);
          const spread = buildRandomGraph(steps, names);
          const expected = await one.run([...single.tensors], { feeds: single.feeds });
          expect(await three.run([...spread.tensors], { feeds: spread.feeds })).to.deep.equal(
            expected,
          );
        }),
        randomRuns(80),
      );
    }
  });

  it('sets variables on other devices, and reads them after their update, as on one', async () => {
    const cell = fc.record({
      home: fc.nat({ max: 2 }),
      value: fc.nat({ max: 2 }),
      ordered: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { minLength: 1, maxLength: 5 }),
        randomSteps,
        async (cells, steps) => {
          const run = async (session: Session, devices: readonly string[]) => {
            const { feeds, tensors } = buildRandomGraph(steps, devices);
            const at = <T>(place: number, build: () => T): T =>
              devices.length ? withDevice(devices[place] as string, build) : build();
            let total: Tensor = sum(tensors.at(-1) as Tensor);
            const variables = cells.map(({ home }, i) =>
              at(home, () => variable(i + 0.5, { name: `v${i}` })),
            );
            const fetches = cells.map(({ value, ordered }, i) => {
              const own = variables[i] as (typeof variables)[number];
              const update = assign(own, add(own, total));
              total = at(value, () =>
                ordered
                  ? controlDependencies([update], () => mul(read(own), total))
                  : mul(own, total),
              );
              return [update, total];
            });
            const first = await session.run(fetches, { feeds });
            return [first, await session.run(fetches, { feeds }), await session.run(variables)];
          };
          expect(await run(threeDevices(), names)).to.deep.equal(
            await run(new Session({ seed: 5 }), []),
          );
        },
      ),
      randomRuns(40),
    );
  });

  it('keeps the order that control edges between devices ask for', async () => {
    const seen: number[] = [];
    const note = defineOp({
      name: 'note',
      inputs: ['x'],
      role: 'host',
      infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
      grad: null,
      run({ x }) {
        seen.push(x.item());
        return x;
      },
    });
    const at = (i: number, value: number, after: readonly Tensor[]) =>
      withDevice(names[i % 3] as string, () => controlDependencies(after, () => note(value)));
    const first = at(0, 0, []);
    const second = at(1, 1, [first]);
    const third = at(2, 2, [second, first]);
    const fourth = at(1, 3, [third]);
    for (const fetches of [[fourth], [fourth, first, second], [first, second, third, fourth]]) {
      seen.length = 0;
      await threeDevices().run(fetches);
      expect(seen).to.deep.equal([0, 1, 2, 3]);
    }
  });
});
