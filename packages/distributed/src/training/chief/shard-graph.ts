import {
  add,
  assign,
  broadcastLike,
  cast,
  constant,
  div,
  encodeGraph,
  group,
  type Optimizer,
  placeholder,
  type Tensor,
  type Variable,
  variable,
} from '@tenon/core';

/** What a parameter shard runs. */
export interface ShardFetches {
  readonly [name: string]: Tensor;
  /** Keeps the gradients of the first member of an update. */
  readonly first: Tensor;
  /** Adds those of another. */
  readonly more: Tensor;
  /** Divides the sums and updates everything. */
  readonly update: Tensor;
}

export interface ShardGraphOptions {
  readonly optimizer: Optimizer;
  /** Changed by gradients, with their names. */
  readonly trained: ReadonlyMap<string, Variable>;
  /** Moved by means of what replicas found, with their names. */
  readonly kept: ReadonlyMap<string, Variable>;
  /** State of the optimizer that goes with `trained`, by name. */
  readonly slots: ReadonlyMap<string, Variable>;
}

/**
 * The graph of a parameter shard. Gradients come as sums over examples: with G the sum over an update's members and N their examples,
 * the optimizer takes G / N; a value that layers keep moves by G / N.
 */
export function shardGraph({ optimizer, trained, kept, slots }: ShardGraphOptions): Uint8Array {
  const parameters = [...trained.values(), ...kept.values()];
  const gradients = parameters.map(({ dtype, shape }, i) =>
    placeholder({ dtype, shape, name: `gradient/${i}` }),
  );
  const sums = parameters.map((target, i) => zerosLike(target, `sum/${i}`));
  const divisor = placeholder({ dtype: 'float32', shape: [], name: 'divisor' });
  const means = sums.map((sum) => div(sum, cast(divisor, { dtype: sum.dtype })));
  const updates = [...kept.values()].map((target, i) =>
    assign(target, add(target, means[trained.size + i] as Tensor)),
  );
  if (trained.size > 0)
    updates.push(optimizer.apply(means.slice(0, trained.size), [...trained.values()]));
  const fetches: ShardFetches = {
    first: group(sums.map((sum, i) => assign(sum, gradients[i] as Tensor))),
    more: group(sums.map((sum, i) => assign(sum, add(sum, gradients[i] as Tensor)))),
    update: group(updates),
  };
  const own = sums.map((sum) => [sum.name, sum] as const);
  return encodeGraph({
    fetches,
    inputs: {
      ...Object.fromEntries(gradients.map((gradient, i) => [`gradient/${i}`, gradient])),
      divisor,
    },
    variables: Object.fromEntries([...trained, ...kept, ...slots, ...own]),
  });
}

const zerosLike = (target: Variable, name: string): Variable =>
  variable(broadcastLike(constant(0, { dtype: target.dtype }), target), {
    name,
    dtype: target.dtype,
    shape: target.shape,
    trainable: false,
  });
