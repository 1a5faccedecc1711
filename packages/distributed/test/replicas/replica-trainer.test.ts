import { expect } from 'chai';
import fc from 'fast-check';
import { ReplicaTrainer } from '../../src/replicas/replica-trainer.js';
import { ManualClock } from '../rendezvous/manual-clock.js';
import { rejection } from '../rendezvous/rejection.js';
import { after, batchOf, type Fault, simulatedReplicas, stateOf } from './simulated-replicas.js';

const numRuns = 200 * Number(process.env.TENON_RUNS ?? 1);

interface Planned {
  readonly rank: number;
  readonly run: number;
  readonly fault: Fault;
}

const graph = { bytes: new Uint8Array(0), fed: 1, state: 1, totals: 1, seed: 0 };
const format = { buckets: [], pieceBytes: 64, wire: 'exact', slots: 4, deadline: 1000 } as const;

/** A trainer over simulated replicas, each of whose faults happens once. */
async function trained(
  replicas: number,
  planned: readonly Planned[],
  batches: readonly (readonly number[])[],
  options: { checkEvery?: number; restarts?: number } = {},
) {
  const left = [...planned];
  const restarted: string[] = [];
  const clock = new ManualClock();
  const trainer = new ReplicaTrainer({
    kind: simulatedReplicas((rank, run) => {
      const at = left.findIndex((one) => one.rank === rank && one.run === run);
      return at < 0 ? undefined : left.splice(at, 1)[0]?.fault;
    }),
    replicas,
    restarts: 100,
    checkEvery: 0,
    restarted: (name) => restarted.push(name),
    clock,
    ...options,
  });
  // Whoever hangs is given up at once.
  const time = setInterval(() => clock.advance(10_000), 1);
  try {
    await trainer.load(graph, format);
    await trainer.begin(stateOf(1));
    for (const batch of batches) await trainer.step(batchOf(batch));
    const { state, runs } = await trainer.read();
    return { value: state[0]?.data[0], logs: trainer.totals[0]?.data[0], runs, restarted };
  } finally {
    clearInterval(time);
    await trainer.close();
  }
}

const aBatch = fc.array(fc.nat(99), { minLength: 1, maxLength: 5 });

describe('the trainer of replicas', () => {
  it('applies every batch once and in order, whoever dies and when', async () => {
    const aCase = fc.record({
      replicas: fc.integer({ min: 1, max: 4 }),
      batches: fc.array(aBatch, { maxLength: 8 }),
      faults: fc.array(
        fc.record({
          rank: fc.nat(3),
          run: fc.nat(7),
          fault: fc.constantFrom<Fault>('dies', 'dies after'),
        }),
        { maxLength: 5 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(aCase, async ({ replicas, batches, faults }) => {
        const { value, logs, runs } = await trained(replicas, faults, batches);
        const expected = batches.reduce(after, 1);
        expect([value, logs, runs]).to.deep.equal([expected, expected, batches.length]);
      }),
      { numRuns },
    );
  });

  const batches = [[1, 2, 3], [4], [5, 6], [7, 8, 9, 10]];
  const expected = batches.reduce(after, 1);

  it('gives up a replica that does not go on, and starts it again', async () => {
    const hangs = [{ rank: 1, run: 2, fault: 'hangs' } as const];
    const { value, restarted } = await trained(3, hangs, batches);
    expect([value, restarted]).to.deep.equal([expected, ['replica 1']]);
  });

  it('goes on from the state that was read last where all are lost at once', async () => {
    const all = [0, 1].map((rank) => ({ rank, run: 3, fault: 'dies' }) as const);
    const { value, restarted } = await trained(2, all, batches);
    expect([value, restarted]).to.deep.equal([expected, ['replica 0', 'replica 1']]);
  });

  it('fails with what a replica fails with, with its loss after too many restarts, and where states differ', async () => {
    const codes: string[] = [];
    for (const [fault, options] of [
      ['fails', {}],
      ['dies', { restarts: 0 }],
      ['hangs', { restarts: 0 }],
      ['strays', { checkEvery: 2 }],
    ] as const) {
      const error = await rejection(trained(2, [{ rank: 1, run: 1, fault }], batches, options));
      codes.push(error.code);
    }
    expect(codes).to.deep.equal([
      'INDEX_OUT_OF_RANGE',
      'UNAVAILABLE',
      'DEADLINE_EXCEEDED',
      'STATE_INVALID',
    ]);
  });
});
