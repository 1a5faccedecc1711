import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ArrayParameters,
  arrayArithmetic,
  arraySgd,
  CommitSets,
  Coordinator,
  DataLeases,
} from '../../../src/index.js';
import { fastest } from './repeated.js';

const arithmetic = arrayArithmetic(arraySgd(0.1));

const parameters = (bytes: number): ArrayParameters => ({
  weights: { values: new Float32Array(bytes / 4).fill(1), width: 1 },
});

function timed(runs: number, run: () => unknown): number {
  const times = Array.from({ length: runs + 2 }, () => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  });
  return fastest(times.slice(2));
}

export function measureReads(): { bytes: number; seconds: number }[] {
  return [2e6, 8e6, 32e6].map((bytes) => {
    const all = parameters(bytes);
    return { bytes, seconds: timed(30, () => arithmetic.read(all)) };
  });
}

/** Updates of one dense parameter by plain gradient descent. */
export function measureApplies(): { bytes: number; members: number; seconds: number }[] {
  const share = { divisor: 1, scale: 1, version: 0 };
  return [2e6, 8e6].flatMap((bytes) =>
    [1, 2, 4, 8].map((members) => {
      const all = parameters(bytes);
      const gradients = Array.from({ length: members }, () => parameters(bytes));
      return { bytes, members, seconds: timed(20, () => arithmetic.apply(all, gradients, share)) };
    }),
  );
}

/** The state of a coordinator after a round of all workers, written, synchronised and renamed. */
export function measureSaves(): { workers: number; seconds: number }[] {
  const folder = mkdtempSync(join(tmpdir(), 'tenon-saves-'));
  try {
    return [1, 10, 100, 1000].map((workers) => {
      const coordinator = afterRound(workers);
      return { workers, seconds: timed(20, () => save(folder, coordinator)) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function afterRound(workers: number): Coordinator {
  const coordinator = new Coordinator({
    protocol: new CommitSets({ take: workers, leaseTime: 1e9 }),
    data: new DataLeases({ sizes: Array.from({ length: workers }, () => 1000), batchSize: 10 }),
    shards: 1,
    checkpointEvery: 100,
    retryTime: 1e9,
  });
  coordinator.fromShard({ kind: 'hello', shard: 0, incarnation: 1 });
  coordinator.fromShard({ kind: 'restored', shard: 0, incarnation: 1, generation: 1, version: 0 });
  for (let worker = 0; worker < workers; worker++) {
    const to = { worker, incarnation: 1, generation: 1 };
    coordinator.fromWorker({ kind: 'join', ...to }, 0);
    coordinator.fromWorker({ kind: 'begin', ...to }, 0);
    const batch = { shard: worker, epoch: 0, from: 0, to: 10 };
    const commit = {
      worker,
      incarnation: 1,
      push: 1,
      round: 0,
      tag: 0,
      examples: 10,
      seen: [0],
      batch,
    };
    coordinator.fromWorker({ kind: 'commit', ...to, commit }, 0);
  }
  return coordinator;
}

function save(folder: string, coordinator: Coordinator): void {
  const path = join(folder, 'state.json');
  const file = openSync(`${path}.new`, 'w');
  writeSync(file, JSON.stringify(coordinator.state()));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
}
