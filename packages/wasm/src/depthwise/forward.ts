import type { ConvGeometry } from '@tenon/core';
import { type Lanes, lanesFor } from '../conv/lanes.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4 } from '../encoder/simd.js';
import type { Finish } from '../window/finish.js';
import { forPointers } from '../window/pointers.js';
import { type Columns, forColumns } from './columns.js';
import {
  depthMultiplier,
  forTapPairs,
  loadInputs,
  type Strip,
  stripOf,
  stripOffsets,
  tapSteps,
} from './taps.js';

export interface Depthwise {
  readonly geometry: ConvGeometry;
  readonly x: Local;
  readonly filter: Local;
  readonly y: Local;
  /** Whether the filter is read from its last tap to its first. */
  readonly mirrored?: boolean;
  readonly finish?: Finish | undefined;
}

/** y of a convolution of each channel by itself, float32. Threads share the positions of y. */
export function depthwiseForward(k: KernelFunction, given: Depthwise): Code {
  const { f } = k;
  const { geometry } = given;
  const { batch, outSize } = geometry;
  const strip = stripOf(geometry, { perColumn: 1, perTap: 1 });
  const sums = Array.from({ length: strip.columns }, () => f.v128());
  const [from, to] = [f.i32(), f.i32()];
  return seq(
    k.share(batch * outSize[0] * outSize[1] * outSize[2], from, to),
    forColumns(k, { geometry, strip: strip.columns, from, to }, (columns) =>
      channelSweep(k, { ...given, columns, strip, sums }),
    ),
  );
}

interface ChannelSweep extends Depthwise {
  readonly columns: Columns;
  readonly strip: Strip;
  readonly sums: readonly Local[];
}

/** All channels of some columns, four outputs at a time. */
function channelSweep(k: KernelFunction, sweep: ChannelSweep): Code {
  const { f } = k;
  const { geometry, columns, x, filter, y, mirrored = false } = sweep;
  const { inChannels, outChannels, window } = geometry;
  const steps = tapSteps(geometry);
  const [at, weights, out, channel] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const lastTap = (window[0] * window[1] * window[2] - 1) * steps.filter[2];
  const passes = lanesFor('float32', outChannels, f).map(({ lanes, from, to }) =>
    forPointers(
      f,
      {
        count: (to - from) / lanes.count,
        pointers: [
          [at, (4 * lanes.count) / depthMultiplier(geometry)],
          [weights, 4 * lanes.count],
          [out, 4 * lanes.count],
          [channel, lanes.count],
        ],
      },
      vectorOf(k, { ...sweep, lanes, at, weights, out, channel }),
    ),
  );
  const { position, cursor } = columns;
  return seq(
    at.set(i32.add(x.get, i32.mul(cursor.position(), i32.const(inChannels * 4)))),
    weights.set(mirrored ? i32.add(filter.get, i32.const(lastTap)) : filter.get),
    out.set(i32.add(y.get, i32.mul(position, i32.const(outChannels * 4)))),
    channel.set(i32.const(0)),
    ...passes,
  );
}

interface VectorSweep extends ChannelSweep {
  readonly lanes: Lanes;
  readonly at: Local;
  readonly weights: Local;
  readonly out: Local;
  readonly channel: Local;
}

/** A vector of outputs of each column: the sum over all taps, and what becomes of it. */
function vectorOf(k: KernelFunction, sweep: VectorSweep): Code {
  const { f } = k;
  const { geometry, columns, lanes, finish, channel, mirrored, strip } = sweep;
  const { cursor, count, position } = columns;
  const rowBytes = geometry.outChannels * 4;
  const sums = sweep.sums.slice(0, count);
  const steps = tapSteps(geometry);
  const turned = steps.filter.map((step) => (mirrored ? -step : step)) as [number, number, number];
  const pairs = {
    cursor,
    x: sweep.at,
    filter: sweep.weights,
    steps: { x: steps.x, filter: turned },
  };
  const row = f.i32();
  const whole = columns.inside && strip.taps === geometry.window[2];
  const taps = whole
    ? forTapPairs(k, { ...pairs, axes: [0, 1] }, (x, filter) =>
        addTaps(k, { ...sweep, sums, x, filter, step: turned[2], taps: strip.taps }),
      )
    : forTapPairs(k, { ...pairs, axes: [0, 1, 2] }, (x, filter) =>
        addTaps(k, { ...sweep, sums, x, filter, step: turned[2], taps: 1 }),
      );
  const ends = sums.map((value, i) =>
    seq(
      finish
        ? seq(
            row.set(i32.add(position, i32.const(i))),
            finish({ value, row, column: channel, count: lanes.count }),
          )
        : [],
      lanes.store(sweep.out.get, value.get, i * rowBytes),
    ),
  );
  return seq(...sums.map((sum) => sum.set(f32x4.const(0))), taps, ...ends);
}

interface Taps extends VectorSweep {
  /** Addresses of the first tap. */
  readonly x: Local;
  readonly filter: Local;
  /** Bytes between taps of the filter. */
  readonly step: number;
  readonly taps: number;
}

/** Adds the products of some taps of a row to all sums. */
function addTaps(k: KernelFunction, given: Taps): Code {
  const { f } = k;
  const { geometry, lanes, sums, x, filter, step, taps } = given;
  const { strides, dilations, inChannels } = geometry;
  const load = loadInputs(depthMultiplier(geometry), lanes.count);
  const offsets = stripOffsets(geometry, { columns: sums.length, taps });
  const inputs = new Map(offsets.map((offset) => [offset, f.v128()]));
  const weights = Array.from({ length: taps }, () => f.v128());
  const weightAt = (tap: number): Code =>
    step < 0 && tap > 0
      ? lanes.load(i32.add(filter.get, i32.const(tap * step)))
      : lanes.load(filter.get, tap * step);
  return seq(
    ...[...inputs].map(([offset, value]) => value.set(load(x.get, offset * inChannels * 4))),
    ...weights.map((weight, tap) => weight.set(weightAt(tap))),
    ...weights.flatMap((weight, tap) =>
      sums.map((sum, column) => {
        const value = inputs.get(column * strides[2] + tap * dilations[2]) as Local;
        return sum.set(k.fma(value.get, weight.get, sum.get));
      }),
    ),
  );
}
