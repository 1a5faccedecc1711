import {
  assign,
  type BoundRun,
  type Callable,
  GraphError,
  gradients,
  group,
  HostTensor,
  type Optimizer,
  type Session,
  type Tensor,
  type Variable,
} from '@tenon/core';
import type { BatchSpecs } from '../data.js';
import type { Logs } from '../events.js';
import type { StepParts } from './step-parts.js';

export interface StepOptions {
  readonly parts: StepParts;
  /** Updates what is trained. */
  readonly optimizer: Optimizer;
}

/** One step as one graph: forward, loss and, in training, gradients and updates; metrics in both. */
export class Step {
  /** Names of the logs in order. */
  readonly names: readonly string[];
  private readonly zeros: readonly (readonly [Variable, HostTensor])[];
  private readonly callable: Callable<readonly Tensor[]>;
  private readonly session: Session;

  constructor(session: Session, { parts, optimizer }: StepOptions) {
    this.session = session;
    const { fed, loss, trained, kept, trackers } = parts;
    const updates = [...kept].map(([target, value]) => assign(target, value));
    if (trained.length > 0) updates.push(optimizer.apply(gradients(loss, trained), trained));
    for (const { state, next } of trackers)
      updates.push(...state.map((cell, i) => assign(cell, next[i] as Tensor)));
    this.names = trackers.map(({ name }) => name);
    this.zeros = trackers.flatMap(({ state }) =>
      state.map((cell) => [cell, new HostTensor(new Float32Array(cell.size), cell.shape)] as const),
    );
    const results = trackers.map(({ result }) => result);
    this.callable = this.session.prepare([...results, group(updates)], fed);
  }

  /** The step for batches of these shapes. */
  bind({ inputs, targets, weighted }: BatchSpecs): BoundRun {
    const shapes = [...inputs, ...targets].map(({ shape }) => shape);
    return this.callable.bind(weighted ? [...shapes, [inputs[0]?.shape[0] ?? 0]] : shapes);
  }

  /** Logs after a run: means since the last reset. */
  logsOf(run: BoundRun): Logs {
    const logs: Record<string, number> = {};
    for (let i = 0; i < this.names.length; i++) {
      logs[this.names[i] as string] = oneNumber(this.names[i] as string, run.value(i));
    }
    return logs;
  }

  /** Starts the means again. */
  reset(): Promise<void> | void {
    if (!this.session.idle) return this.resetLater();
    for (const [cell, zeros] of this.zeros) this.session.writeSync(cell, zeros);
  }

  private async resetLater(): Promise<void> {
    for (const [cell, zeros] of this.zeros) await this.session.write(cell, zeros);
  }
}

/** The value of a log. Errors: SHAPE_MISMATCH where it is not one. */
export function oneNumber(name: string, value: ArrayLike<number | bigint | boolean>): number {
  if (value.length === 1) return Number(value[0]);
  throw new GraphError('SHAPE_MISMATCH', name, {
    what: `the result of the metric has ${value.length} elements; a log is one number.`,
    fix: 'reduce it, for example with mean.',
  });
}
