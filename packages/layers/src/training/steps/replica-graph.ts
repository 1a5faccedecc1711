import { gradients, type Tensor, type Variable } from '@tenon/core';
import type { Model } from '../../model/model.js';
import type { BatchSpecs } from '../data.js';
import { type Lookup, lookupsOf } from './lookups.js';
import { trainableVariables } from './step.js';
import { StepGraph, type Tracker } from './step-graph.js';

/** The training step of one replica before anything is updated: what many of them compute can be added up first. */
export interface ReplicaGraph {
  /** What is fed, in the order of a batch's values. */
  readonly fed: readonly Tensor[];
  /** All that training changes by gradients, in the order of the model. */
  readonly trained: readonly Variable[];
  /** Those of them that the step reads as a whole. */
  readonly variables: readonly Variable[];
  /** Of the mean loss of the replica's examples, one for each variable. */
  readonly gradients: readonly Tensor[];
  /** All readings of the tables among them, each with the gradient of the mean loss by the rows that it gave. */
  readonly lookups: readonly (Lookup & { readonly gradient: Tensor })[];
  /** New values of what layers keep, such as moving averages. */
  readonly kept: ReadonlyMap<Variable, Tensor>;
  /** With state at zero, `next` is what the batch adds to it. */
  readonly trackers: readonly Tracker[];
}

/**
 * The graph of a model's replicas for batches like these; with `rows`, weights that are read by rows only are tables.
 * Errors: STATE_INVALID, FEED_INVALID, NOT_DIFFERENTIABLE.
 */
export function replicaGraph(
  model: Model,
  specs: BatchSpecs,
  { rows = false }: { readonly rows?: boolean } = {},
): ReplicaGraph {
  const { compiled } = model;
  const { fed, loss, kept, trackers } = new StepGraph(model, { compiled, kind: 'train', specs });
  const trained = trainableVariables(model);
  const roots = [loss, ...kept.values(), ...trackers.flatMap(({ next }) => next)];
  const tables = lookupsOf(roots, rows ? trained : []);
  const variables = trained.filter((variable) => !tables.has(variable));
  const lookups = [...tables.values()].flat();
  const found = gradients(loss, [...variables, ...lookups.map((lookup) => lookup.rows)]);
  return {
    fed,
    trained,
    variables,
    gradients: found.slice(0, variables.length),
    lookups: lookups.map((lookup, i) => ({
      ...lookup,
      gradient: found[variables.length + i] as Tensor,
    })),
    kept,
    trackers,
  };
}
