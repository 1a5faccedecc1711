import { type Commit, Hybrid } from '@tenon/distributed';
import { expect } from 'chai';

const commit = (worker: number, push: number, changes: Partial<Commit> = {}): Commit => ({
  worker,
  incarnation: 1,
  push,
  group: worker % 2,
  round: 0,
  tag: 0,
  examples: 1,
  ...changes,
});

/** Two of each group make an update; even workers are in the first group, odd ones in the second. */
function hybrid(workers: number, maxStaleness = 1): Hybrid {
  const protocol = new Hybrid({ take: 2, leaseTime: 50, groups: 2, maxStaleness });
  for (let worker = 0; worker < workers; worker++) protocol.join(worker, 1, 0);
  return protocol;
}

const alive = (protocol: Hybrid, workers: readonly number[]): number[] =>
  workers.filter((worker) => protocol.renew(worker, 1, 1));

describe('groups of workers that go', () => {
  it('make one that is large enough of two that are too small', () => {
    const protocol = hybrid(4);
    protocol.leave(2, 1);
    protocol.leave(3, 1);
    expect(protocol.regroup()).to.deep.equal([]);
    expect(alive(protocol, [0, 1])).to.deep.equal([0]);
    protocol.join(1, 1, 1);
    // What was made for the former group counts in no other.
    expect(protocol.commit(commit(1, 1, { group: 1 }), 1).answer.code).to.equal('STALE');
    protocol.commit(commit(0, 1), 1);
    const { update } = protocol.commit(commit(1, 2, { group: 0 }), 1);
    expect(update?.members.map(({ worker }) => worker)).to.deep.equal([0, 1]);
  });

  it('take who is spare elsewhere, one that has not joined the round before one that has', () => {
    const protocol = hybrid(5);
    protocol.commit(commit(4, 1), 1);
    protocol.leave(3, 1);
    protocol.regroup();
    expect(alive(protocol, [0, 1, 2, 4])).to.deep.equal([0, 1, 4]);
    expect(protocol.place(4)).to.equal(undefined);
    protocol.join(2, 1, 1);
    expect(protocol.place(2)).to.deep.equal({ group: 1, round: 0, shared: true });
  });

  it('stay as they are where moving would not make one more of them large enough', () => {
    const protocol = hybrid(4);
    protocol.leave(3, 1);
    protocol.regroup();
    expect(alive(protocol, [0, 1, 2])).to.deep.equal([0, 1, 2]);
  });

  it('drop the commit of who is moved, so that its examples come again', () => {
    const protocol = hybrid(4);
    const waiting = commit(1, 1);
    protocol.commit(waiting, 1);
    protocol.leave(2, 1);
    protocol.leave(3, 1);
    protocol.commit(commit(0, 1), 1);
    expect(protocol.regroup()).to.deep.equal([{ cancel: [], refused: [waiting] }]);
  });

  it('end a round whose members have waited until they are too stale', () => {
    const protocol = hybrid(4, 0);
    const waiting = commit(1, 1);
    protocol.commit(waiting, 1);
    expect(protocol.regroup()).to.deep.equal([]);
    protocol.commit(commit(0, 1), 1);
    const { update } = protocol.commit(commit(2, 1), 1);
    expect(update?.version).to.equal(0);
    const [outcome] = protocol.regroup();
    expect(outcome?.refused).to.deep.equal([waiting]);
    expect(outcome?.advance).to.deep.equal({ group: 1, round: 1, version: 1, workers: [1, 3] });
  });
});
