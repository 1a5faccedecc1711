import {
  type ArrayGradients,
  type ArrayParameters,
  arrayArithmetic,
  arraySgd,
  type Commit,
  ParameterShard,
  type ShardEffect,
  type Update,
} from '@tenon/distributed';
import { expect } from 'chai';

type Shard = ParameterShard<ArrayParameters, ArrayGradients>;

const commit = (worker: number, changes: Partial<Commit> = {}): Commit => ({
  worker,
  incarnation: 1,
  push: 0,
  round: 0,
  tag: 0,
  examples: 3,
  ...changes,
});

const update = (version: number, members: readonly Commit[], group = 0): Update => ({
  version,
  group,
  round: members[0]?.round ?? 0,
  members,
  examples: members.reduce((sum, { examples }) => sum + examples, 0),
  staleness: 0,
  scale: 1,
});

function shard(parameters: ArrayParameters, options = { maxStaleness: 0 }): Shard {
  const made: Shard = new ParameterShard<ArrayParameters, ArrayGradients>({
    shard: 0,
    incarnation: 1,
    arithmetic: arrayArithmetic(arraySgd(1)),
    divide: 'examples',
    ...options,
  });
  made.fromCoordinator({ kind: 'restore', generation: 3, version: 0 });
  made.loaded(3, 0, parameters);
  return made;
}

const vector = (...values: number[]): ArrayParameters => ({
  x: { values: Float32Array.from(values), width: 1 },
});

const push = (at: Shard, made: Commit, gradient: ArrayGradients, generation = 3) =>
  at.fromWorker({ kind: 'push', generation, commit: made, gradient });

const apply = (at: Shard, made: Update, checkpoint = false, complete = 0) =>
  at.fromCoordinator({
    kind: 'apply',
    generation: 3,
    updates: [{ update: made, checkpoint }],
    complete,
  });

const kinds = (effects: readonly ShardEffect<ArrayParameters>[]): string[] =>
  effects.map((effect) => ('message' in effect ? effect.message.kind : effect.kind));

const pull = (at: Shard, group: number, round: number, rows?: Record<string, number[]>) =>
  at.fromWorker({
    kind: 'pull',
    worker: 0,
    generation: 3,
    request: 1,
    place: { group, round, shared: true },
    ...(rows && { rows }),
  });

