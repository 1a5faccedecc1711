import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import {
  type FilterGradient,
  firstOutput,
  forTiles,
  isJoined,
  type Unit,
  type UnitSweep,
  unitsOf,
} from './filter-units.js';
import { ProductTile } from './product-tile.js';

// Positions whose products are added while the sums of a tile stay in registers, and their x and dy in the cache.
const mostPositions = 160;
/** A range of positions along an axis. */
interface Range {
  readonly from: Local;
  readonly to: Local;
}

/**
 * dFilter, float32. The positions of dy come in blocks; threads share the elements of dFilter and add what a block gives to
 * theirs, so the order of the sum is that of the blocks.
 */
export function filterGradient(k: KernelFunction, given: FilterGradient): Code {
  const { f } = k;
  const { geometry } = given;
  const unit: Unit = {
    tap: [f.i32(), f.i32(), f.i32()],
    ...{ group: f.i32(), panel: f.i32(), part: f.i32(), to: f.i32() },
  };
  const [begin, end] = [f.i32(), f.i32()];
  const { units, locate } = unitsOf(k, given, unit);
  const tiles = new ProductTile(k);
  const sweep: UnitSweep = { ...given, ...unit, tiles };
  const forUnits = (body: Code): Code =>
    f.for({ from: begin.get, to: end.get }, (number) => seq(locate(number), body));
  return seq(
    k.share(units, begin, end),
    forUnits(forTiles(k, sweep, (shape) => tiles.clear(shape))),
    forBlocks(k, geometry, (block) => forUnits(addBlock(k, sweep, block))),
  );
}

interface Block {
  readonly image: Local;
  readonly plane: Local;
  readonly rows: Range;
  readonly columns: Range;
}

/** Passes over blocks of positions of dy. */
function forBlocks(k: KernelFunction, geometry: ConvGeometry, body: (block: Block) => Code): Code {
  const { f } = k;
  const { batch, outSize } = geometry;
  const width = Math.max(1, Math.min(outSize[2], mostPositions));
  const height = Math.max(1, Math.min(outSize[1], Math.floor(mostPositions / width)));
  const range = (): Range => ({ from: f.i32(), to: f.i32() });
  const [image, plane, rows, columns] = [f.i32(), f.i32(), range(), range()];
  const pass = ({ from, to }: Range, size: number, step: number, inner: Code): Code =>
    seq(
      from.set(i32.const(0)),
      f.while(
        i32.ltS(from.get, i32.const(size)),
        seq(
          to.set(i32.add(from.get, i32.const(step))),
          to.set(k.min(to, i32.const(size))),
          inner,
          from.increase(step),
        ),
      ),
    );
  const block = body({ image, plane, rows, columns });
  return f.for({ to: i32.const(batch) }, (n) =>
    f.for({ to: i32.const(outSize[0]) }, (p) =>
      seq(
        image.set(n.get),
        plane.set(p.get),
        pass(rows, outSize[1], height, pass(columns, outSize[2], width, block)),
      ),
    ),
  );
}

/** The positions of a block whose tap lies inside x. */
function reaching(
  geometry: ConvGeometry,
  axis: 0 | 1 | 2,
  { block, tap, range }: { block: Range; tap: Code; range: Range },
): Code {
  const { inSize, strides, dilations, padBefore } = geometry;
  const before = i32.sub(i32.const(padBefore[axis]), i32.mul(tap, i32.const(dilations[axis])));
  const ceil = (value: Code): Code =>
    i32.divS(i32.add(value, i32.const(strides[axis] - 1)), i32.const(strides[axis]));
  const { from, to } = range;
  return seq(
    from.set(ceil(before)),
    from.set(choose(i32.gtS(from.get, block.from.get), from.get, block.from.get)),
    to.set(ceil(i32.add(before, i32.const(inSize[axis])))),
    to.set(choose(i32.ltS(to.get, block.to.get), to.get, block.to.get)),
  );
}

/** The part of a block whose tap lies inside x. */
interface Reach {
  readonly block: Block;
  readonly rows: Range;
  readonly columns: Range;
  /** The plane of x. */
  readonly depth: Local;
  /** Addresses of its first position. */
  readonly x: Local;
  readonly dy: Local;
}

