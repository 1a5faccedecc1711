import { type ToWorker, type WorkerEffect, WorkerProtocol } from '@tenon/distributed';
import { expect } from 'chai';

const says = (effects: readonly WorkerEffect<number, number>[]): string[] =>
  effects.map((effect) =>
    effect.kind === 'coordinator' || effect.kind === 'shard' ? effect.message.kind : effect.kind,
  );

/** A worker that computes the first step of group 0; nothing that is lost is sent again before time 1000. */
function computing(): (message: ToWorker, now: number) => string[] {
  const machine = new WorkerProtocol<number, number>({
    worker: 2,
    incarnation: 1,
    shards: 1,
    retryTime: 1000,
  });
  const hear = (message: ToWorker, now: number) => says(machine.fromCoordinator(message, now));
  expect(says(machine.tick(0))).to.deep.equal(['join']);
  expect(hear({ kind: 'joined', incarnation: 1, generation: 0 }, 1)).to.deep.equal(['begin']);
  const batch = { shard: 0, epoch: 0, from: 0, to: 1 };
  const place = { group: 0, round: 0, shared: true };
  const work: ToWorker = { kind: 'work', generation: 0, place, batch };
  expect(hear(work, 2)).to.deep.equal(['heartbeat', 'pull']);
  const pulled = { kind: 'pulled', shard: 0, generation: 0, request: 1, version: 0 } as const;
  expect(says(machine.fromShard({ ...pulled, parameters: 0 }, 3))).to.deep.equal([
    'heartbeat',
    'compute',
  ]);
  return hear;
}

describe('WorkerProtocol', () => {
  it('a worker whose round went on without it begins with the next one, not with the next retry', () => {
    const hear = computing();
    const round = { generation: 0, group: 0 };
    expect(hear({ kind: 'cancel', ...round, round: 0 }, 4)).to.deep.equal(['cancel', 'begin']);
    expect(hear({ kind: 'wait', generation: 0 }, 5)).to.deep.equal([]);
    expect(hear({ kind: 'advance', ...round, round: 1 }, 6)).to.deep.equal(['begin']);
  });

  it('news of a round that was over already do not stop a step', () => {
    const hear = computing();
    expect(hear({ kind: 'advance', generation: 0, group: 0, round: 0 }, 4)).to.deep.equal([]);
  });
});
