import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import { add, assign, Session, sum, type Tensor, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { createLocalCluster } from '../src/index.js';

const names = [
  '/job:worker/task:0',
  '/job:worker/task:1',
  '/job:ps/task:0',
  '/job:worker/task:2/device:js:0',
];

const numRuns = 40 * Number(process.env.TENON_RUNS ?? 1);

describe('a random graph at random places of a cluster', () => {
  it('computes bit for bit what one device computes, updates included', async () => {
    const cluster = await createLocalCluster({ workers: 3, parameterServers: 1 });
    const session = cluster.session({ seed: 5 });
    const one = new Session({ seed: 5 });
    try {
      await fc.assert(
        fc.asyncProperty(
          randomSteps,
          fc.array(fc.nat({ max: 3 }), { maxLength: 4 }),
          async (steps, homes) => {
            const run = async (target: Session, devices: readonly string[]) => {
              const { tensors, feeds } = buildRandomGraph(steps, devices);
              const total = sum(tensors.at(-1) as Tensor);
              const cells = homes.map((home, i) => {
                const make = () => variable(i + 0.5, { name: `v${i}` });
                return devices.length ? withDevice(devices[home] as string, make) : make();
              });
              const updates = cells.map((cell) => assign(cell, add(cell, total)));
              const fetches = [...tensors, ...updates];
              const first = await target.run(fetches, { feeds });
              return [first, await target.run(fetches, { feeds }), await target.run(cells)];
            };
            expect(await run(session, names)).to.deep.equal(await run(one, []));
          },
        ),
        { numRuns },
      );
    } finally {
      await cluster.close();
    }
  });
});
