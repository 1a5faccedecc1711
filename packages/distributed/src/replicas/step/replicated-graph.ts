import {
  add,
  assign,
  broadcastTo,
  cast,
  constant,
  dtypes,
  encodeGraph,
  group,
  type KnownShape,
  mul,
  placeholder,
  sizeOf,
  type Tensor,
  type Variable,
  variable,
} from '@tenon/core';
import { type BatchSpecs, type ReplicaGraph, replicaGraph, type Trainable } from '@tenon/layers';
import { type BucketSpec, elementKind, inBuckets } from '../../collectives/index.js';
import { exchangeOps, noExchange } from './exchange-ops.js';

export interface ReplicatedGraphOptions {
  readonly specs: BatchSpecs;
  /** Where a bucket of gradients ends. */
  readonly bucketBytes: number;
}

/** The training step on one of several replicas, as bytes, and what they mean to the session. */
export interface ReplicatedGraph {
  readonly bytes: Uint8Array;
  /** What a batch is fed to, in the order of its values: `fed<i>` in the graph. */
  readonly fed: readonly Tensor[];
  /** What is added up over the replicas, in the order in which the backward pass gives it. */
  readonly buckets: readonly BucketSpec[];
  /** Weights and the optimizer's state: variable i of the session is `state<i>` in the graph. */
  readonly state: readonly Variable[];
  /** State of the logs: cell i of the session is `total<i>` in the graph, and fetch i its value after the step. */
  readonly cells: readonly Variable[];
  readonly trackers: ReplicaGraph['trackers'];
}

/**
 * The step of one replica: gradients of the mean over its examples, times `share`, its share of the batch's examples, are added up
 * over the replicas, which gives the gradients of the mean over the batch; then each updates its own copy. Moving averages are
 * averaged in the same way, states of logs added up. `counts` is 0 where the examples do not belong to the batch, else 1.
 */
export function replicatedGraph(
  trainable: Trainable,
  options: ReplicatedGraphOptions,
): ReplicatedGraph {
  const { optimizer } = trainable;
  const parts = trainable.graph(options.specs);
  const { fed, variables, gradients, kept, trackers } = replicaGraph(parts);
  const share = placeholder({ shape: [], name: 'share' });
  const counts = placeholder({ shape: [], name: 'counts' });
  const averaged = [...kept].filter(([target]) => dtypes[target.dtype].kind === 'float');
  const scaled = (value: Tensor, by: Tensor) => mul(value, cast(by, { dtype: value.dtype }));
  const deltas = trackers.flatMap(({ next }) => next);
  // The backward pass ends with the first layers.
  const summed = summedOver(
    [
      ...gradients.map((gradient) => scaled(gradient, share)).reverse(),
      ...averaged.map(([, value]) => scaled(value, share)),
      ...deltas.map((delta) => scaled(delta, counts)),
    ],
    options.bucketBytes,
  );
  const take = (count: number) => summed.values.splice(0, count);
  const reduced = take(gradients.length).reverse();
  const means = take(averaged.length);
  const cells = trackers.flatMap(({ state }) => state);
  const totals = cells.map((cell, i) => zeros(cell, `total${i}`));
  const after = totals.map((total, i) => add(total, summed.values[i] as Tensor));
  const step = group([
    optimizer.apply(reduced, variables),
    ...averaged.map(([target], i) => assign(target, means[i] as Tensor)),
    // Counts of runs are the same on every replica.
    ...[...kept]
      .filter(([target]) => dtypes[target.dtype].kind !== 'float')
      .map(([target, value]) => assign(target, value)),
    ...totals.map((total, i) => assign(total, after[i] as Tensor)),
  ]);
  const state = [
    ...new Set([...trainable.variables, ...optimizer.variables().map(({ variable }) => variable)]),
  ];
  const named = (list: readonly Variable[], name: string) =>
    list.map((one, i) => [`${name}${i}`, one] as const);
  const bytes = encodeGraph({
    fetches: [...after, step],
    inputs: { ...Object.fromEntries(fed.map((one, i) => [`fed${i}`, one])), share, counts },
    variables: Object.fromEntries([...named(state, 'state'), ...named(totals, 'total')]),
  });
  return { bytes, fed, buckets: summed.buckets, state, cells, trackers };
}

/** Sums over all replicas of values whose shapes are known. */
function summedOver(
  values: readonly Tensor[],
  bucketBytes: number,
): { values: Tensor[]; buckets: BucketSpec[] } {
  const { contribute, sums } = exchangeOps(noExchange);
  const specs = values.map(({ dtype, shape }) => ({ dtype, shape: [...(shape as KnownShape)] }));
  const sizes = specs.map(({ dtype, shape }) => ({ dtype, size: sizeOf(shape) }));
  const places = inBuckets(sizes, bucketBytes);
  const tokens = places.map((own, bucket) =>
    contribute(
      own.map((place) => values[place] as Tensor),
      { bucket },
    ),
  );
  // Every sum is asked for after all were handed over: until then nothing is waited for.
  const found = places.map((own, bucket) =>
    sums(tokens, { bucket, specs: own.map((place) => specs[place] as (typeof specs)[number]) }),
  );
  return {
    values: found.flat(),
    buckets: places.map((own) => ({
      kind: elementKind(specs[own[0] as number]?.dtype as Tensor['dtype']),
      length: own.reduce((sum, place) => sum + (sizes[place]?.size as number), 0),
    })),
  };
}

const zeros = ({ dtype, shape }: Variable, name: string): Variable =>
  variable(broadcastTo(constant(0, { dtype }), { shape: [...shape] }), { name, trainable: false });
