import { GraphError, parseOptions } from '@tenon/core';
import { z } from 'zod';
import type { ComputeTime } from './cluster/compute-time.js';
import { measuredCosts } from './costs/measured-costs.js';
import type { ScaleCosts } from './costs/scale-costs.js';

/** What a step of one's model is; bytes are of float32 parameters, four each. */
export interface ScaleModel {
  /** Parameters that every step pulls and pushes whole. */
  readonly denseBytes: number;
  /** A table of which a step pulls and pushes some rows. */
  readonly sparse?: {
    readonly tableBytes: number;
    readonly rowBytes: number;
    /** Distinct rows of one worker's step. */
    readonly rowsPerStep: number;
  };
  /** Examples of one worker's step. */
  readonly examplesPerStep: number;
  /** Forward and backward pass of one worker's step, without any exchange of parameters. */
  readonly computeTime: ComputeTime;
}

export interface ScaleOptions {
  readonly model: ScaleModel;
  /** All of them, backups included. */
  readonly workers: number;
  readonly parameterServers: number;
  /** `sync` by default. */
  readonly mode?: 'sync' | 'async' | 'hybrid';
  /** Workers, in hybrid mode of each group, that an update does not wait for. 0 by default. */
  readonly backups?: number;
  /** Of hybrid mode. 1 by default. */
  readonly groups?: number;
  /** Of asynchronous and hybrid mode: older gradients are dropped. Unbounded by default. */
  readonly maxStaleness?: number;
  /** Servers copy their parameters for a checkpoint after so many updates. Never by default. */
  readonly checkpointEvery?: number;
  /** Whether the coordinator makes its state durable before each update. Replicas of `fit` do not; false by default. */
  readonly durable?: boolean;
  /** What differs from `measuredCosts`. */
  readonly costs?: Partial<ScaleCosts>;
  /** Updates that are measured: of all, or of each group or worker. 20 by default. */
  readonly steps?: number;
  /** Updates before these. 3 by default. */
  readonly warmUp?: number;
  /** 0 by default. */
  readonly seed?: number;
}

/** Options with every default filled in. */
export type WholeScaleOptions = Required<Omit<ScaleOptions, 'costs'>> & {
  readonly costs: ScaleCosts;
  /** Members of an update. */
  readonly take: number;
};

const never = Number.MAX_SAFE_INTEGER;
const count = z.int().min(1);
const whole = z.int().min(0);
const amount = z.number().min(0);
const above0 = z.number().positive();

const computeTime = z.strictObject({
  median: amount,
  spread: amount,
  tail: z
    .strictObject({
      probability: z.number().min(0).max(1),
      factor: z.number().min(1),
      shape: above0,
    })
    .optional(),
});
const sparse = z
  .strictObject({ tableBytes: count, rowBytes: count, rowsPerStep: count })
  .refine(({ tableBytes, rowBytes, rowsPerStep }) => rowBytes * rowsPerStep <= tableBytes, {
    error: 'a step takes more rows than the table has',
  });
const costs = z.strictObject({
  latency: amount,
  workerBandwidth: above0,
  serverBandwidth: above0,
  requestTime: amount,
  transferTimePerByte: amount,
  copyTimePerByte: amount,
  sumTimePerByte: amount,
  updateTimePerByte: amount,
  stepTime: amount,
  saveTime: amount,
  saveTimePerWorker: amount,
}) satisfies z.ZodType<ScaleCosts>;
const schema = z.strictObject({
  model: z.strictObject({
    denseBytes: whole,
    sparse: sparse.optional(),
    examplesPerStep: count,
    computeTime,
  }),
  workers: count.max(100_000),
  parameterServers: count.max(10_000),
  mode: z.enum(['sync', 'async', 'hybrid']).default('sync'),
  backups: whole.default(0),
  groups: count.default(1),
  maxStaleness: whole.default(never),
  checkpointEvery: count.default(never),
  durable: z.boolean().default(false),
  costs: costs.partial().default({}),
  steps: count.default(20),
  warmUp: whole.default(3),
  seed: z.int().default(0),
});

/** Checks options and fills in defaults. Errors: ATTRIBUTE_INVALID. */
export function wholeOptions(given: ScaleOptions): WholeScaleOptions {
  const options = parseOptions('simulateScale', schema, given);
  const { mode, workers, groups, backups } = options;
  const inGroup = mode === 'hybrid' ? Math.floor(workers / groups) : workers;
  const take = mode === 'async' ? 1 : inGroup - backups;
  if (take < 1 || (mode === 'async' && backups > 0) || (mode !== 'hybrid' && groups > 1)) {
    throw new GraphError('ATTRIBUTE_INVALID', 'simulateScale', {
      what: `mode is ${mode} with ${workers} workers, ${groups} groups and ${backups} backups.`,
      fix: 'groups are of hybrid mode, backups of sync and hybrid; each group needs more workers than backups.',
    });
  }
  return { ...options, take, costs: { ...measuredCosts, ...options.costs } } as WholeScaleOptions;
}
