import { GraphError } from '@tenon/core';
import { expect } from 'chai';
import {
  type BucketSpec,
  newLinkMemory,
  newSignalMemory,
  RingMember,
  RingSignal,
  type Wire,
} from '../../src/collectives/index.js';

const buckets: readonly BucketSpec[] = [
  { kind: 'float32', length: 50 },
  { kind: 'float64', length: 3 },
  { kind: 'float32', length: 0 },
];

/** Two replicas of this thread: neither may wait for the other. */
function pair({ slots = 64, deadline = 10_000, wire = 'exact' as Wire } = {}) {
  const format = { buckets, pieceBytes: 32, wire, slots };
  const links = [newLinkMemory(format), newLinkMemory(format)];
  const signals = [0, 1].map(() => new RingSignal(newSignalMemory()));
  const members = signals.map(
    (signal, rank) =>
      new RingMember({
        ...format,
        rank,
        size: 2,
        deadline,
        incoming: links[1 - rank] as SharedArrayBuffer,
        outgoing: links[rank] as SharedArrayBuffer,
        signal,
        wrote: () => signals[1 - rank]?.ring(),
        took: () => signals[1 - rank]?.ring(),
      }),
  );
  return { members, signals } as {
    members: [RingMember, RingMember];
    signals: [RingSignal, RingSignal];
  };
}

function thrown(act: () => unknown): GraphError {
  try {
    act();
  } catch (error) {
    return error as GraphError;
  }
  throw new Error('nothing was thrown');
}

const ramp = (length: number, scale: number) => Float32Array.from({ length }, (_, i) => scale * i);

describe('a member of a ring', () => {
  it('has the sums of bucket after bucket and round after round', () => {
    const { members } = pair();
    for (let round = 1; round <= 5; round++) {
      members.forEach((member, rank) => {
        member.contribute(0, [ramp(20, round), ramp(30, rank + 1)]);
        member.contribute(1, [Float64Array.of(rank, round, 2 ** -40)]);
        member.contribute(2, []);
      });
      const both = Float32Array.of(...ramp(20, 2 * round), ...ramp(30, 3));
      for (const member of members) {
        expect(member.finish(2)).to.deep.equal(new Float32Array(0));
        expect(member.finish(0)).to.deep.equal(both);
        expect(member.finish(1)).to.deep.equal(Float64Array.of(1, 2 * round, 2 ** -39));
      }
    }
  });

  it('sends the upper halves of float32 on a bfloat16 wire, and all else as it is', () => {
    const { members } = pair({ wire: 'bfloat16' });
    const exact = Float64Array.of(1 + 2 ** -40, 0, 0);
    for (const member of members) {
      member.contribute(0, [Float32Array.from({ length: 50 }, (_, i) => 1 + i * 2 ** -12)]);
      member.contribute(1, [exact]);
    }
    for (const member of members) {
      const sums = member.finish(0);
      expect(sums).to.deep.equal(members[0].finish(0));
      sums.forEach((sum, i) => {
        expect(sum).to.be.closeTo(2 + i * 2 ** -11, 2 * 2 ** -8);
        // Eight bits: what lies between two of them is rounded.
        expect(sum * 2 ** 6).to.equal(Math.round(sum * 2 ** 6));
      });
      expect(member.finish(1)[0]).to.equal(2 + 2 ** -39);
    }
  });

  it('keeps frames for which the link has no room, and says whom it waits for when time is up', () => {
    const { members } = pair({ slots: 1, deadline: 30 });
    members[0].contribute(0, [ramp(50, 1)]);
    const { code, message } = thrown(() => members[0].finish(0));
    expect([code, message]).to.deep.equal(['DEADLINE_EXCEEDED', message]);
    expect(message).to.contain('replica 0 within 30 ms; it waits for replica 1');
    // Nothing is lost by that: each turn of one makes room for the other.
    members[1].contribute(0, [ramp(50, 2)]);
    for (let done = false; !done; ) {
      done = true;
      for (const member of members) {
        try {
          expect(member.finish(0)).to.deep.equal(ramp(50, 3));
        } catch (error) {
          if (!(error instanceof GraphError)) throw error;
          done = false;
        }
      }
    }
  });

  it('fails with the first reason for which its ring was ended, and with the name of who told', () => {
    const { members, signals } = pair();
    members[0].contribute(1, [new Float64Array(3)]);
    signals[0].abort(new GraphError('UNAVAILABLE', 'x', { what: 'it died.' }), 'replica 1');
    signals[0].abort(new Error('later'), 'replica 2');
    for (const act of [
      () => members[0].finish(1),
      () => members[0].contribute(0, [new Float32Array(50)]),
    ]) {
      const { code, message } = thrown(act);
      expect([code, message]).to.deep.equal(['UNAVAILABLE', message]);
      expect(message).to.contain('replica 1').and.contain('it died.');
    }
    signals[1].abort(new Error('x'.repeat(100_000)), 'replica 0');
    expect(thrown(() => members[1].contribute(2, [])).code).to.equal('RUN_FAILED');
  });
});
