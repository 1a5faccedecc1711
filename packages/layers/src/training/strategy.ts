import type { Model } from '../model/model.js';
import type { Pass } from './data.js';
import type { Logs } from './events.js';
import { type Around, runPass } from './steps/run-pass.js';
import { StepRunner } from './steps/step-runner.js';
import type { Turns } from './turns.js';

/** Who runs the steps of `fit`: the session of the model one after the other, or replicas of the model. */
export interface Strategy {
  /** Gets ready to train a model that is compiled and built. */
  begin(model: Model): Promise<Trainer>;
}

/** One pass over the training data. */
export interface EpochRun {
  readonly epoch: number;
  readonly pass: Pass;
  readonly around: Around;
  readonly turns: Turns;
}

/** Trains one model from `begin` to `end`. Between two epochs the session of the model holds weights, optimizer and logs' state. */
export interface Trainer {
  /** Trains on all batches of a pass; the number of steps that were made. */
  epoch(run: EpochRun): Promise<number>;
  /** Means over the epoch so far. */
  logs(): Logs;
  /** Gives back what it holds, also after an error. */
  end(): Promise<void>;
}

/** One step after the other in the session of the model. */
export const inSession: Strategy = {
  async begin(model) {
    const runner = new StepRunner(model, 'train');
    const { stepsPerExecution } = model.compiled;
    return {
      epoch: ({ pass, around, turns }) =>
        runPass(pass, { runner, stepsPerExecution, around, turns }),
      logs: () => runner.logs(),
      end: async () => {},
    };
  },
};
