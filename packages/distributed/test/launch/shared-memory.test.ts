import { add, assign, mul, ones, placeholder, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import { createLocalCluster } from '../../src/index.js';
import { ask } from './telling-threads.js';

const elements = 100_000;

/** A server's variable that a worker reads and updates: two tensors cross in each step. */
function crossing() {
  const w = withDevice('/job:ps/task:0', () => variable(ones({ shape: [elements] })));
  const x = placeholder({ shape: [] });
  const gradient = withDevice('/job:worker/task:0', () => mul(w, x));
  return { w, x, step: assign(w, add(w, gradient)) };
}

describe('tensors between the threads of a cluster', function () {
  // Each thread loads the engine from its sources.
  this.timeout(60_000);

  for (const [kind, shared] of [
    ['wasm', true],
    ['js', false],
  ] as const)
    it(`of ${kind} devices are pulled from thread to thread, into memory that is ${shared ? '' : 'not '}shared`, async () => {
      const devices = new URL(`./telling-threads.ts?${kind}`, import.meta.url);
      const jobs = { workers: 1, parameterServers: 1 };
      const cluster = await createLocalCluster({ tasks: 'threads', ...jobs, devices });
      try {
        const session = cluster.session();
        const { w, x, step } = crossing();
        const run = session.prepare([withDevice('/job:ps/task:0', () => add(step, 0))], [x]);
        for (let i = 0; i < 3; i++) await run(1);
        expect((await session.read(w)).data).to.deep.equal(new Float32Array(elements).fill(8));
        const pulled = { elements, shared, landed: true };
        const told = await ask(2);
        expect(told.map(({ pulls }) => pulls)).to.deep.equal([
          [pulled, pulled, pulled],
          [pulled, pulled, pulled],
        ]);
        expect(told.flatMap(({ resources }) => resources)).to.not.include('TCPSocketWrap');
      } finally {
        await cluster.close();
      }
    });
});
