import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { i8x16, v128 } from '../encoder/simd.js';
import { loadFloats } from '../gemm/floats.js';
import type { WindowCursor } from '../window/cursor.js';

/** How many outputs each input channel has where channels are convolved one by one and four outputs are a vector of x away. */
export function depthMultiplier({ groups, inChannels, outChannels }: ConvGeometry): number {
  const each = outChannels / groups;
  return groups > 1 && groups === inChannels && [1, 2, 4].includes(each) ? each : 0;
}

/** The inputs of `count` outputs side by side. */
export function loadInputs(multiplier: number, count: number): (at: Code, offset: number) => Code {
  if (multiplier === 1) return (at, offset) => loadFloats(at, count, offset);
  if (multiplier === 4) return v128.load32Splat;
  const twice = [0, 0, 1, 1].flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte));
  return (at, offset) => {
    const pair = loadFloats(at, Math.ceil(count / 2), offset);
    return i8x16.shuffle(pair, pair, twice);
  };
}

type Steps = readonly [number, number, number];

/** Bytes from tap to tap along each axis, in x and in the filter. */
export function tapSteps(geometry: ConvGeometry): { readonly x: Steps; readonly filter: Steps } {
  const { inSize, dilations, window, inChannels, outChannels } = geometry;
  const line = inSize[2] * inChannels * 4;
  const row = window[2] * outChannels * 4;
  return {
    x: [dilations[0] * inSize[1] * line, dilations[1] * line, dilations[2] * inChannels * 4],
    filter: [window[1] * row, row, outChannels * 4],
  };
}

interface TapPairs {
  readonly cursor: WindowCursor;
  readonly axes: readonly (0 | 1 | 2)[];
  /** Addresses at tap 0. */
  readonly x: Local;
  readonly filter: Local;
  readonly steps: { readonly x: Steps; readonly filter: Steps };
}

/** Passes over the taps inside x along some axes. */
export function forTapPairs(
  k: KernelFunction,
  { cursor, axes, x, filter, steps }: TapPairs,
  body: (x: Local, filter: Local) => Code,
): Code {
  const [axis, ...inner] = axes;
  if (axis === undefined) return body(x, filter);
  const next = { cursor, axes: inner, steps };
  const { first, end, whole } = cursor.axes[axis];
  if (whole && cursor.geometry.window[axis] === 1) {
    return forTapPairs(k, { ...next, x, filter }, body);
  }
  const [a, b, left] = [k.f.i32(), k.f.i32(), k.f.i32()];
  const start = (from: Local, step: number): Code =>
    i32.add(from.get, i32.mul(first, i32.const(step)));
  return seq(
    a.set(start(x, steps.x[axis])),
    b.set(start(filter, steps.filter[axis])),
    left.set(i32.sub(end, first)),
    k.f.while(
      i32.gtS(left.get, i32.const(0)),
      seq(
        forTapPairs(k, { ...next, x: a, filter: b }, body),
        a.increase(steps.x[axis]),
        b.increase(steps.filter[axis]),
        left.increase(-1),
      ),
    ),
  );
}

// Loads come before arithmetic, so that all that a pass loads is in registers at once beside its sums.
const registers = 14;

/** Positions along the last axis that are computed at once, and how many taps of a row. */
export interface Strip {
  readonly columns: number;
  readonly taps: number;
}

/** The widest strip that fits into the registers; `perColumn` and `perTap` are registers that each takes beside x. */
export function stripOf(
  geometry: ConvGeometry,
  { perColumn, perTap }: { readonly perColumn: number; readonly perTap: number },
): Strip {
  const fits = (columns: number, taps: number): boolean =>
    stripOffsets(geometry, { columns, taps }).length + perColumn * columns + perTap * taps <=
    registers;
  const widest = (taps: number): number =>
    [6, 5, 4, 3, 2].find((columns) => fits(columns, taps)) ?? 1;
  const all = widest(geometry.window[2]);
  return all > 1 ? { columns: all, taps: geometry.window[2] } : { columns: widest(1), taps: 1 };
}

/** Where along the last axis of x the taps of a strip lie, counted from the first tap of its first column. */
export function stripOffsets({ strides, dilations }: ConvGeometry, strip: Strip): number[] {
  const offsets = new Set<number>();
  for (let column = 0; column < strip.columns; column++) {
    for (let tap = 0; tap < strip.taps; tap++) {
      offsets.add(column * strides[2] + tap * dilations[2]);
    }
  }
  return [...offsets].sort((a, b) => a - b);
}

/** The columns whose windows lie inside x along the last axis. */
export function insideColumns(geometry: ConvGeometry): {
  readonly from: number;
  readonly to: number;
} {
  const { inSize, outSize, window, strides, dilations, padBefore } = geometry;
  const reach = (window[2] - 1) * dilations[2];
  const from = Math.max(0, Math.ceil(padBefore[2] / strides[2]));
  const to = Math.floor((inSize[2] - 1 - reach + padBefore[2]) / strides[2]) + 1;
  const last = Math.min(outSize[2], to);
  return last > from ? { from, to: last } : { from: 0, to: 0 };
}
