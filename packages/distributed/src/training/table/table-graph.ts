import { encodeGraph, type Optimizer, placeholder, type Tensor, variable } from '@tenon/core';
import { sameRule, slotsOf } from '../same-rule.js';

/** Rows that one run of a table's update changes. */
export const rowsAtOnce = 256;

/** What a parameter shard runs on some rows of a table. */
export interface TableFetches {
  readonly [name: string]: Tensor;
  readonly update: Tensor;
}

/** An optimizer's rule on some rows of a table, as a graph: the variables `part/0`, the values, and `part/1` on, its slots. */
export function tableGraph(model: Optimizer, width: number): Uint8Array {
  const optimizer = sameRule(model);
  const shape = [rowsAtOnce, width];
  const rows = variable(new Float32Array(rowsAtOnce * width), { name: 'rows', shape });
  const gradient = placeholder({ dtype: 'float32', shape, name: 'gradient' });
  const fetches: TableFetches = { update: optimizer.apply([gradient], [rows]) };
  const { iterations, learningRate } = optimizer;
  const slots = slotsOf(optimizer, 0).map((slot, i) => [`part/${i + 1}`, slot.variable] as const);
  return encodeGraph({
    fetches,
    inputs: { gradient },
    variables: { 'part/0': rows, ...Object.fromEntries(slots), iterations, learningRate },
  });
}
