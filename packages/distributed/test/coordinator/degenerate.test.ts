import {
  Asynchronous,
  type Commit,
  CommitSets,
  Hybrid,
  SeededRandom,
  type UpdateProtocol,
} from '@tenon/distributed';
import { expect } from 'chai';

const leaseTime = 50;
const effort = Number(process.env.TENON_RUNS ?? 1);

/** Drives protocols with the same random events and gives what each decided. */
function drive(seed: number, workers: number, protocols: readonly UpdateProtocol[]): unknown[][] {
  const random = new SeededRandom(seed);
  const [first] = protocols as [UpdateProtocol];
  const seen: unknown[][] = protocols.map(() => []);
  const each = (event: (protocol: UpdateProtocol) => unknown): void => {
    for (const [i, protocol] of protocols.entries()) seen[i]?.push(event(protocol));
  };
  // A group and its only worker have the same number.
  for (let worker = 0; worker < workers; worker++) each((p) => p.join(worker, 1, 0));
  const incarnations = Array.from({ length: workers }, () => 1);
  let push = 0;
  for (let now = 1; now < 150; now++) {
    const worker = random.below(workers);
    const kind = random.below(10);
    if (kind === 0) incarnations[worker] = (incarnations[worker] as number) + 1;
    const incarnation = incarnations[worker] as number;
    if (kind === 0) each((p) => p.join(worker, incarnation, now));
    if (kind === 1) each((p) => p.expire(now));
    if (kind < 2) continue;
    const round = Math.max(0, (first.place(worker)?.round ?? 0) - (kind === 2 ? 1 : 0));
    const tag = Math.max(0, first.version - random.below(4) + (kind === 3 ? 5 : 0));
    const commit: Commit = {
      worker,
      incarnation: kind === 4 ? incarnation - 1 : incarnation,
      push: kind === 5 ? push : ++push,
      round,
      tag: first instanceof CommitSets ? round : tag,
      examples: 2,
    };
    each((protocol) => {
      const { answer, update, refused } = protocol.commit(commit, now);
      const dropped = { refused: refused?.map((c) => c.push), dropped: protocol.dropped };
      const advance = update && protocol.applied(update);
      return { commit, code: answer.code, update, ...dropped, round: advance?.round };
    });
  }
  return seen;
}

const runs = [...Array(60 * effort).keys()];

describe('limits of the hybrid protocol', () => {
  it('one group is the synchronous protocol', () => {
    for (const seed of runs) {
      const take = 1 + (seed % 3);
      const [sync, hybrid] = drive(seed, 4, [
        new CommitSets({ take, leaseTime }),
        new Hybrid({ take, leaseTime, groups: 1, maxStaleness: seed % 2 }),
      ]);
      expect(hybrid, `seed ${seed}`).to.deep.equal(sync);
      expect(sync?.some((event) => (event as { update?: unknown }).update)).to.equal(true);
    }
  });

  it('groups of one are the asynchronous protocol', () => {
    for (const seed of runs) {
      const bounds = { maxStaleness: seed % 4, rateScaling: true, clockBound: 1 + (seed % 5) };
      const [asynchronous, hybrid] = drive(seed, 4, [
        new Asynchronous({ leaseTime, ...bounds }),
        new Hybrid({ take: 1, leaseTime, groups: 4, ...bounds }),
      ]);
      expect(hybrid, `seed ${seed}`).to.deep.equal(asynchronous);
    }
  });

  it('without staleness every update is of the version that it is applied to', () => {
    for (const seed of runs) {
      const hybrid = new Hybrid({ take: 1, leaseTime, groups: 4, maxStaleness: 0 });
      const [events] = drive(seed, 4, [hybrid]);
      const updates = (events ?? []).flatMap((event) => {
        const { update } = event as { update?: { version: number; members: Commit[] } };
        return update ?? [];
      });
      expect(updates.map(({ version }) => version)).to.deep.equal([...updates.keys()]);
      for (const { version, members } of updates) expect(members[0]?.tag).to.equal(version);
      expect(updates.length, `seed ${seed}`).to.be.above(3);
    }
  });
});

