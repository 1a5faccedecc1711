import type { TypedArray } from '../../../graph/dtype.js';
import type { ConvGeometry } from '../../../lower/template.js';
import { createWindowWalk, windowCount } from './window-walk.js';

/** Where one tap of one window lies in each array, and the sizes that all taps share. */
interface Tap {
  x: number;
  filter: number;
  y: number;
  readonly channels: number;
  readonly multiplier: number;
}

interface Operands {
  readonly x: Float32Array;
  readonly filter: Float32Array;
  readonly y: Float32Array;
}

/** What a sweep writes; it is summed in double precision. */
type Target = keyof Operands;

type TapKernel = (operands: Operands, tap: Tap) => void;

const severalOutputs: Record<Target, TapKernel> = {
  /** y[o] += x[c] filter[o] for the outputs o of every channel c */
  y({ x, filter, y }, tap) {
    const { multiplier } = tap;
    let { filter: f, y: at } = tap;
    const end = tap.x + tap.channels;
    for (let c = tap.x; c < end; c++) {
      const value = x[c] as number;
      for (let q = 0; q < multiplier; q++, f++, at++) {
        y[at] = (y[at] as number) + value * (filter[f] as number);
      }
    }
  },
  /** x[c] += y[o] filter[o] */
  x({ x, filter, y }, tap) {
    const { multiplier } = tap;
    let { filter: f, y: at } = tap;
    const end = tap.x + tap.channels;
    for (let c = tap.x; c < end; c++) {
      let sum = 0;
      for (let q = 0; q < multiplier; q++, f++, at++)
        sum += (y[at] as number) * (filter[f] as number);
      x[c] = (x[c] as number) + sum;
    }
  },
  /** filter[o] += x[c] y[o] */
  filter({ x, filter, y }, tap) {
    const { multiplier } = tap;
    let { filter: f, y: at } = tap;
    const end = tap.x + tap.channels;
    for (let c = tap.x; c < end; c++) {
      const value = x[c] as number;
      for (let q = 0; q < multiplier; q++, f++, at++) {
        filter[f] = (filter[f] as number) + value * (y[at] as number);
      }
    }
  },
};

/** Where one output for each channel makes the three sweeps one: products of two arrays are added to the third. */
interface Product {
  readonly sum: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
  s: number;
  i: number;
  j: number;
  readonly channels: number;
}

/** sum[s + c] += a[i + c] b[j + c] */
function addProducts({ sum, a, b, s, i, j, channels }: Product): void {
  for (let c = 0; c < channels; c++) {
    sum[s + c] = (sum[s + c] as number) + (a[i + c] as number) * (b[j + c] as number);
  }
}

const factors = {
  y: ['x', 'filter'],
  x: ['filter', 'y'],
  filter: ['x', 'y'],
} as const satisfies Record<Target, readonly [Target, Target]>;

function oneOutput(operands: Operands, target: Target, channels: number): (tap: Tap) => void {
  const [a, b] = factors[target];
  const product: Product = {
    sum: operands[target],
    a: operands[a],
    b: operands[b],
    s: 0,
    i: 0,
    j: 0,
    channels,
  };
  return (tap) => {
    product.s = tap[target];
    product.i = tap[a];
    product.j = tap[b];
    addProducts(product);
  };
}

/** x, filter and y, or what takes their place in a gradient. */
export type Arrays = Readonly<Record<Target, TypedArray>>;

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
  const y = arrays.y as Float32Array;
  const operands = { ...arrays, y: forward ? sums : y } as Operands;
  const multiplier = outChannels / inChannels;
  const tap: Tap = { x: 0, filter: 0, y: 0, channels: inChannels, multiplier };
  const several = severalOutputs[target];
  const addTap =
    multiplier === 1
      ? oneOutput(operands, target, inChannels)
      : (place: Tap) => several(operands, place);
  return () => {
    for (let window = 0; window < windows; window++) {
      walk.moveTo(window);
      if (forward) sums.fill(0);
      else tap.y = window * outChannels;
      for (let i = 0; i < walk.count; i++) {
        tap.x = (walk.positions[i] as number) * inChannels;
        tap.filter = (walk.taps[i] as number) * outChannels;
        addTap(tap);
      }
      if (forward) y.set(sums, window * outChannels);
    }
  };
}
