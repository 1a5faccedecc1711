import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import { add, assign, Session, sum, type Tensor, variable, withDevice } from '@tenon/core';
import { createLocalCluster } from '@tenon/distributed';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';
import fc from 'fast-check';

const places = ['/job:worker/task:0', '/job:worker/task:1', '/job:ps/task:0'];
const numRuns = 8 * Number(process.env.TENON_RUNS ?? 1);

describe('what crosses between wasm devices', () => {
  // Two threads: then memory is shared, and values are sent and received where they lie.
  for (const threads of [1, 2])
    it(`is what one of them computes, on ${threads} threads`, async () => {
      const made = Array.from({ length: 4 }, () => wasm({ threads }));
      const rest = [...made];
      const take = () => [rest.pop() as (typeof made)[number]];
      const cluster = await createLocalCluster({ workers: 2, parameterServers: 1, devices: take });
      const session = cluster.session({ seed: 5 });
      const one = new Session({ seed: 5, devices: take() });
      const run = async (target: Session, steps: readonly unknown[], homes: readonly number[]) => {
        const devices = target === session ? places : [];
        const { tensors, feeds } = buildRandomGraph(steps as never, devices);
        const total = sum(tensors.at(-1) as Tensor);
        const cells = homes.map((home, i) => {
          const make = () => variable(i + 0.5, { name: `v${i}` });
          return devices.length ? withDevice(places[home] as string, make) : make();
        });
        const updates = cells.map((cell) => assign(cell, add(cell, total)));
        const first = await target.run([...tensors, ...updates], { feeds });
        return [
          first,
          await target.run([...tensors, ...updates], { feeds }),
          await target.run(cells),
        ];
      };
      try {
        await fc.assert(
          fc.asyncProperty(
            randomSteps,
            fc.array(fc.nat({ max: 2 }), { maxLength: 3 }),
            async (steps, homes) => {
              expect(await run(session, steps, homes)).to.deep.equal(await run(one, steps, homes));
            },
          ),
          { numRuns },
        );
      } finally {
        await cluster.close();
        one.close();
        for (const device of made) device.close();
      }
    });
});
