import type { TypedArray } from '../../../graph/dtype.js';
import { sizeOf } from '../../../graph/shape.js';
import type { AttentionGeometry } from '../../../lower/template.js';
import type { CompileTemplate } from './kernel.js';

const hidden = -1e9;

type Floats<N extends number, List extends Float32Array[] = []> = List['length'] extends N
  ? List
  : Floats<N, [...List, Float32Array]>;

/** sum_i a[i] b[i] of a row of each. */
function dot(a: Float32Array, b: Float32Array, [i, j, size]: readonly [number, number, number]) {
  let sum = 0;
  for (let p = 0; p < size; p++) sum += (a[i + p] as number) * (b[j + p] as number);
  return sum;
}

/** to[j] += factor * from[i] of a row of each. */
function addRow(
  to: Float64Array,
  from: Float32Array,
  { factor, i, j, size }: { factor: number; i: number; j: number; size: number },
): void {
  for (let p = 0; p < size; p++)
    to[j + p] = (to[j + p] as number) + factor * (from[i + p] as number);
}

/** The place in the mask of the first score of each matrix of the batch. */
function maskStarts({ batch, mask }: AttentionGeometry): number[] {
  const strides = mask?.strides ?? [];
  return batch.reduce(
    (starts, size, axis) =>
      starts.flatMap((start) =>
        Array.from({ length: size }, (_, i) => start + i * (strides[axis] ?? 0)),
      ),
    [0],
  );
}

/** Computes the scores of a query of a matrix of the batch, and which are seen. */
function rowOfScores(
  geometry: AttentionGeometry,
  [q, k, given]: readonly [Float32Array, Float32Array, TypedArray | undefined],
) {
  const { queries, keys, size, scale, causal, mask } = geometry;
  const scores = new Float64Array(keys);
  const seen = new Uint8Array(keys);
  const starts = maskStarts(geometry);
  const [perQuery = 0, perKey = 0] = mask?.strides.slice(-2) ?? [];
  const compute = (image: number, query: number): void => {
    for (let key = 0; key < keys; key++) {
      const rows = [(image * queries + query) * size, (image * keys + key) * size] as const;
      const at = (starts[image] as number) + query * perQuery + key * perKey;
      const own = mask ? Number((given as TypedArray)[at]) : 0;
      const visible = (!causal || key <= query) && (mask === null || mask.added || own !== 0);
      seen[key] = visible ? 1 : 0;
      scores[key] = visible ? scale * dot(q, k, [...rows, size]) + (mask?.added ? own : 0) : hidden;
    }
  };
  return { scores, seen, compute };
}

/** y = softmax(scale q k^T + mask) v, row by row. */
export const compileAttention: CompileTemplate<'attention'> = ({ geometry }, inputs, outputs) => {
  const { batch, queries, keys, values } = geometry;
  const [q, k, v] = inputs.slice(0, 3) as Floats<3>;
  const [y, most, total] = outputs as Floats<3>;
  const row = rowOfScores(geometry, [q, k, inputs[3]]);
  const { scores } = row;
  const result = new Float64Array(values);
  return () => {
    for (let image = 0; image < sizeOf(batch); image++) {
      for (let query = 0; query < queries; query++) {
        row.compute(image, query);
        const at = image * queries + query;
        let highest = Number.NEGATIVE_INFINITY;
        for (const score of scores) highest = Math.max(highest, score);
        let sum = 0;
        result.fill(0);
        for (let key = 0; key < keys; key++) {
          const factor = Math.exp((scores[key] as number) - highest);
          sum += factor;
          const i = (image * keys + key) * values;
          addRow(result, v, { factor, i, j: 0, size: values });
        }
        most[at] = highest;
        total[at] = sum;
        for (let p = 0; p < values; p++) y[at * values + p] = (result[p] as number) / sum;
      }
    }
  };
};

/** dq, dk and dv from the scores, which are computed again row by row. */
export const compileAttentionGradient: CompileTemplate<'attentionGradient'> = (
  { geometry },
  inputs,
  outputs,
) => {
  const { batch, queries, keys, size, values, scale } = geometry;
  const [q, k, v, most, total, delta, dy] = inputs.slice(0, 7) as Floats<7>;
  const row = rowOfScores(geometry, [q, k, inputs[7]]);
  const sums = [queries * size, keys * size, keys * values].map((all) => new Float64Array(all));
  const [dq, dk, dv] = sums as [Float64Array, Float64Array, Float64Array];
  const addQuery = (image: number, query: number): void => {
    row.compute(image, query);
    const at = image * queries + query;
    for (let key = 0; key < keys; key++) {
      const score = (row.scores[key] as number) - (most[at] as number);
      const weight = Math.exp(score) / (total[at] as number);
      const from = image * keys + key;
      addRow(dv, dy, { factor: weight, i: at * values, j: key * values, size: values });
      if (!row.seen[key]) continue;
      const into = dot(dy, v, [at * values, from * values, values]) - (delta[at] as number);
      const factor = scale * weight * into;
      addRow(dq, k, { factor, i: from * size, j: query * size, size });
      addRow(dk, q, { factor, i: at * size, j: key * size, size });
    }
  };
  return () => {
    for (let image = 0; image < sizeOf(batch); image++) {
      for (const sum of sums) sum.fill(0);
      for (let query = 0; query < queries; query++) addQuery(image, query);
      sums.forEach((sum, i) => (outputs[i] as Float32Array).set(sum, image * sum.length));
    }
  };
};
