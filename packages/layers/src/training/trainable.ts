import type { Optimizer, Session, Variable } from '@tenon/core';
import type { Model } from '../model/model.js';
import type { BatchSpecs } from './data.js';
import type { Step } from './steps/step.js';
import { StepGraph } from './steps/step-graph.js';
import type { StepParts } from './steps/step-parts.js';

/** What a strategy trains: a model, or a graph of one's own. */
export interface Trainable {
  /** Names it in errors. */
  readonly name: string;
  /** Holds the values of all variables while nobody trains. */
  readonly session: Session;
  readonly optimizer: Optimizer;
  /** All variables that a step reads or changes, besides those of the optimizer and of metrics. */
  readonly variables: readonly Variable[];
  readonly stepsPerExecution: number;
  /** The model, where it is one. */
  readonly model?: Model;
  /** The step for batches like these before anything is updated. Errors: STATE_INVALID, FEED_INVALID. */
  graph(specs: BatchSpecs): StepParts;
  /** The step in the session. */
  step(specs: BatchSpecs): Step;
}

/** A model that is compiled and built. */
export const trainableModel = (model: Model): Trainable => ({
  model,
  get name() {
    return model.name;
  },
  get session() {
    return model.session;
  },
  get optimizer() {
    return model.compiled.optimizer;
  },
  get variables() {
    return model.weights.map(({ variable }) => variable);
  },
  get stepsPerExecution() {
    return model.compiled.stepsPerExecution;
  },
  graph: (specs) => new StepGraph(model, { compiled: model.compiled, kind: 'train', specs }),
  step: (specs) => model.compiled.step('train', specs),
});
