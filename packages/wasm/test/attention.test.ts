import {
  type AttentionGeometry,
  attention,
  attentionGradient,
  constant,
  js,
  mul,
  Session,
  sum,
  type TemplateOf,
  type Tensor,
} from '@tenon/core';
import { expect } from 'chai';
import { supportsRelaxedSimd } from '../src/encoder/compile.js';
import { emitAttention, emitAttentionGradient } from '../src/templates/attention.js';
import { arrayOf, randomSource } from './conv-data.js';
import { runKernel } from './run-kernel.js';

interface Sizes {
  readonly batch?: readonly number[];
  readonly queries: number;
  readonly keys: number;
  readonly size: number;
  readonly values?: number;
  readonly causal?: boolean;
  /** Shape of a mask, which has as many axes as the scores. */
  readonly mask?: readonly number[];
  readonly added?: boolean;
  /** Part of the mask that hides. */
  readonly hides?: number;
}

const random = randomSource(7);
const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
const floats = (length: number, factor = 2) =>
  Float32Array.from({ length }, () => (random() * 2 - 1) * factor);

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((size, axis) => (size === 1 ? 0 : product(shape.slice(axis + 1))));
}

function dataOf(sizes: Sizes) {
  const { batch = [2], queries, keys, size, values = size, causal = false, mask } = sizes;
  const { added = false, hides = 0.3 } = sizes;
  const geometry: AttentionGeometry = {
    ...{ batch, queries, keys, size, values, scale: 0.3, causal },
    mask: mask ? { added, strides: stridesOf(mask) } : null,
  };
  const images = product(batch);
  const [q, k] = [floats(images * queries * size), floats(images * keys * size)];
  const [v, flow] = [floats(images * keys * values), floats(images * queries * values)];
  const seen = mask && Array.from({ length: product(mask) }, () => Number(random() >= hides));
  const masks = !seen ? [] : added ? [floats(seen.length)] : [arrayOf('bool', seen)];
  return { geometry, images, q, k, v, flow, masks };
}

type Data = ReturnType<typeof dataOf>;

/** y, the largest scores, the sums of exponentials, dq, dk and dv in float64, with all scores held. */
async function expected(data: Data, mask: readonly number[] | undefined): Promise<Float64Array[]> {
  const { batch, queries, keys, size, values, scale, causal } = data.geometry;
  const double = (from: Float32Array, ...shape: number[]) =>
    constant(Float64Array.from(from), { dtype: 'float64', shape: [...batch, ...shape] });
  const [q, k] = [double(data.q, queries, size), double(data.k, keys, size)];
  const [v, flow] = [double(data.v, keys, values), double(data.flow, queries, values)];
  const masks = data.masks.map((given) =>
    given instanceof Float32Array
      ? constant(Float64Array.from(given), { dtype: 'float64', shape: mask as number[] })
      : constant(given as Uint8Array, { dtype: 'bool', shape: mask as number[] }),
  );
  const attrs = { scale, causal, scores: 'held' as const };
  const [y, most, total] = attention(q, k, v, masks, attrs) as [Tensor, Tensor, Tensor];
  const delta = sum(mul(y, flow), { axis: -1, keepDims: true });
  const gradients = attentionGradient(q, k, v, most, total, delta, flow, masks, attrs);
  const session = new Session({ devices: [js()] });
  const results = await session.run([y, most, total, ...gradients, delta], {});
  session.close();
  return results.map(({ data: found }) => found as Float64Array);
}

