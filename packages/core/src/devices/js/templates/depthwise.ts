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

type Arrays = readonly [x: TypedArray, filter: TypedArray, y: TypedArray];

interface Operands {
  readonly x: Float32Array;
  readonly filter: Float32Array;
  readonly y: Float32Array;
}

type TapKernel = (operands: Operands, tap: Tap) => void;

/** y[o] += x[c] filter[o] for the outputs o of every channel c */
const forward: TapKernel = ({ x, filter, y }, tap) => {
  const { multiplier } = tap;
  let { filter: f, y: at } = tap;
  const end = tap.x + tap.channels;
  for (let c = tap.x; c < end; c++) {
    const value = x[c] as number;
    for (let q = 0; q < multiplier; q++, f++, at++) {
      y[at] = (y[at] as number) + value * (filter[f] as number);
    }
  }
};

/** x[c] += y[o] filter[o] */
const input: TapKernel = ({ x, filter, y }, tap) => {
  const { multiplier } = tap;
  let { filter: f, y: at } = tap;
  const end = tap.x + tap.channels;
  for (let c = tap.x; c < end; c++) {
    let sum = 0;
    for (let q = 0; q < multiplier; q++, f++, at++)
      sum += (y[at] as number) * (filter[f] as number);
    x[c] = (x[c] as number) + sum;
  }
};

/** filter[o] += x[c] y[o] */
const filterGradient: TapKernel = ({ x, filter, y }, tap) => {
  const { multiplier } = tap;
  let { filter: f, y: at } = tap;
  const end = tap.x + tap.channels;
  for (let c = tap.x; c < end; c++) {
    const value = x[c] as number;
    for (let q = 0; q < multiplier; q++, f++, at++) {
      filter[f] = (filter[f] as number) + value * (y[at] as number);
    }
  }
};

/**
 * One sweep over the taps of all windows of a convolution in which every input channel is a group of its own. `forward`
 * writes y; the other two add to x or to the filter.
 */
export function compileDepthwise(
  geometry: ConvGeometry,
  target: 'forward' | 'input' | 'filter',
  [x, filter, y]: Arrays,
): () => void {
  const { inChannels, outChannels } = geometry;
  const windows = windowCount(geometry);
  const walk = createWindowWalk(geometry);
  const isForward = target === 'forward';
  const kernel = { forward, input, filter: filterGradient }[target];
  const sums = new Float64Array(isForward ? outChannels : 0);
  const output = y as Float32Array;
  const operands = { x, filter, y: isForward ? sums : y } as Operands;
  const tap: Tap = {
    x: 0,
    filter: 0,
    y: 0,
    channels: inChannels,
    multiplier: outChannels / inChannels,
  };
  return () => {
    for (let window = 0; window < windows; window++) {
      walk.moveTo(window);
      if (isForward) sums.fill(0);
      else tap.y = window * outChannels;
      for (let i = 0; i < walk.count; i++) {
        tap.x = (walk.positions[i] as number) * inChannels;
        tap.filter = (walk.taps[i] as number) * outChannels;
        kernel(operands, tap);
      }
      if (isForward) output.set(sums, window * outChannels);
    }
  };
}
