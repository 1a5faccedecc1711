import type { ConvGeometry } from '@tenon/core';
import { type Lanes, lanesFor } from '../conv/lanes.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
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

interface DepthwiseFilter {
  readonly geometry: ConvGeometry;
  readonly x: Local;
  readonly dy: Local;
  readonly dFilter: Local;
}

const mostChunks = 16;

/**
 * dFilter of a convolution of each channel by itself, float32. The positions of dy are cut into chunks, of which threads share
 * the sums; then the sums of all chunks are added in their order.
 */
export function depthwiseFilter(k: KernelFunction, given: DepthwiseFilter): Code {
  const { f } = k;
  const { geometry, dFilter } = given;
  const { batch, outSize, window, outChannels } = geometry;
  const positions = batch * outSize[0] * outSize[1] * outSize[2];
  const chunks = Math.min(mostChunks, positions);
  const size = window[0] * window[1] * window[2] * outChannels;
  const [parts, sums, unit, end, from, to] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const strip = stripOf(geometry, { perColumn: 1, perTap: 1 });
  const cut = (chunk: Code): Code =>
    i32.divU(i32.mul(chunk, i32.const(positions)), i32.const(chunks));
  const collect = seq(
    sums.set(i32.add(parts.get, i32.mul(unit.get, i32.const(size * 4)))),
    memoryFill(sums.get, i32.const(0), i32.const(size * 4)),
    from.set(cut(unit.get)),
    to.set(cut(i32.add(unit.get, i32.const(1)))),
    forColumns(k, { geometry, strip: strip.columns, from, to }, (columns) =>
      addColumns(k, { ...given, columns, strip, sums }),
    ),
    unit.increase(1),
  );
  return seq(
    parts.set(k.shared(chunks * size * 4)),
    k.share(chunks, unit, end),
    f.while(i32.ltS(unit.get, end.get), collect),
    k.barrier(),
    addChunks(k, { parts, chunks, size, to: dFilter }),
  );
}

interface ColumnSweep extends DepthwiseFilter {
  readonly columns: Columns;
  readonly strip: Strip;
  /** Address of the sums, which lie like the filter. */
  readonly sums: Local;
}

/** Adds what some columns give to all taps. */
function addColumns(k: KernelFunction, sweep: ColumnSweep): Code {
  const { f } = k;
  const { geometry, columns, strip, x, dy, sums } = sweep;
  const { inChannels, outChannels } = geometry;
  const { cursor, position } = columns;
  const [at, out] = [f.i32(), f.i32()];
  const whole = columns.inside && strip.taps === geometry.window[2];
  const pairs = { cursor, x: at, filter: sums, steps: tapSteps(geometry) };
  const axes = whole ? ([0, 1] as const) : ([0, 1, 2] as const);
  return seq(
    at.set(i32.add(x.get, i32.mul(cursor.position(), i32.const(inChannels * 4)))),
    out.set(i32.add(dy.get, i32.mul(position, i32.const(outChannels * 4)))),
    forTapPairs(k, { ...pairs, axes }, (tapX, tapSum) =>
      channelSweep(k, { ...sweep, tapX, tapSum, out, taps: whole ? strip.taps : 1 }),
    ),
  );
}

interface TapSweep extends ColumnSweep {
  /** Addresses of the first tap, and of the first column in dy. */
  readonly tapX: Local;
  readonly tapSum: Local;
  readonly out: Local;
  readonly taps: number;
}

function channelSweep(k: KernelFunction, sweep: TapSweep): Code {
  const { f } = k;
  const { geometry, tapX, tapSum, out } = sweep;
  const [x, sum, dy] = [f.i32(), f.i32(), f.i32()];
  const passes = lanesFor('float32', geometry.outChannels, f).map(({ lanes, from, to }) =>
    forPointers(
      f,
      {
        count: (to - from) / lanes.count,
        pointers: [
          [x, (4 * lanes.count) / depthMultiplier(geometry)],
          [sum, 4 * lanes.count],
          [dy, 4 * lanes.count],
        ],
      },
      addVector(k, { ...sweep, tapX: x, tapSum: sum, out: dy, lanes }),
    ),
  );
  return seq(x.set(tapX.get), sum.set(tapSum.get), dy.set(out.get), ...passes);
}

/** Adds the products of a vector of each column to those of the taps. */
function addVector(k: KernelFunction, sweep: TapSweep & { readonly lanes: Lanes }): Code {
  const { f } = k;
  const { geometry, columns, lanes, taps, tapX, tapSum, out } = sweep;
  const { strides, dilations, inChannels, outChannels } = geometry;
  const vectors = (count: number) => Array.from({ length: count }, () => f.v128());
  const load = loadInputs(depthMultiplier(geometry), lanes.count);
  const offsets = stripOffsets(geometry, { columns: columns.count, taps });
  const inputs = new Map(offsets.map((offset) => [offset, f.v128()]));
  const [sums, gradients] = [vectors(taps), vectors(columns.count)];
  const rowBytes = outChannels * 4;
  return seq(
    ...[...inputs].map(([offset, value]) => value.set(load(tapX.get, offset * inChannels * 4))),
    ...gradients.map((value, i) => value.set(lanes.load(out.get, i * rowBytes))),
    ...sums.map((value, i) => value.set(lanes.load(tapSum.get, i * rowBytes))),
    ...gradients.flatMap((gradient, column) =>
      sums.map((sum, tap) => {
        const value = inputs.get(column * strides[2] + tap * dilations[2]) as Local;
        return sum.set(k.fma(value.get, gradient.get, sum.get));
      }),
    ),
    ...sums.map((value, i) => lanes.store(tapSum.get, value.get, i * rowBytes)),
  );
}

interface Chunks {
  readonly parts: Local;
  readonly chunks: number;
  readonly size: number;
  readonly to: Local;
}

/** Adds the sums of all chunks; threads share the elements. */
function addChunks(k: KernelFunction, { parts, chunks, size, to }: Chunks): Code {
  const { f } = k;
  const [unit, end, sum] = [f.i32(), f.i32(), f.v128()];
  const add = (lanes: Lanes, offset: Code): Code => {
    const from = i32.add(parts.get, offset);
    const others = Array.from({ length: chunks - 1 }, (_, i) =>
      sum.set(lanes.add(sum.get, lanes.load(from, (i + 1) * size * 4))),
    );
    const out = i32.add(to.get, offset);
    return seq(sum.set(lanes.load(from)), ...others, lanes.store(out, sum.get));
  };
  const passes = lanesFor('float32', size, f).map(({ lanes, from, to: until }) =>
    seq(
      k.share((until - from) / lanes.count, unit, end),
      f.while(
        i32.ltS(unit.get, end.get),
        seq(
          add(lanes, i32.add(i32.mul(unit.get, i32.const(4 * lanes.count)), i32.const(4 * from))),
          unit.increase(1),
        ),
      ),
    ),
  );
  return seq(...passes);
}
