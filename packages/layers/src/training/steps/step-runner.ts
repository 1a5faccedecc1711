import type { BoundRun } from '@tenon/core';
import type { Model } from '../../model/model.js';
import type { Batch, BatchSpecs } from '../data.js';
import type { Logs } from '../events.js';
import { runBatch } from './run-batch.js';
import type { Step } from './step.js';
import type { StepKind } from './step-graph.js';

/** Puts batches through the steps of a model: those alike through the same run, bound to their shapes. */
export class StepRunner {
  private readonly model: Model;
  private readonly kind: StepKind;
  private specs: BatchSpecs | undefined;
  private step!: Step;
  private bound!: BoundRun;

  constructor(model: Model, kind: StepKind) {
    this.model = model;
    this.kind = kind;
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
    this.step = this.model.compiled.step(this.kind, specs);
    this.bound = this.step.bind(specs);
    this.specs = specs;
  }
}
