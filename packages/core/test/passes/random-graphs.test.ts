import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import { type HostTensor, Session } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { randomRuns } from '../random-runs.js';

const exact = ['commonSubexpressions', 'fold', 'simplify', 'shareLoops', 'deadCode', 'hoistBefore'];

// Sums over the turns of a loop are taken in another order, whose rounding what follows may magnify.
const regrouped = 1e-4;

function expectClose(found: HostTensor, expected: HostTensor): void {
  const values = Array.from(found.data, Number);
  Array.from(expected.data, Number).forEach((value, i) => {
    if (Object.is(values[i], value)) return;
    expect(values[i]).to.be.closeTo(value, regrouped * Math.max(1, Math.abs(value)));
  });
}

describe('passes', () => {
  it('change no bit of what random graphs compute, but for the order of sums over turns', () => {
    const [plain, optimised] = [false, exact].map(
      (optimise) => new Session({ optimise, seed: 5 }),
    ) as [Session, Session];
    const regrouping = new Session({ seed: 5 });
    fc.assert(
      fc.property(randomSteps, (steps) => {
        const { feeds, tensors } = buildRandomGraph(steps);
        const [expected, found] = [plain, optimised].map((session) =>
          session.runSync([...tensors], { feeds }),
        );
        expect(found).to.deep.equal(expected);
        const all = regrouping.runSync([...tensors], { feeds });
        all.forEach(
          (value, i) => void expectClose(value, (expected as HostTensor[])[i] as HostTensor),
        );
      }),
      randomRuns(150),
    );
  });

  for (const pass of exact) {
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
