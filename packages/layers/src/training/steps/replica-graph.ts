import { gradients, type Tensor, type Variable } from '@tenon/core';
import { type Lookup, lookupsOf } from './lookups.js';
import type { StepParts } from './step-parts.js';

/**
 * The training step of one replica before anything is updated: what many of them compute can be added up first. With the state of its
 * trackers at zero, `next` is what the batch adds to it.
 */
export interface ReplicaGraph extends Omit<StepParts, 'loss'> {
  /** What is trained and read as a whole. */
  readonly variables: readonly Variable[];
  /** Of the mean loss of the replica's examples, one for each variable. */
  readonly gradients: readonly Tensor[];
  /** All readings of the tables among them, each with the gradient of the mean loss by the rows that it gave. */
  readonly lookups: readonly (Lookup & { readonly gradient: Tensor })[];
}

/** The graph of replicas that make a step; with `rows`, weights that are read by rows only are tables. Errors: NOT_DIFFERENTIABLE. */
export function replicaGraph(
  { fed, loss, trained, kept, trackers }: StepParts,
  { rows = false }: { readonly rows?: boolean } = {},
): ReplicaGraph {
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
