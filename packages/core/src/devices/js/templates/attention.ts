import type { TypedArray } from '../../../graph/dtype.js';
import { sizeOf } from '../../../graph/shape.js';
import type { AttentionGeometry } from '../../../lower/template.js';
import type { CompileTemplate } from './kernel.js';

const hidden = -1e9;

type Floats<N extends number, List extends Float32Array[] = []> = List['length'] extends N
  ? List
  : Floats<N, [...List, Float32Array]>;

/** sum_p a[i + p] b[j + p] of rows that begin at i and j. */
const rowProduct =
  (a: Float32Array, b: Float32Array, size: number) =>
  (i: number, j: number): number => {
    let sum = 0;
    for (let p = 0; p < size; p++) sum += (a[i + p] as number) * (b[j + p] as number);
    return sum;
  };

/** to[j + p] += factor * from[i + p] of rows that begin at i and j. */
const rowSum =
  (to: Float64Array, from: Float32Array, size: number) =>
  (factor: number, i: number, j: number): void => {
    for (let p = 0; p < size; p++)
      to[j + p] = (to[j + p] as number) + factor * (from[i + p] as number);
  };

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
  // Rounded, so that the gradient takes away the largest score from the very same numbers.
  const scores = new Float32Array(keys);
  const seen = new Uint8Array(keys);
  const starts = maskStarts(geometry);
  const [perQuery = 0, perKey = 0] = mask?.strides.slice(-2) ?? [];
  const score = rowProduct(q, k, size);
  const compute = (image: number, query: number): void => {
    const row = (image * queries + query) * size;
    for (let key = 0; key < keys; key++) {
      const at = (starts[image] as number) + query * perQuery + key * perKey;
      const own = mask ? Number((given as TypedArray)[at]) : 0;
      const visible = (!causal || key <= query) && (mask === null || mask.added || own !== 0);
      seen[key] = visible ? 1 : 0;
      scores[key] = visible
        ? scale * score(row, (image * keys + key) * size) + (mask?.added ? own : 0)
        : hidden;
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
  const addValues = rowSum(result, v, values);
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
          addValues(factor, (image * keys + key) * values, 0);
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
  const [q, k, v, most, total, delta, flow] = inputs.slice(0, 7) as Floats<7>;
  const row = rowOfScores(geometry, [q, k, inputs[7]]);
  const sums = [queries * size, keys * size, keys * values].map((all) => new Float64Array(all));
  const [dq, dk, dv] = sums as [Float64Array, Float64Array, Float64Array];
  const [addKey, addQuery] = [rowSum(dq, k, size), rowSum(dk, q, size)];
  const [addFlow, flowOf] = [rowSum(dv, flow, values), rowProduct(flow, v, values)];
  const meetKeys = (image: number, query: number): void => {
    row.compute(image, query);
    const at = image * queries + query;
    for (let key = 0; key < keys; key++) {
      const score = (row.scores[key] as number) - (most[at] as number);
      const weight = Math.exp(score) / (total[at] as number);
      const from = image * keys + key;
      addFlow(weight, at * values, key * values);
      if (!row.seen[key]) continue;
      const into = flowOf(at * values, from * values) - (delta[at] as number);
      const factor = scale * weight * into;
      addKey(factor, from * size, query * size);
      addQuery(factor, at * size, key * size);
    }
  };
  return () => {
    for (let image = 0; image < sizeOf(batch); image++) {
      for (const sum of sums) sum.fill(0);
      for (let query = 0; query < queries; query++) meetKeys(image, query);
      sums.forEach((sum, i) => (outputs[i] as Float32Array).set(sum, image * sum.length));
    }
  };
};
