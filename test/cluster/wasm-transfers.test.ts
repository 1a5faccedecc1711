import { buildRandomGraph, randomSteps, type Step } from '@tenon/conformance';
import { add, assign, Session, sum, type Tensor, variable, withDevice } from '@tenon/core';
import { createLocalCluster } from '@tenon/distributed';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';
import fc from 'fast-check';

const tasks = ['/job:worker/task:0', '/job:worker/task:1', '/job:ps/task:0'];
const numRuns = 8 * Number(process.env.TENON_RUNS ?? 1);

describe('what crosses between wasm devices', () => {
  // Two threads: then memory is shared, and values are sent and received where they lie.
  for (const threads of [1, 2])
    it(`is what the same devices of one process compute, on ${threads} threads`, async () => {
      const device = (index: number) => wasm({ threads, index });
      const locals = tasks.map((_, index) => device(index));
      const remotes = tasks.map(() => device(0));
      const rest = [...remotes];
      const cluster = await createLocalCluster({
        workers: 2,
        parameterServers: 1,
        devices: () => [rest.pop() as (typeof remotes)[number]],
      });
      // Not one device: sums are added up in another order where they are fused with what they add up.
      const far = { session: cluster.session({ seed: 5 }), places: tasks };
      const near = {
        session: new Session({ seed: 5, devices: locals }),
        places: locals.map(({ name }) => name),
      };
      try {
        const anySteps = fc.asyncProperty(
          randomSteps,
          fc.array(fc.nat({ max: 2 }), { maxLength: 3 }),
          async (steps, homes) => {
            expect(await run(far, steps, homes)).to.deep.equal(await run(near, steps, homes));
          },
        );
        await fc.assert(anySteps, { numRuns });
      } finally {
        await cluster.close();
        near.session.close();
        for (const one of [...locals, ...remotes]) one.close();
      }
    });
});

interface Target {
  readonly session: Session;
  readonly places: readonly string[];
}

/** Two steps of a graph whose sum is added to variables at home on some of the places, and the variables after them. */
async function run(
  { session, places }: Target,
  steps: readonly Step[],
  homes: readonly number[],
): Promise<readonly unknown[]> {
  const { tensors, feeds } = buildRandomGraph(steps, places);
  const total = sum(tensors.at(-1) as Tensor);
  const cells = homes.map((home, i) =>
    withDevice(places[home] as string, () => variable(i + 0.5, { name: `v${i}` })),
  );
  const updates = cells.map((cell) => assign(cell, add(cell, total)));
  const step = () => session.run([...tensors, ...updates], { feeds });
  return [await step(), await step(), await session.run(cells)];
}
