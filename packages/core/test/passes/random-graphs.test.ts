import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import { Session } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { randomRuns } from '../random-runs.js';

describe('passes', () => {
  it('change no bit of what random graphs compute', () => {
    const [plain, optimised] = [false, true].map(
      (optimise) => new Session({ optimise, seed: 5 }),
    ) as [Session, Session];
    fc.assert(
      fc.property(randomSteps, (steps) => {
        const { feeds, tensors } = buildRandomGraph(steps);
        const [expected, found] = [plain, optimised].map((session) =>
          session.runSync([...tensors], { feeds }),
        );
        expect(found).to.deep.equal(expected);
      }),
      randomRuns(150),
    );
  });

  for (const pass of ['commonSubexpressions', 'fold', 'simplify', 'deadCode']) {
    it(`change no bit each alone: ${pass}`, () => {
      const [plain, alone] = [false, [pass]].map(
        (optimise) => new Session({ optimise, seed: 5 }),
      ) as [Session, Session];
      fc.assert(
        fc.property(randomSteps, (steps) => {
          const { feeds, tensors } = buildRandomGraph(steps);
          const [expected, found] = [plain, alone].map((session) =>
            session.runSync([...tensors], { feeds }),
          );
          expect(found).to.deep.equal(expected);
        }),
        randomRuns(60),
      );
    });
  }

  it('are refused under names that no pass has', () => {
    expect(() => new Session({ optimise: ['fould'] })).to.throw(
      /did you mean fold\?.*NAME_UNKNOWN/s,
    );
  });

  it('never leave more to run', () => {
    const [plain, optimised] = [false, true].map((optimise) => new Session({ optimise })) as [
      Session,
      Session,
    ];
    fc.assert(
      fc.property(randomSteps, (steps) => {
        const { feeds, tensors } = buildRandomGraph(steps);
        const [before, after] = [plain, optimised].map(
          (session) => session.explain([...tensors], { feeds }).kernels,
        ) as [number, number];
        expect(after).to.be.at.most(before);
      }),
      randomRuns(30),
    );
  });
});
