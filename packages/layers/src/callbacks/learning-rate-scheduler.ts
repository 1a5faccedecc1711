import { GraphError } from '@tenon/core';
import type { Model } from '../model/model.js';
import type { Callback } from './callback.js';

/** The rate of an epoch, counted from 0, given the rate before it. */
export type Schedule = (epoch: number, rate: number) => number;

/** Sets the learning rate of the optimizer before each epoch. Errors: ATTRIBUTE_INVALID where the schedule gives no rate. */
export class LearningRateScheduler implements Callback {
  private readonly schedule: Schedule;
  private model: Model | undefined;

  constructor(schedule: Schedule) {
    this.schedule = schedule;
    if (typeof schedule === 'function') return;
    throw new GraphError('ATTRIBUTE_INVALID', 'learningRateScheduler', {
      what: `a ${typeof schedule} is not a schedule.`,
      fix: 'give a function of the epoch and the rate before it: (epoch, rate) => 0.9 * rate.',
    });
  }

  setModel(model: Model): void {
    this.model = model;
  }

  async onEpochBegin(epoch: number): Promise<void> {
    const { session, compiled } = this.model as Model;
    const { learningRate } = compiled.optimizer;
    const rate = this.schedule(epoch, Number((await session.read(learningRate)).item()));
    if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY)) {
      throw new GraphError('ATTRIBUTE_INVALID', 'learningRateScheduler', {
        what: `the schedule gave ${rate} for epoch ${epoch}.`,
        fix: 'a learning rate is a finite number that is not negative.',
      });
    }
    await session.write(learningRate, rate);
  }
}

/** Sets the learning rate before each epoch: `learningRateScheduler((epoch, rate) => (epoch < 10 ? rate : 0.9 * rate))`. */
export const learningRateScheduler = (schedule: Schedule): LearningRateScheduler =>
  new LearningRateScheduler(schedule);