/** Adds the products of a block of positions to the sums of a unit. */
function addBlock(k: KernelFunction, sweep: UnitSweep, block: Block): Code {
  const { f } = k;
  const { geometry } = sweep;
  const range = (): Range => ({ from: f.i32(), to: f.i32() });
  const [rows, columns, depth] = [range(), range(), f.i32()];
  const reach: Reach = { block, rows, columns, depth, x: f.i32(), dy: f.i32() };
  const some = ({ from, to }: Range): Code => i32.gtS(to.get, from.get);
  const tapAt = (axis: 1 | 2): Code => tapOf(sweep, axis);
  return seq(
    depth.set(inputOf(sweep, 0, block.plane.get)),
    reaching(geometry, 1, { block: block.rows, tap: tapAt(1), range: rows }),
    reaching(geometry, 2, { block: block.columns, tap: tapAt(2), range: columns }),
    when(
      i32.and(
        i32.ltU(depth.get, i32.const(geometry.inSize[0])),
        i32.and(some(rows), some(columns)),
      ),
      seq(locate(sweep, reach), addReach(k, sweep, reach)),
    ),
  );
}

const tapOf = ({ geometry, tap }: UnitSweep, axis: 0 | 1 | 2): Code =>
  axis === 2 && isJoined(geometry) ? i32.const(0) : tap[axis].get;

/** Where the tap of the window at a position lies in x. */
function inputOf(sweep: UnitSweep, axis: 0 | 1 | 2, position: Code): Code {
  const { strides, dilations, padBefore } = sweep.geometry;
  const first = i32.mul(position, i32.const(strides[axis]));
  const tap = i32.mul(tapOf(sweep, axis), i32.const(dilations[axis]));
  return i32.sub(i32.add(first, tap), i32.const(padBefore[axis]));
}

/** Sets the addresses of the first position. */
function locate(sweep: UnitSweep, { block, rows, columns, depth, x, dy }: Reach): Code {
  const { geometry, group } = sweep;
  const { inSize, outSize, inChannels, outChannels, groups } = geometry;
  const { image, plane } = block;
  const address = (index: readonly Code[], sizes: readonly number[], channels: number): Code => {
    const position = index.reduce((all, at, i) =>
      i32.add(i32.mul(all, i32.const(sizes[i - 1] as number)), at),
    );
    return i32.mul(position, i32.const(channels * 4));
  };
  const channel = i32.mul(group.get, i32.const((inChannels / groups) * 4));
  const output = i32.shl(firstOutput(geometry, sweep), i32.const(2));
  const [row, column] = [rows.from.get, columns.from.get];
  const input = [image.get, depth.get, inputOf(sweep, 1, row), inputOf(sweep, 2, column)];
  return seq(
    x.set(i32.add(address(input, inSize, inChannels), i32.add(sweep.x.get, channel))),
    dy.set(
      i32.add(
        address([image.get, plane.get, row, column], outSize, outChannels),
        i32.add(sweep.dy.get, output),
      ),
    ),
  );
}

/** Adds the products of positions that all reach x. */
function addReach(k: KernelFunction, sweep: UnitSweep, { rows, columns, x, dy }: Reach): Code {
  const { f } = k;
  const { geometry, tiles } = sweep;
  const { inSize, outSize, strides, inChannels, outChannels } = geometry;
  const [lineX, lineY, a, b, left, count] = Array.from({ length: 6 }, () => f.i32()) as SixLocals;
  const [stepA, stepB] = [strides[2] * inChannels * 4, outChannels * 4];
  const sums = forTiles(k, sweep, (shape, channel, at) =>
    seq(
      tiles.load(shape, at.get, outChannels * 4),
      lineX.set(i32.add(x.get, channel.get)),
      lineY.set(dy.get),
      left.set(i32.sub(rows.to.get, rows.from.get)),
      f.while(
        left.get,
        seq(
          a.set(lineX.get),
          b.set(lineY.get),
          tiles.add(shape, { a, b, rowA: 4, stepA, stepB, count: count.get, padded: false }),
          lineX.increase(strides[1] * inSize[2] * inChannels * 4),
          lineY.increase(outSize[2] * outChannels * 4),
          left.increase(-1),
        ),
      ),
    ),
  );
  return seq(count.set(i32.sub(columns.to.get, columns.from.get)), sums);
}

type SixLocals = [Local, Local, Local, Local, Local, Local];
