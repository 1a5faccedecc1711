import type { Logs } from './events.js';

/** A place in training: that many batches of an epoch are done. */
export interface TrainingPosition {
  readonly epoch: number;
  readonly batches: number;
}

/** Where training goes on. */
export interface ResumePoint extends TrainingPosition {
  /** Means over the batches that are done. */
  readonly logs: Logs;
  /** Sets the state of training to what it was there, once more: what hears of the epoch's beginning may have changed it. */
  restore(): Promise<void>;
}

export interface ResumeOptions {
  /** Why training can not go on; undefined before it begins. */
  readonly failure?: unknown;
  /** Where training begins unless it resumes. */
  readonly begin: TrainingPosition;
  /** Whether the session of the model holds the state of training between two epochs only. */
  readonly betweenEpochsOnly: boolean;
}
