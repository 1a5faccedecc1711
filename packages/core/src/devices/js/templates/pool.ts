import type { DType, TypedArray } from '../../../graph/dtype.js';
import type { PoolGeometry } from '../../../lower/template.js';
import { neutral } from './combine.js';
import type { CompileTemplate, TemplateKernel } from './kernel.js';
import { createWindowWalk, type WindowWalk, windowCount } from './window-walk.js';

/** Calls `visit` for every element of the output: its flat index and, in the walk, its window within x. */
function forEachWindow(
  geometry: PoolGeometry,
  visit: (walk: WindowWalk, channel: number, output: number) => void,
): TemplateKernel {
  const { channels } = geometry;
  const windows = windowCount(geometry);
  const walk = createWindowWalk(geometry);
  return () => {
    let output = 0;
    for (let window = 0; window < windows; window++) {
      walk.moveTo(window);
      for (let c = 0; c < channels; c++, output++) visit(walk, c, output);
    }
  };
}

/** The flat index in x of the first maximum of a window, of the first NaN where there is one, or -1 in an empty window. */
function firstMaximum(x: TypedArray, { positions, count }: WindowWalk, reach: Reach): number {
  const data = x as Float32Array;
  const { channels, channel } = reach;
  let best = -1;
  let most = 0;
  for (let i = 0; i < count; i++) {
    const at = (positions[i] as number) * channels + channel;
    const value = data[at] as number;
    if (best < 0 || value > most || Number.isNaN(value)) {
      best = at;
      most = value;
      if (Number.isNaN(value)) break;
    }
  }
  return best;
}

interface Reach {
  readonly channels: number;
  channel: number;
}

const zeroOf = (dtype: DType): number => (dtype === 'int64' ? 0n : 0) as number;

/** Like forEachWindow, with the position of the maximum, or -1 in a window that lies in the padding altogether. */
function forEachMaximum(
  x: TypedArray,
  geometry: PoolGeometry,
  visit: (maximum: number, output: number) => void,
): TemplateKernel {
  const reach: Reach = { channels: geometry.channels, channel: 0 };
  return forEachWindow(geometry, (walk, channel, output) => {
    reach.channel = channel;
    visit(firstMaximum(x, walk, reach), output);
  });
}

/** y = the maximum or the mean of the part of each window that lies inside x. */
export const compilePool: CompileTemplate<'pool'> = (template, [from], [to]) => {
  const { mode, geometry, countPadding, dtype } = template;
  const x = from as Float32Array;
  const y = to as Float32Array;
  if (mode === 'max') {
    const least = neutral('max', dtype);
    return forEachMaximum(x, geometry, (maximum, output) => {
      y[output] = maximum < 0 ? least : (x[maximum] as number);
    });
  }
  const { channels } = geometry;
  const zero = zeroOf(dtype);
  return forEachWindow(geometry, ({ positions, count, size }, channel, output) => {
    let sum = zero;
    for (let i = 0; i < count; i++)
      sum += x[(positions[i] as number) * channels + channel] as number;
    y[output] = mean(sum, countPadding ? size : count);
  });
};

/** sum / count on numbers and on bigints, where it truncates; 0 of nothing. */
function mean(sum: number | bigint, count: number): number {
  if (typeof sum === 'bigint') return (count ? sum / BigInt(count) : 0n) as unknown as number;
  return count ? sum / count : 0;
}

/** dx[p] = the sum of dy / count over the windows that hold p. */
export const compileAveragePoolGradient: CompileTemplate<'averagePoolGradient'> = (
  template,
  [from],
  [to],
) => {
  const { geometry, countPadding } = template;
  const { channels } = geometry;
  const dy = from as Float32Array;
  const dx = to as Float32Array;
  const zero = zeroOf(template.dtype);
  const spread = forEachWindow(geometry, ({ positions, count, size }, channel, output) => {
    const share = mean(dy[output] as number, countPadding ? size : count);
    for (let i = 0; i < count; i++) {
      const at = (positions[i] as number) * channels + channel;
      dx[at] = (dx[at] as number) + share;
    }
  });
  return (context) => {
    dx.fill(zero);
    spread(context);
  };
};

/** dx[p] = the sum of dy over the windows whose first maximum lies at p. */
export const compileMaxPoolGradient: CompileTemplate<'maxPoolGradient'> = (
  template,
  [x, gradient],
  [to],
) => {
  const dy = gradient as Float32Array;
  const dx = to as Float32Array;
  const zero = zeroOf(template.dtype);
  const spread = forEachMaximum(x as TypedArray, template.geometry, (maximum, output) => {
    if (maximum >= 0) dx[maximum] = (dx[maximum] as number) + (dy[output] as number);
  });
  return (context) => {
    dx.fill(zero);
    spread(context);
  };
};

/** y = v at the first maximum of x in each window. */
export const compileMaxPoolSelect: CompileTemplate<'maxPoolSelect'> = (
  template,
  [x, values],
  [to],
) => {
  const v = values as Float32Array;
  const y = to as Float32Array;
  const zero = zeroOf(template.dtype);
  return forEachMaximum(x as TypedArray, template.geometry, (maximum, output) => {
    y[output] = maximum < 0 ? zero : (v[maximum] as number);
  });
};

/** y = the flat index of the first maximum of each window, within its image or within the batch. */
export const compileMaxPoolIndex: CompileTemplate<'maxPoolIndex'> = (template, [x], [to]) => {
  const { geometry, includeBatch } = template;
  const { batch, inSize, channels } = geometry;
  const y = to as Int32Array;
  const image = inSize[0] * inSize[1] * inSize[2] * channels;
  const perImage = batch ? y.length / batch : 0;
  return forEachMaximum(x as TypedArray, geometry, (maximum, output) => {
    const base = includeBatch ? 0 : Math.floor(output / perImage) * image;
    y[output] = maximum < 0 ? 0 : maximum - base;
  });
};
