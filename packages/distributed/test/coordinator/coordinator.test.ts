import {
  Asynchronous,
  type Commit,
  CommitSets,
  Coordinator,
  type CoordinatorEffect,
  type CoordinatorState,
  DataLeases,
  parseCoordinatorState,
  type UpdateProtocol,
} from '@tenon/distributed';
import { expect } from 'chai';

const make = (
  shards = 2,
  protocol: UpdateProtocol = new CommitSets({ take: 2, leaseTime: 100 }),
): { machine: Coordinator; data: DataLeases } => {
  const data = new DataLeases({ sizes: [6, 6, 6], batchSize: 3 });
  const options = { protocol, data, shards, checkpointEvery: 2, retryTime: 10 };
  return { machine: new Coordinator(options), data };
};

/** Both shards are there, and three workers. */
function ready(protocol?: UpdateProtocol): ReturnType<typeof make> {
  const made = make(2, protocol);
  for (const shard of [0, 1]) made.machine.fromShard({ kind: 'hello', shard, incarnation: 1 });
  restore(made.machine);
  for (const worker of [0, 1, 2]) {
    made.machine.fromWorker({ kind: 'join', worker, incarnation: 1 }, 0);
  }
  return made;
}

function restore(machine: Coordinator): void {
  const { generation, point } = machine;
  const { version } = point;
  for (const shard of [0, 1])
    machine.fromShard({ kind: 'restored', shard, incarnation: 1, generation, version });
}

const applied = (machine: Coordinator, shard: number, version: number) =>
  machine.fromShard({ kind: 'applied', shard, generation: machine.generation, version });

/** A worker begins and commits. */
function work(machine: Coordinator, worker: number, push: number): CoordinatorEffect[] {
  const { generation } = machine;
  const to = { worker, incarnation: 1, generation };
  const [begun] = machine.fromWorker({ kind: 'begin', ...to }, 1);
  if (begun?.kind !== 'worker' || begun.message.kind !== 'work') return begun ? [begun] : [];
  const { place, batch } = begun.message;
  const tag = place.round;
  const commit: Commit = { worker, incarnation: 1, push, round: tag, tag, examples: 3 };
  const whole = batch ? { ...commit, batch } : commit;
  return machine.fromWorker({ kind: 'commit', ...to, commit: whole }, 1);
}

const names = (effects: readonly CoordinatorEffect[]): string[] =>
  effects.map((effect) =>
    effect.kind === 'worker' || effect.kind === 'shard' ? effect.message.kind : effect.kind,
  );

