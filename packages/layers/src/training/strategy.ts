import type { Pass } from './data.js';
import type { Logs } from './events.js';
import { type Around, runPass } from './steps/run-pass.js';
import { StepRunner } from './steps/step-runner.js';
import type { Trainable } from './trainable.js';
import type { Turns } from './turns.js';

/** Who runs the steps of training: the session one after the other, or replicas. */
export interface Strategy {
  /** Gets ready to train. */
  begin(trainable: Trainable): Promise<Trainer>;
}

/** One pass over the training data. */
export interface EpochRun {
  readonly epoch: number;
  readonly pass: Pass;
  readonly around: Around;
  readonly turns: Turns;
  /** Steps of the epoch that were made before; above 0 only where the session runs the steps. */
  readonly first: number;
}

/** Trains from `begin` to `end`. Between two epochs the session holds weights, optimizer and logs' state. */
export interface Trainer {
  /** Trains on all batches of a pass; the number of steps that were made. */
  epoch(run: EpochRun): Promise<number>;
  /** Means over the epoch so far. */
  logs(): Logs;
  /** Gives back what it holds, also after an error. */
  end(): Promise<void>;
}

/** One step after the other in the session. */
export const inSession: Strategy = {
  async begin(trainable) {
    const runner = new StepRunner((specs) => trainable.step(specs));
    const { stepsPerExecution } = trainable;
    return {
      epoch: ({ pass, around, turns, first }) =>
        runPass(pass, { runner, stepsPerExecution, around, turns, first }),
      logs: () => runner.logs(),
      end: async () => {},
    };
  },
};
