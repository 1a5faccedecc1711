import type { ShardArithmetic } from '../coordinator/shard/arithmetic.js';
import type { ArrayGradients, ArrayParameters } from '../coordinator/shard/array-parameters.js';
import type { NetworkFaults } from './network.js';

export interface EpochOptions {
  readonly batches: number;
  /** Time at which training is told to stop. */
  readonly cutTime?: number;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly mode: 'sync' | 'async' | 'hybrid';
  readonly workers: number;
  readonly shards: number;
  /** Members of an update, in a group where the mode is hybrid; 1 if it is async. */
  readonly take: number;
  readonly groups?: number;
  readonly maxStaleness?: number;
  readonly clockBound?: number;
  readonly checkpointEvery: number;
  readonly network: NetworkFaults;
  /** Probability of a crash before each effect of a process. */
  readonly crashes: number;
  /** Links that are cut in one direction, one after the other, and processes that leave, while there are faults. */
  readonly cuts: number;
  readonly leaves: number;
  /** Workers with new numbers that join meanwhile; 0 if left out. */
  readonly joins?: number;
  /** Workers that leave for good meanwhile, never so many that too few for an update would be left; 0 if left out. */
  readonly departures?: number;
  /** Time until which there are faults. */
  readonly faultTime: number;
  /** Updates that must follow without faults; an epoch must come to its end. */
  readonly updatesAfter: number;
  /** One epoch of batches that are offered over time, as in training, instead of leases on shards of a data set. */
  readonly epoch?: EpochOptions;
  /** Factor of the step time of the last worker. */
  readonly straggler?: number;
  /** Replaces the arithmetic of the shards; for tests of the tests. */
  readonly arithmetic?: ShardArithmetic<ArrayParameters, ArrayGradients>;
}

export interface SimulationReport {
  readonly updates: number;
  readonly messages: number;
  readonly time: number;
  readonly crashes: number;
  readonly recoveries: number;
  /** Time of each update that was applied, by version. */
  readonly times: readonly number[];
}
