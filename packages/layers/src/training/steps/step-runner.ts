import type { BoundRun } from '@tenon/core';
import type { Batch, BatchSpecs } from '../data.js';
import type { Logs } from '../events.js';
import { runBatch } from './run-batch.js';
import type { Step } from './step.js';

/** Puts batches through steps: those alike through the same run, bound to their shapes. */
export class StepRunner {
  private readonly stepFor: (specs: BatchSpecs) => Step;
  private specs: BatchSpecs | undefined;
  private step!: Step;
  private bound!: BoundRun;

  constructor(stepFor: (specs: BatchSpecs) => Step) {
    this.stepFor = stepFor;
  }

  /** Starts the means of the logs again; the batch is the first that will be run. */
  reset(batch: Batch): Promise<void> | void {
    this.bind(batch.specs);
    return this.step.reset();
  }

  /** One step; a promise only where something must be waited for. */
  run(batch: Batch): Promise<void> | void {
    if (batch.specs !== this.specs) this.bind(batch.specs);
    return runBatch(this.bound, batch);
  }

  /** Means since the last reset, read where the last step left them. */
  logs(): Logs {
    return this.step.logsOf(this.bound);
  }

  private bind(specs: BatchSpecs): void {
    this.step = this.stepFor(specs);
    this.bound = this.step.bind(specs);
    this.specs = specs;
  }
}
