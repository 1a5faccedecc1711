import type { Batch } from '../coordinator/commit.js';
import type { ArrayGradients, ArrayParameters } from '../coordinator/shard/array-parameters.js';

/** What gradients derive from: parameters by shard, the batch, and a seed of (round, worker). */
export interface TaskInput {
  readonly parameters: readonly ArrayParameters[];
  readonly batch: Batch;
  readonly round: number;
  readonly worker: number;
}

const rows = 5;

/** The parameters that a shard starts with: a dense vector and a table of rows. */
export function initialParameters(shard: number): ArrayParameters {
  return {
    dense: { values: Float32Array.from([1, 2, 3], (i) => i / (shard + 1)), width: 1 },
    table: { values: new Float32Array(rows * 2).fill(shard), width: 2 },
  };
}

/** Gradients of a made-up loss, sums over the examples; every input changes every bit of them. */
export function syntheticGradients(input: TaskInput): ArrayGradients[] {
  const { parameters, batch, round, worker } = input;
  const all = parameters.reduce((sum, p) => sum + (p.dense?.values[0] ?? 0), 0);
  const seed = Math.sin(round * 12.9898 + worker * 78.233);
  return parameters.map(({ dense, table }) => {
    const sum = new Float32Array(dense?.values.length ?? 0);
    const touched: number[] = [];
    const values: number[] = [];
    for (let example = batch.from; example < batch.to; example++) {
      const x = batch.shard + batch.epoch * 0.37 + example * 0.11 + seed;
      for (let i = 0; i < sum.length; i++) {
        sum[i] = (sum[i] as number) + Math.sin((dense?.values[i] ?? 0) + all + x * (i + 1));
      }
      const row = (batch.shard + example) % rows;
      touched.push(row);
      for (const i of [0, 1]) values.push(Math.cos((table?.values[row * 2 + i] ?? 0) + x));
    }
    return {
      dense: { values: sum },
      table: { rows: touched, values: Float32Array.from(values) },
    };
  });
}
