import type { TypedArray } from '../../../graph/dtype.js';
import type { ConvGeometry } from '../../../lower/template.js';
import { createWindowWalk, windowCount } from './window-walk.js';

/** x, filter and y, or what takes their place in a gradient. */
export type Arrays = Readonly<Record<Target, TypedArray>>;

type Target = 'x' | 'filter' | 'y';

/** What one tap of one window multiplies and where it adds it, in double precision. Kept between taps, so that none is made. */
interface Products {
  readonly sum: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
  /** Where the tap begins in sum, a and b. */
  s: number;
  i: number;
  j: number;
  readonly channels: number;
  /** Outputs of every channel. */
  readonly multiplier: number;
}

type AddTap = (products: Products) => void;

/** sum[c] += a[c] b[c]: with one output for every channel, whatever the target is. */
const addProducts: AddTap = (products) => {
  const { sum, a, b } = products;
  let { i, j } = products;
  const end = products.s + products.channels;
  for (let s = products.s; s < end; s++, i++, j++)
    sum[s] = (sum[s] as number) + (a[i] as number) * (b[j] as number);
};

/** sum[o] += a[c] b[o] for the outputs o of every channel c: y and filter, from x and the other. */
const addToOutputs: AddTap = (products) => {
  const { sum, a, b, multiplier } = products;
  let { s, j } = products;
  const end = products.i + products.channels;
  for (let i = products.i; i < end; i++) {
    const value = a[i] as number;
    for (let q = 0; q < multiplier; q++, s++, j++)
      sum[s] = (sum[s] as number) + value * (b[j] as number);
  }
};

/** sum[c] += a[o] b[o]: x, from filter and y. */
const addToChannels: AddTap = (products) => {
  const { sum, a, b, multiplier } = products;
  let { i, j } = products;
  const end = products.s + products.channels;
  for (let s = products.s; s < end; s++) {
    let total = 0;
    for (let q = 0; q < multiplier; q++, i++, j++) total += (a[i] as number) * (b[j] as number);
    sum[s] = (sum[s] as number) + total;
  }
};

const factors = {
  y: { first: 'x', second: 'filter', add: addToOutputs },
  filter: { first: 'x', second: 'y', add: addToOutputs },
  x: { first: 'filter', second: 'y', add: addToChannels },
} as const satisfies Record<Target, { first: Target; second: Target; add: AddTap }>;

/**
 * One sweep over the taps of all windows of a convolution in which every input channel is a group of its own. It writes y, or
 * adds to x or to the filter.
 */
export function compileDepthwise(
  geometry: ConvGeometry,
  target: Target,
  arrays: Arrays,
): () => void {
  const { inChannels, outChannels } = geometry;
  const windows = windowCount(geometry);
  const walk = createWindowWalk(geometry);
  const forward = target === 'y';
  const sums = new Float64Array(forward ? outChannels : 0);
  const { first, second, add } = factors[target];
  const multiplier = outChannels / inChannels;
  const addTap = multiplier === 1 ? addProducts : add;
  const products = {
    sum: forward ? sums : arrays[target],
    a: arrays[first],
    b: arrays[second],
    s: 0,
    i: 0,
    j: 0,
    channels: inChannels,
    multiplier,
  } as Products;
  const at = { x: 0, filter: 0, y: 0 };
  return () => {
    for (let window = 0; window < windows; window++) {
      walk.moveTo(window);
      if (forward) sums.fill(0);
      else at.y = window * outChannels;
      for (let tap = 0; tap < walk.count; tap++) {
        at.x = (walk.positions[tap] as number) * inChannels;
        at.filter = (walk.taps[tap] as number) * outChannels;
        products.s = at[target];
        products.i = at[first];
        products.j = at[second];
        addTap(products);
      }
      if (forward) (arrays.y as Float32Array).set(sums, window * outChannels);
    }
  };
}
