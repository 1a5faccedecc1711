import {
  type ArrayGradients,
  type ArrayParameters,
  arrayArithmetic,
  arraySgd,
  type Commit,
  CommitSets,
  ParameterShard,
  type Update,
} from '@tenon/distributed';
import { expect } from 'chai';

const place = { group: 0, round: 0, shared: true };

const commit = (worker: number, changes: Partial<Commit> = {}): Commit => ({
  worker,
  incarnation: 1,
  push: 1,
  round: 0,
  tag: 0,
  examples: 1,
  ...changes,
});

/** Worker w's gradients: 0.1 + 0.2w for v0, 0.9 + 0.2w for v1. */
const gradients = (w: number): ArrayGradients => ({
  v0: { values: Float32Array.of(0.1 + 0.2 * w) },
  v1: { values: Float32Array.of(0.9 + 0.2 * w) },
});

function shard(): ParameterShard<ArrayParameters, ArrayGradients> {
  const made = new ParameterShard<ArrayParameters, ArrayGradients>({
    shard: 0,
    incarnation: 0,
    arithmetic: arrayArithmetic(arraySgd(2)),
    divide: 'members',
    maxStaleness: 0,
  });
  made.fromCoordinator({ kind: 'restore', generation: 0, version: 0 });
  made.loaded(0, 0, {
    v0: { values: Float32Array.of(0), width: 1 },
    v1: { values: Float32Array.of(1), width: 1 },
  });
  return made;
}

const values = (at: ParameterShard<ArrayParameters, ArrayGradients>): number[] =>
  ['v0', 'v1'].map((name) => at.parameters?.[name]?.values[0] ?? Number.NaN);

const push = (at: ReturnType<typeof shard>, worker: number) =>
  at.fromWorker({
    kind: 'push',
    generation: 0,
    commit: commit(worker),
    gradient: gradients(worker),
  });

const apply = (at: ReturnType<typeof shard>, update: Update) =>
  at.fromCoordinator({
    kind: 'apply',
    generation: 0,
    updates: [{ update, checkpoint: false }],
    complete: 0,
  });

function sets(take: number, workers: number): CommitSets {
  const made = new CommitSets({ take, leaseTime: 100 });
  for (let worker = 0; worker < workers; worker++) made.join(worker, 1, 0);
  return made;
}

describe('known answers of synchronous replicas', () => {
  it('two workers: v0 = -0.4 and v1 = -1.0 after one step', () => {
    const [at, protocol] = [shard(), sets(2, 2)];
    push(at, 0);
    push(at, 1);
    const decisions = [protocol.commit(commit(0), 1), protocol.commit(commit(1), 1)];
    apply(at, decisions[1]?.update as Update);
    expect(values(at)).to.deep.equal([-0.4, -1].map(Math.fround));
  });

  it('three workers with one backup, arrivals 0 then 2: -0.6 and -1.2; the late push is dropped', () => {
    const [at, protocol] = [shard(), sets(2, 3)];
    for (const worker of [0, 2]) push(at, worker);
    protocol.commit(commit(0), 1);
    const { update, cancel } = protocol.commit(commit(2), 1);
    apply(at, update as Update);
    protocol.applied(update as Update);
    const late = push(at, 1);
    const answer = protocol.commit(commit(1), 2).answer.code;
    // 1 - 2 * (0.9 + 1.3) / 2 in float32 is two units in the last place from -1.2.
    expect(values(at)[0]).to.equal(Math.fround(-0.6));
    expect(values(at)[1]).to.be.closeTo(-1.2, 3e-7);
    expect({ cancel, answer, dropped: protocol.dropped }).to.deep.equal({
      cancel: [1],
      answer: 'STALE',
      dropped: 1,
    });
    expect(late).to.have.nested.property('[0].message.kind', 'overtaken');
    expect(at.waiting).to.equal(0);
  });

  it('reduces in the order of worker ids, whatever the order of arrival', () => {
    const results = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ].map((order) => {
      const [at, protocol] = [shard(), sets(3, 3)];
      const decided = order.map((worker) => {
        // Sums of these depend on the order of the terms.
        const v = Float32Array.of([1e8, 1, -1e8][worker] as number);
        at.fromWorker({
          kind: 'push',
          generation: 0,
          commit: commit(worker),
          gradient: { v0: { values: v } },
        });
        return protocol.commit(commit(worker), 1);
      });
      apply(at, decided[2]?.update as Update);
      return values(at)[0];
    });
    expect(results).to.deep.equal([-0, -0, -0].map(() => results[0]));
    expect(Math.abs(results[0] as number)).to.equal(0);
  });

  it('a repeated push and a repeated update change nothing', () => {
    const [at, protocol] = [shard(), sets(2, 2)];
    for (const worker of [0, 1, 0, 1]) push(at, worker);
    protocol.commit(commit(0), 1);
    const { update } = protocol.commit(commit(1), 1);
    const acknowledged = [1, 2, 3].map(() => apply(at, update as Update));
    for (const effects of acknowledged) {
      expect(effects).to.deep.equal([
        {
          kind: 'coordinator',
          message: { kind: 'applied', shard: 0, generation: 0, version: 1 },
        },
      ]);
    }
    expect(values(at)).to.deep.equal([-0.4, -1].map(Math.fround));
  });

  it('one version is pulled by all workers of a round', () => {
    const at = shard();
    const pulled = at.fromWorker({ kind: 'pull', worker: 0, generation: 0, request: 7, place });
    expect(pulled).to.have.nested.property('[0].message.version', 0);
  });
});
