import { cast, encodeGraph, mul, placeholder, sub, type Tensor, type Variable } from '@tenon/core';
import type { ReplicaGraph } from '@tenon/layers';

/** What a replica runs on its part of a batch; lists in the order of the parameters and of the metrics' state. */
export interface ReplicaFetches {
  readonly [name: string]: readonly Tensor[];
  /** Sums over the examples: of gradients, and of how far what layers keep has moved. */
  readonly gradients: readonly Tensor[];
  /** What the examples add to the state of the metrics. */
  readonly metrics: readonly Tensor[];
}

/** The graph of a replica as bytes, with its variables named. */
export function encodeReplica(
  { fed, gradients, kept, trackers }: ReplicaGraph,
  named: ReadonlyMap<string, Variable>,
): Uint8Array {
  const examples = placeholder({ dtype: 'float32', shape: [], name: 'examples' });
  const summed = (mean: Tensor) => mul(mean, cast(examples, { dtype: mean.dtype }));
  const moves = [...kept].map(([variable, value]) => summed(sub(value, variable)));

  const fetches: ReplicaFetches = {
    gradients: [...gradients.map(summed), ...moves],
    metrics: trackers.flatMap(({ next }) => next),
  };
  const cells = trackers.flatMap(({ state }) => state);
  return encodeGraph({
    fetches,
    inputs: { ...Object.fromEntries(fed.map((tensor, i) => [`batch/${i}`, tensor])), examples },
    variables: {
      ...Object.fromEntries(named),
      ...Object.fromEntries(cells.map((cell, i) => [`metric/${i}`, cell])),
    },
  });
}
