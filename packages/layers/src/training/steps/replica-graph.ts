import { gradients, type Tensor, type Variable } from '@tenon/core';
import type { Model } from '../../model/model.js';
import type { BatchSpecs } from '../data.js';
import { trainableVariables } from './step.js';
import { StepGraph, type Tracker } from './step-graph.js';

/** The training step of one replica before anything is updated: what many of them compute can be added up first. */
export interface ReplicaGraph {
  /** What is fed, in the order of a batch's values. */
  readonly fed: readonly Tensor[];
  readonly variables: readonly Variable[];
  /** Of the mean loss of the replica's examples, one for each variable. */
  readonly gradients: readonly Tensor[];
  /** New values of what layers keep, such as moving averages. */
  readonly kept: ReadonlyMap<Variable, Tensor>;
  /** With state at zero, `next` is what the batch adds to it. */
  readonly trackers: readonly Tracker[];
}

/** The graph of a model's replicas for batches like these. Errors: STATE_INVALID, FEED_INVALID, NOT_DIFFERENTIABLE. */
export function replicaGraph(model: Model, specs: BatchSpecs): ReplicaGraph {
  const { compiled } = model;
  const { fed, loss, kept, trackers } = new StepGraph(model, { compiled, kind: 'train', specs });
  const variables = trainableVariables(model);
  return { fed, variables, gradients: gradients(loss, variables), kept, trackers };
}