function run(data: Data, delta: Float32Array, threads: number): Float32Array[] {
  const { geometry, images, q, k, v, flow, masks } = data;
  const { queries, keys, size, values } = geometry;
  const of = (...sizes: number[]) => new Float32Array(images * product(sizes)).fill(9);
  const [y, most, total] = [of(queries, values), of(queries), of(queries)];
  const gradients = [of(queries, size), of(keys, size), of(keys, values)];
  const how = { threads, passes: 2, relaxedSimd: supportsRelaxedSimd() };
  const template = { dtype: 'float32', geometry } as const;
  runKernel((f) => emitAttention({ kind: 'attention', ...template }, f), {
    ...{ inputs: [q, k, v, ...masks], outputs: [y, most, total] },
    ...how,
  });
  const forward: TemplateOf<'attentionGradient'> = { kind: 'attentionGradient', ...template };
  runKernel((f) => emitAttentionGradient(forward, f), {
    ...{ inputs: [q, k, v, most, total, delta, flow, ...masks], outputs: gradients },
    ...how,
  });
  return [y, most, total, ...gradients];
}

async function check(sizes: Sizes): Promise<void> {
  const data = dataOf(sizes);
  const wanted = await expected(data, sizes.mask);
  const delta = Float32Array.from(wanted[6] as Float64Array);
  const [one, two, three] = [1, 2, 3].map((threads) => run(data, delta, threads));
  expect(two, '2 threads').to.deep.equal(one);
  expect(three, '3 threads').to.deep.equal(one);
  const names = ['y', 'most', 'total', 'dq', 'dk', 'dv'];
  const wrong = names.flatMap((name, i) => {
    const [found, right] = [one?.[i] as Float32Array, wanted[i] as Float64Array];
    const largest = right.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    return Array.from(right).flatMap((value, at) => {
      const apart = Math.abs(value - (found[at] as number));
      return apart <= 4e-6 * largest ? [] : [{ name, at, value, found: found[at] }];
    });
  });
  expect(wrong.slice(0, 5), JSON.stringify(sizes)).to.deep.equal([]);
}

describe('attention in tiles', () => {
  const cases: Record<string, readonly Sizes[]> = {
    'sizes that fill no tile': [
      { queries: 1, keys: 1, size: 1 },
      { queries: 3, keys: 2, size: 5, values: 7 },
      { queries: 13, keys: 29, size: 3, values: 1 },
      { batch: [], queries: 9, keys: 11, size: 12, values: 10 },
    ],
    'several blocks of keys and tiles of queries': [
      { batch: [1], queries: 170, keys: 509, size: 8, values: 9 },
      { batch: [3], queries: 131, keys: 263, size: 16 },
    ],
    'a future that is hidden': [
      { queries: 5, keys: 5, size: 4, causal: true },
      { batch: [1], queries: 300, keys: 300, size: 8, causal: true },
      { batch: [1], queries: 31, keys: 520, size: 4, causal: true },
      { batch: [1], queries: 270, keys: 47, size: 4, causal: true },
    ],
    'masks of bool': [
      { batch: [2, 3], queries: 11, keys: 21, size: 4, mask: [2, 1, 1, 21] },
      { batch: [2, 3], queries: 11, keys: 21, size: 4, mask: [1, 3, 11, 21] },
      { batch: [2], queries: 90, keys: 250, size: 4, mask: [1, 90, 1] },
      { batch: [2], queries: 90, keys: 250, size: 4, mask: [2, 90, 250], causal: true },
    ],
    'queries that see nothing': [
      { queries: 90, keys: 260, size: 4, mask: [2, 1, 260], hides: 1 },
      { queries: 90, keys: 260, size: 4, mask: [2, 90, 260], hides: 0.9, causal: true },
      { queries: 90, keys: 260, size: 4, mask: [2, 1, 260], hides: 0.97, causal: true },
    ],
    'masks that are added': [
      { batch: [2, 2], queries: 19, keys: 33, size: 4, mask: [1, 2, 19, 33], added: true },
      { batch: [2], queries: 90, keys: 70, size: 4, mask: [1, 1, 70], added: true, causal: true },
    ],
  };
  for (const [what, all] of Object.entries(cases))
    it(`is right for ${what}, by any number of threads`, async () => {
      for (const sizes of all) await check(sizes);
    });
});
