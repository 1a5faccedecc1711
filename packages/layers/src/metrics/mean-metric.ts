import { add, broadcastLike, cast, divNoNan, mul, reshape, sum, type Tensor } from '@tenon/core';
import type { Metric, Observation } from './metric.js';

/** The weighted mean of a value of each example, `sum w v / sum w`. */
export class MeanMetric implements Metric {
  readonly state = { total: [], count: [] };
  readonly config = {};
  readonly name: string;
  readonly className: string;
  private readonly value: (target: Tensor, output: Tensor) => Tensor;

  constructor(name: string, value: (target: Tensor, output: Tensor) => Tensor, className = 'Mean') {
    this.name = name;
    this.className = className;
    this.value = value;
  }

  update(
    state: Readonly<Record<'total' | 'count', Tensor>>,
    { target, output, weight }: Observation,
  ) {
    const values = cast(this.value(target, output), { dtype: 'float32' });
    const weights = weightsLike(weight, values);
    return {
      total: add(state.total, sum(mul(values, weights))),
      count: add(state.count, sum(weights)),
    };
  }

  result({ total, count }: Readonly<Record<'total' | 'count', Tensor>>): Tensor {
    return divNoNan(total, count);
  }
}

/** Weights of examples repeated over the other axes of their values. */
export function weightsLike(weight: Tensor, values: Tensor): Tensor {
  const column =
    values.rank > 1
      ? reshape(weight, { shape: [-1, ...new Array<number>(values.rank - 1).fill(1)] })
      : weight;
  return broadcastLike(column, values);
}
