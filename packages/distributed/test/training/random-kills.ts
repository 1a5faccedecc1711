import { type DataParallelOptions, dataParallel } from '@tenon/distributed';
import type { SupervisedCluster } from '../../src/launch/local-cluster.js';
import {
  batchSize,
  countingModel,
  epochs,
  expectAppliedOnce,
  numbers,
  x,
  y,
} from './counting-model.js';

interface Killable extends SupervisedCluster {
  kill(job: string, task: number): Promise<void>;
}

type Victim = readonly [job: string, task: number];

export interface RandomKills {
  readonly modes: readonly Exclude<DataParallelOptions, { readonly mode: 'allReduce' }>[];
  /** In all modes together. */
  readonly kills: number;
  /** Whom a kill ends; `next` gives numbers from 0 to 1. */
  readonly victim: (kill: number, next: () => number) => Victim;
  readonly leaseMs?: number;
  readonly cluster: () => Killable;
}

/** Declares a test for each mode: a task is killed in the middle of each training, which must not be seen in what it gives. */
export function resumesAfterKills({ modes, kills, victim, leaseMs, cluster: get }: RandomKills) {
  for (const [index, mode] of modes.entries()) {
    it(`${JSON.stringify(mode)} resumes by itself and applies every example once in each epoch`, async function () {
      this.timeout(60_000 + 10_000 * kills);
      const cluster = get();
      for (let kill = index; kill < kills; kill += modes.length) {
        const next = numbers(kill);
        const moment = Math.floor(next() * 40);
        const [job, task] = victim(kill, next);
        let steps = 0;
        const model = await countingModel();
        await model.fit(x, y, {
          epochs,
          batchSize,
          verbose: 0,
          callbacks: {
            onBatchEnd: () => {
              if (steps++ === moment) void cluster.kill(job, task);
            },
          },
          strategy: dataParallel({
            ...mode,
            ...(leaseMs === undefined ? {} : { leaseMs }),
            cluster,
            checkpointEvery: 5,
            timeoutMs: 30_000,
          }),
        });
        await expectAppliedOnce(model, `kill ${kill}: ${job} ${task} at step ${moment}`);
        await cluster.listening(job, task);
      }
    });
  }
}