describe('ParameterShard', () => {
  it('divides sums of gradients by the examples of the update', () => {
    const at = shard(vector(0));
    const members = [commit(0, { examples: 1 }), commit(1, { examples: 3 })];
    push(at, members[0] as Commit, vector(2));
    push(at, members[1] as Commit, vector(6));
    apply(at, update(0, members));
    expect([...(at.parameters?.x?.values ?? [])]).to.deep.equal([-2]);
  });

  it('a sparse push touches its rows only, each once', () => {
    const table = new Float32Array(8).fill(1);
    const untouched = new Set<string>();
    const guarded = new Proxy(table, {
      get: (target, key) => {
        untouched.add(String(key));
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
      set: (target, key, value) => {
        untouched.add(String(key));
        return Reflect.set(target, key, value, target);
      },
    });
    const arithmetic = arrayArithmetic(arraySgd(1));
    const values = Float32Array.of(1, 2, 10, 20, 3, 4);
    const parameters = { t: { values: guarded, width: 2 } };
    const gradients = [{ t: { rows: [1, 3, 1], values } }];
    arithmetic.apply(parameters, gradients, { divisor: 2, scale: 1, version: 0 });
    expect([...table]).to.deep.equal([1, 1, -1, -2, 1, 1, -4, -9]);
    expect([...untouched].filter((key) => /^\d+$/.test(key))).to.have.members(['2', '3', '6', '7']);
  });

  it('sends rows that are asked for', () => {
    const at = shard({ t: { values: Float32Array.of(1, 2, 3, 4, 5, 6), width: 2 } });
    expect(pull(at, 0, 0, { t: [2, 0] }))
      .to.have.nested.property('[0].message.parameters.t.values')
      .that.deep.equals(Float32Array.of(5, 6, 1, 2));
  });

  it('members of a round see the same, whatever other groups apply meanwhile', () => {
    const at = shard(vector(0), { maxStaleness: 2 });
    pull(at, 1, 0);
    push(at, commit(0), vector(3));
    apply(at, update(0, [commit(0)], 0));
    const again = pull(at, 1, 0);
    const next = pull(at, 1, 1);
    const late = pull(at, 1, 0);
    expect(again[0]).to.have.nested.include({
      'message.version': 0,
      'message.parameters.x.values[0]': 0,
    });
    expect(next[0]).to.have.nested.include({
      'message.version': 1,
      'message.parameters.x.values[0]': -1,
    });
    expect(kinds(late)).to.deep.equal(['overtaken']);
  });

  it('a round is over once nobody could push what it computes from its parameters', () => {
    const at = shard(vector(0), { maxStaleness: 1 });
    pull(at, 1, 0);
    for (const version of [0, 1]) {
      expect(pull(at, 1, 0)[0]).to.have.nested.property('message.version', 0);
      const made = commit(0, { push: version, round: version, tag: version });
      push(at, made, vector(3));
      apply(at, update(version, [made], 0));
    }
    expect(kinds(push(at, commit(1), vector(1)))).to.deep.equal(['overtaken']);
    expect(kinds(pull(at, 1, 0))).to.deep.equal(['overtaken']);
    expect(pull(at, 1, 1)[0]).to.have.nested.property('message.version', 2);
  });

  it('forgets gradients once they are applied or too old', () => {
    const at = shard(vector(0), { maxStaleness: 1 });
    push(at, commit(1), vector(1));
    for (const version of [0, 1]) {
      const made = commit(0, { push: version, tag: version });
      push(at, made, vector(1));
      apply(at, update(version, [made]));
      expect(at.waiting).to.equal(version === 0 ? 1 : 0);
    }
    expect(kinds(push(at, commit(1), vector(1)))).to.deep.equal(['overtaken']);
  });

  it('snapshots come before the acknowledgement, and are not touched by later updates', () => {
    const at = shard(vector(0), { maxStaleness: 1 });
    push(at, commit(0), vector(3));
    const effects = apply(at, update(0, [commit(0)]), true);
    push(at, commit(1), vector(3));
    const later = apply(at, update(1, [commit(1)]), false, 1);
    expect([kinds(effects), kinds(later)]).to.deep.equal([
      ['save', 'applied'],
      ['prune', 'applied'],
    ]);
    expect(effects[0]).to.have.nested.property('parameters.x.values[0]', -1);
  });

  it('a restored shard continues from its snapshot and knows nothing of what came after', () => {
    const at = shard(vector(0));
    push(at, commit(0), vector(3));
    expect(kinds(at.fromCoordinator({ kind: 'restore', generation: 4, version: 7 }))).to.deep.equal(
      ['load'],
    );
    expect(kinds(pull(at, 0, 0))).to.deep.equal(['unready']);
    expect(kinds(at.loaded(4, 7, vector(5)))).to.deep.equal(['restored']);
    expect([at.version, at.waiting, at.parameters?.x?.values[0]]).to.deep.equal([7, 0, 5]);
    expect(kinds(push(at, commit(0), vector(1)))).to.deep.equal(['unready']);
    expect(kinds(apply(at, update(7, [commit(0)])))).to.deep.equal(['newer']);
    expect(kinds(at.fromCoordinator({ kind: 'restore', generation: 4, version: 7 }))).to.deep.equal(
      ['restored'],
    );
    at.fromCoordinator({ kind: 'restore', generation: 5, version: 9 });
    expect(() => at.loaded(5, 9, undefined)).to.throw('(STATE_INVALID)');
  });

  it('says when gradients of an update are missing, and applies nothing', () => {
    const at = shard(vector(0));
    push(at, commit(0), vector(3));
    expect(kinds(apply(at, update(0, [commit(0), commit(1)])))).to.deep.equal(['missing']);
    expect([at.version, at.parameters?.x?.values[0]]).to.deep.equal([0, 0]);
  });

  it('refuses gradients of another size and rows that there are not', () => {
    const { apply: add } = arrayArithmetic(arraySgd(1));
    const share = { divisor: 1, scale: 1, version: 0 };
    expect(() => add(vector(0), [vector(1, 2)], share)).to.throw('(SHAPE_MISMATCH)');
    const rows = [{ x: { rows: [4], values: Float32Array.of(1) } }];
    expect(() => add(vector(0), rows, share)).to.throw('(INDEX_OUT_OF_RANGE)');
  });

  it('m = n equals one process on the joined batch', () => {
    // Least squares on y = 2x + 1; gradients are sums over examples.
    const data = [...Array(12).keys()].map((i) => [i / 6 - 1, (i / 6 - 1) * 2 + 1] as const);
    const gradient = (p: ArrayParameters, part: typeof data): ArrayGradients => {
      const [w = 0, b = 0] = p.x?.values ?? [];
      const errors = part.map(([x, y]) => w * x + b - y);
      const dw = part.reduce((sum, [x], i) => sum + (errors[i] as number) * x, 0);
      return vector(
        dw,
        errors.reduce((sum, e) => sum + e, 0),
      );
    };
    const parts = [data.slice(0, 2), data.slice(2, 7), data.slice(7)];
    const replicas = shard(vector(0, 0));
    const single = shard(vector(0, 0));
    for (let version = 0; version < 100; version++) {
      const step = (at: Shard, batches: readonly (typeof data)[]): void => {
        const members = batches.map(({ length }, worker) =>
          commit(worker, { push: version, tag: version, round: version, examples: length }),
        );
        const parameters = at.parameters as ArrayParameters;
        for (const [i, member] of members.entries()) {
          push(at, member, gradient(parameters, batches[i] as typeof data));
        }
        apply(at, update(version, members));
      };
      step(replicas, parts);
      step(single, [data]);
    }
    for (const i of [0, 1]) {
      const [a, b] = [replicas, single].map((at) => at.parameters?.x?.values[i] as number);
      expect(a).to.be.closeTo(b as number, 1e-6);
      expect(a).to.be.closeTo(i === 0 ? 2 : 1, 0.1);
    }
  });
});
