import { type Commit, CommitSets, type Update } from '@tenon/distributed';
import { expect } from 'chai';

const commit = (worker: number, changes: Partial<Commit> = {}): Commit => ({
  worker,
  incarnation: 1,
  push: 1,
  round: 0,
  tag: 0,
  examples: 4,
  ...changes,
});

function sets(take: number, workers: number): CommitSets {
  const made = new CommitSets({ take, leaseTime: 100 });
  for (let worker = 0; worker < workers; worker++) made.join(worker, 1, 0);
  return made;
}

const code = (protocol: CommitSets, made: Commit, now = 1): string =>
  protocol.commit(made, now).answer.code;

describe('CommitSets', () => {
  it('answers by incarnation, push and tag', () => {
    const protocol = sets(2, 3);
    expect([
      code(protocol, commit(0, { incarnation: 2 })),
      code(protocol, commit(9)),
      code(protocol, commit(0, { tag: 1 })),
      code(protocol, commit(0)),
      code(protocol, commit(0)),
      code(protocol, commit(0, { push: 2 })),
    ]).to.deep.equal(['ABORTED', 'ABORTED', 'FAILED_PRECONDITION', 'JOINED', 'JOINED', 'STALE']);
    expect(protocol.members.map(({ worker }) => worker)).to.deep.equal([0]);
  });

  it('is frozen at m, in the order of worker ids, and goes on only when applied', () => {
    const protocol = sets(2, 3);
    protocol.commit(commit(2), 1);
    const { update } = protocol.commit(commit(1), 1);
    expect(update?.members.map(({ worker }) => worker)).to.deep.equal([1, 2]);
    expect(update?.examples).to.equal(8);
    expect([code(protocol, commit(0)), protocol.version, protocol.place(0)]).to.deep.equal([
      'STALE',
      0,
      undefined,
    ]);
    expect(protocol.applied(update as Update)).to.deep.equal({
      group: 0,
      round: 1,
      version: 1,
      workers: [0, 1, 2],
    });
    expect(() => protocol.applied(update as Update)).to.throw('(STATE_INVALID)');
    expect(code(protocol, commit(1))).to.equal('JOINED');
    expect(protocol.members).to.deep.equal([]);
  });

  it('a push that a later one has overtaken never joins', () => {
    const protocol = sets(1, 1);
    const { update } = protocol.commit(commit(0, { push: 5 }), 1);
    protocol.applied(update as Update);
    expect(code(protocol, commit(0, { push: 4, tag: 1 }))).to.equal('STALE');
  });

  it('a lease ends unless it is renewed, and an older incarnation gets none', () => {
    const protocol = sets(2, 2);
    protocol.renew(0, 1, 90);
    expect(protocol.expire(120)).to.deep.equal([1]);
    expect(code(protocol, commit(1), 121)).to.equal('ABORTED');
    expect([protocol.join(1, 2, 130), protocol.join(1, 1, 130)]).to.deep.equal([true, false]);
    expect(code(protocol, commit(1), 131)).to.equal('ABORTED');
    expect(code(protocol, commit(0), 500)).to.equal('ABORTED');
  });

  it('its state survives JSON', () => {
    const protocol = sets(2, 3);
    protocol.commit(commit(2), 1);
    const copy = new CommitSets({ take: 2, leaseTime: 100 });
    copy.restore(JSON.parse(JSON.stringify(protocol.state())), 1000);
    expect(copy.state())
      .to.have.property('members')
      .that.deep.equals([commit(2)]);
    expect(code(copy, commit(2), 1001)).to.equal('JOINED');
    expect(copy.commit(commit(0), 1001).update?.members).to.have.length(2);
  });

  it('refuses sets of no workers and leases without duration', () => {
    expect(() => new CommitSets({ take: 0, leaseTime: 1 })).to.throw('(ATTRIBUTE_INVALID)');
    expect(() => new CommitSets({ take: 1, leaseTime: 0 })).to.throw('(ATTRIBUTE_INVALID)');
  });
});