describe('Hybrid', () => {
  const commit = (worker: number, push: number, changes: Partial<Commit> = {}): Commit => ({
    worker,
    incarnation: 1,
    push,
    round: 0,
    tag: 0,
    examples: 1,
    ...changes,
  });

  function of(maxStaleness: number): Hybrid {
    const made = new Hybrid({ take: 2, leaseTime, groups: 2, maxStaleness });
    // Workers fill the smallest group: 0, 2 and 4 are in the first, 1 and 3 in the second.
    for (let worker = 0; worker < 5; worker++) made.join(worker, 1, 0);
    return made;
  }

  const code = (protocol: Hybrid, made: Commit): string => protocol.commit(made, 1).answer.code;

  it('a round is of one version: a member that saw another is dropped', () => {
    const protocol = of(2);
    protocol.commit(commit(1, 1), 1);
    const other = protocol.commit(commit(3, 1), 1).update;
    expect(other?.members.map(({ worker }) => worker)).to.deep.equal([1, 3]);
    expect([
      code(protocol, commit(0, 1)),
      code(protocol, commit(2, 1, { tag: 1 })),
      code(protocol, commit(4, 1)),
    ]).to.deep.equal(['JOINED', 'STALE', 'JOINED']);
    expect(protocol.version).to.equal(2);
  });

  it('refuses a round as a whole when it has become too stale, and begins the next', () => {
    const protocol = of(0);
    protocol.commit(commit(0, 1), 1);
    for (const worker of [1, 3]) protocol.commit(commit(worker, 1), 1);
    const { answer, refused, advance } = protocol.commit(commit(2, 1), 1);
    expect({
      code: answer.code,
      refused: refused?.map(({ worker, tag, round }) => [worker, tag, round]),
      advance,
      again: code(protocol, commit(0, 1)),
    }).to.deep.equal({
      code: 'STALE',
      refused: [
        [0, 0, 0],
        [2, 0, 0],
      ],
      advance: { group: 0, round: 1, version: 1, workers: [0, 2, 4] },
      again: 'STALE',
    });
  });

  it('its state survives JSON in the middle of a round', () => {
    const protocol = of(2);
    protocol.commit(commit(2, 1), 1);
    const copy = new Hybrid({ take: 2, leaseTime, groups: 2, maxStaleness: 2 });
    copy.restore(JSON.parse(JSON.stringify(protocol.state())), 2);
    expect(copy.state()).to.have.property('homes').that.deep.equals(protocol.state().homes);
    const { update } = copy.commit(commit(0, 1), 3);
    expect(update?.members).to.deep.equal([commit(0, 1), commit(2, 1)]);
  });

  it('refuses to be without groups', () => {
    expect(() => new Hybrid({ take: 1, leaseTime, groups: 0, maxStaleness: 1 })).to.throw(
      '(ATTRIBUTE_INVALID)',
    );
  });
});

describe('Asynchronous', () => {
  const commit = (worker: number, push: number, changes: Partial<Commit> = {}): Commit => ({
    worker,
    incarnation: 1,
    push,
    round: push,
    tag: 0,
    examples: 1,
    ...changes,
  });

  function of(options: { maxStaleness: number; rateScaling?: boolean; clockBound?: number }) {
    const made = new Asynchronous({ leaseTime: 100, ...options });
    made.join(0, 1, 0);
    made.join(1, 1, 0);
    return made;
  }

  const step = (protocol: Asynchronous, made: Commit, now = 1) => {
    const { answer, update } = protocol.commit(made, now);
    if (update) protocol.applied(update);
    return { code: answer.code, ...(update && { scale: update.scale }) };
  };

  it('scales the rate by staleness and refuses what is too stale', () => {
    const protocol = of({ maxStaleness: 1, rateScaling: true });
    expect([
      step(protocol, commit(0, 0)),
      step(protocol, commit(1, 0)),
      step(protocol, commit(0, 1)),
      step(protocol, commit(0, 2, { tag: 2 })),
      step(protocol, commit(0, 3, { tag: 9 })),
    ]).to.deep.equal([
      { code: 'JOINED', scale: 1 },
      { code: 'JOINED', scale: 0.5 },
      { code: 'STALE' },
      { code: 'JOINED', scale: 1 },
      { code: 'FAILED_PRECONDITION' },
    ]);
  });

  it('a worker waits for the slowest one alive, and not for a dead one', () => {
    const protocol = of({ maxStaleness: 9, clockBound: 1 });
    for (const push of [0, 1]) step(protocol, commit(0, push), 60);
    expect(protocol.place(0)).to.equal(undefined);
    expect(step(protocol, commit(0, 2), 60).code).to.equal('FAILED_PRECONDITION');
    expect(protocol.expire(110)).to.deep.equal([1]);
    expect(protocol.place(0)).to.include({ round: 2 });
    expect(step(protocol, commit(0, 2), 111).code).to.equal('JOINED');
  });

  it('a worker that comes later starts at the slowest clock', () => {
    const protocol = of({ maxStaleness: 9, clockBound: 0 });
    for (const worker of [0, 1]) step(protocol, commit(worker, 0));
    protocol.join(2, 1, 2);
    expect([0, 1, 2].map((id) => protocol.place(id) !== undefined)).to.deep.equal([
      true,
      true,
      true,
    ]);
  });

  it('refuses bounds that are not whole numbers', () => {
    expect(() => of({ maxStaleness: Number.POSITIVE_INFINITY })).to.throw('(ATTRIBUTE_INVALID)');
    expect(() => of({ maxStaleness: 1, clockBound: -1 })).to.throw('(ATTRIBUTE_INVALID)');
  });
});
