import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import { js, Session } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { randomRuns } from '../../random-runs.js';

describe('fusing', () => {
  it('changes no bit of what random graphs compute', () => {
    fc.assert(
      fc.property(randomSteps, (steps) => {
        const { feeds, tensors } = buildRandomGraph(steps);
        const [expected, found] = [false, true].map((fuse) =>
          new Session({ devices: [js({ fuse })], seed: 5 }).runSync([...tensors], { feeds }),
        );
        expect(found).to.deep.equal(expected);
      }),
      randomRuns(150),
    );
  });

  it('leaves fewer kernels', () => {
    const counts = [0, 0];
    fc.assert(
      fc.property(randomSteps, (steps) => {
        const { feeds, tensors } = buildRandomGraph(steps);
        const fetches = tensors.slice(-1);
        [false, true].forEach((fuse, i) => {
          const session = new Session({ devices: [js({ fuse })] });
          counts[i] = (counts[i] as number) + session.explain(fetches, { feeds }).kernels;
        });
      }),
      randomRuns(60),
    );
    expect((counts[1] as number) / (counts[0] as number)).to.be.below(0.8);
  });
});