describe('Coordinator', () => {
  it('nobody works before every shard has its parameters', () => {
    const { machine } = make();
    expect(names(machine.fromShard({ kind: 'hello', shard: 0, incarnation: 1 }))).to.deep.equal([
      'save',
      'rewound',
      'restore',
      'restore',
    ]);
    machine.fromWorker({ kind: 'join', worker: 0, incarnation: 1 }, 0);
    expect(names(work(machine, 0, 1))).to.deep.equal(['wait']);
    restore(machine);
    expect(names(work(machine, 0, 1))).to.deep.equal(['decided']);
  });

  it('shards that come one by one, or again before they are restored, are of one generation', () => {
    const { machine } = make();
    machine.fromShard({ kind: 'hello', shard: 0, incarnation: 1 });
    const { generation } = machine;
    const restored = (shard: number, incarnation: number) =>
      machine.fromShard({ kind: 'restored', shard, incarnation, generation, version: 0 });
    expect(names(machine.fromShard({ kind: 'hello', shard: 1, incarnation: 1 }))).to.deep.equal([
      'restore',
    ]);
    restored(0, 1);
    expect(names(machine.fromShard({ kind: 'hello', shard: 1, incarnation: 2 }))).to.deep.equal([
      'restore',
    ]);
    expect(machine.generation).to.equal(generation);
    machine.fromWorker({ kind: 'join', worker: 0, incarnation: 1 }, 0);
    restored(1, 1); // of the process that has died
    expect(names(work(machine, 0, 1))).to.deep.equal(['wait']);
    restored(1, 2);
    expect(names(work(machine, 0, 1))).to.deep.equal(['decided']);
  });

  it('saves a complete set before shards hear of it, cancels the others, and goes on when all have applied it', () => {
    const { machine, data } = ready();
    work(machine, 0, 1);
    expect(names(work(machine, 2, 1))).to.deep.equal([
      'save',
      'apply',
      'apply',
      'cancel',
      'decided',
    ]);
    expect([names(applied(machine, 0, 1)), data.applied]).to.deep.equal([[], 0]);
    expect(names(applied(machine, 1, 1))).to.deep.equal([
      'applied',
      'advance',
      'advance',
      'advance',
    ]);
    expect([machine.applied, data.applied]).to.deep.equal([1, 6]);
  });

  it('sends again to the shards that have not acknowledged', () => {
    const { machine } = ready();
    machine.tick(5);
    for (const worker of [0, 1]) work(machine, worker, 1);
    applied(machine, 0, 1);
    const again = machine.tick(20);
    expect(again.map((effect) => effect.kind === 'shard' && effect.shard)).to.deep.equal([1]);
    expect([machine.tick(25), machine.tick(30).length]).to.deep.equal([[], 1]);
  });

  it('a lost shard takes all back to the last checkpoint, and the data with them', () => {
    const { machine, data } = ready();
    for (const version of [0, 1, 2]) {
      for (const worker of [0, 1]) work(machine, worker, version);
      for (const shard of [0, 1]) applied(machine, shard, version + 1);
    }
    expect([machine.applied, data.applied, machine.point.version]).to.deep.equal([3, 18, 2]);
    const { generation } = machine;
    machine.fromShard({ kind: 'hello', shard: 1, incarnation: 2 });
    expect([machine.applied, data.applied]).to.deep.equal([2, 12]);
    expect(machine.generation).to.equal(generation + 1);
    const late = { kind: 'heartbeat', worker: 0, incarnation: 1, generation } as const;
    expect(names(machine.fromWorker(late, 2))).to.deep.equal(['aborted']);
    machine.fromShard({ kind: 'applied', shard: 0, generation, version: 9 });
    expect(machine.applied).to.equal(2);
  });

  it('continues from its saved state with the set that was frozen', () => {
    const { machine } = ready();
    work(machine, 0, 1);
    const [saved] = work(machine, 1, 1) as [CoordinatorEffect & { kind: 'save' }];
    const { machine: next, data } = make();
    next.restore(parseCoordinatorState(JSON.stringify(saved.state)), 500);
    expect(names(next.tick(500))).to.deep.equal(['apply', 'apply']);
    for (const shard of [0, 1]) applied(next, shard, 1);
    expect([next.applied, data.applied]).to.deep.equal([1, 6]);
    expect(names(work(next, 0, 2))).to.deep.equal(['decided']);
  });

  it('a round that ends without an update is saved before the worker hears of it', () => {
    // Shards have seen the round: a coordinator that went back to it would send the worker round in circles.
    const { machine } = ready(new Asynchronous({ leaseTime: 100, maxStaleness: 0 }));
    work(machine, 0, 1);
    for (const shard of [0, 1]) applied(machine, shard, 1);
    expect(names(work(machine, 1, 1))).to.deep.equal(['save', 'advance', 'decided']);
  });

  it('a worker that leaves gives its data back, and its commits are refused', () => {
    const { machine, data } = ready();
    const { generation } = machine;
    const to = { worker: 0, incarnation: 1 };
    machine.fromWorker({ kind: 'begin', ...to, generation }, 1);
    machine.fromWorker({ kind: 'leave', ...to }, 2);
    expect(data.acquire(1)).to.deep.equal({ shard: 0, epoch: 0, from: 0, to: 3 });
    const beat = { kind: 'heartbeat', ...to, generation } as const;
    expect(names(machine.fromWorker(beat, 3))).to.deep.equal(['aborted']);
  });

  it('a state older than the shards takes them back', () => {
    const { machine } = ready();
    expect(names(applied(machine, 0, 7))).to.include('rewound');
    const generation = 40;
    expect(names(machine.fromShard({ kind: 'newer', shard: 0, generation }))).to.include('restore');
    expect(machine.generation).to.equal(41);
  });

  it('refuses states that are malformed or of other shards', () => {
    const state: CoordinatorState = make().machine.state();
    expect(() => make(3).machine.restore(state, 0)).to.throw('(FORMAT_INVALID)');
    for (const text of ['', '{}', JSON.stringify({ ...state, format: 2 })]) {
      expect(() => parseCoordinatorState(text)).to.throw('(FORMAT_INVALID)');
    }
    expect(() => make(0)).to.throw('(ATTRIBUTE_INVALID)');
  });
});
