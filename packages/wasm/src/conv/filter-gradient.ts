import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { panelsOf } from './panels.js';
import { ProductTile, panelColumns, type TileShape, tileRows } from './product-tile.js';

export interface FilterGradient {
  readonly geometry: ConvGeometry;
  readonly x: Local;
  readonly dy: Local;
  readonly dFilter: Local;
}

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
  const { geometry, dFilter } = given;
  const { batch, outSize, window, inChannels, outChannels, groups } = geometry;
  const joined = isJoined(geometry);
  const columnsPerGroup = outChannels / groups;
  const panels = panelsOf(columnsPerGroup);
  const tapSizes = joined ? [window[0], window[1]] : [...window];
  const taps = tapSizes.reduce((all, size) => all * size, 1);
  const [begin, end, panel, group] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const tap = [f.i32(), f.i32(), f.i32()] as const;
  const rest = f.i32();
  const locate = (unit: Local): Code =>
    seq(
      rest.set(unit.get),
      ...tapSizes
        .map((size, axis) =>
          seq(
            (tap[axis] as Local).set(i32.remU(rest.get, i32.const(size))),
            rest.set(i32.divU(rest.get, i32.const(size))),
          ),
        )
        .reverse(),
      panel.set(i32.remU(rest.get, i32.const(panels))),
      group.set(i32.divU(rest.get, i32.const(panels))),
    );
  const to = f.i32();
  const tapIndex = i32.add(
    i32.mul(i32.add(i32.mul(tap[0].get, i32.const(window[1])), tap[1].get), i32.const(window[2])),
    tap[2].get,
  );
  const outputs = i32.add(
    i32.mul(group.get, i32.const(columnsPerGroup)),
    i32.mul(panel.get, i32.const(panelColumns)),
  );
  const place = to.set(
    i32.add(
      dFilter.get,
      i32.add(
        i32.mul(tapIndex, i32.const((inChannels / groups) * outChannels * 4)),
        i32.shl(outputs, i32.const(2)),
      ),
    ),
  );
  const tiles = new ProductTile(k);
  const sweep: UnitSweep = { ...given, tiles, tap, group, outputs, panel, to };
  const forUnits = (body: Code): Code =>
    f.for({ from: begin.get, to: end.get }, (unit) => seq(locate(unit), place, body));
  return seq(
    k.share(groups * panels * taps, begin, end),
    forUnits(forTiles(k, sweep, (shape) => tiles.clear(shape))),
    forBlocks(k, geometry, (block) => forUnits(addBlock(k, sweep, block))),
  );
}

/** Whether the taps along the last axis lie side by side with all their channels, at every position. */
function isJoined({ groups, dilations, window, padBefore, ...sizes }: ConvGeometry): boolean {
  const last = (sizes.outSize[2] - 1) * sizes.strides[2] + window[2] - 1;
  return groups === 1 && dilations[2] === 1 && padBefore[2] === 0 && last < sizes.inSize[2];
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

interface UnitSweep extends FilterGradient {
  readonly tiles: ProductTile;
  readonly tap: readonly [Local, Local, Local];
  readonly group: Local;
  readonly panel: Local;
  /** The first output channel. */
  readonly outputs: Code;
  /** Address in dFilter of the tap's first channel. */
  readonly to: Local;
}

/** Passes over the tiles of channels at a tap: reads or clears the sums, and stores them. */
function forTiles(
  k: KernelFunction,
  { geometry, tiles, panel, to }: UnitSweep,
  body: (shape: TileShape, channel: Local, at: Local) => Code,
): Code {
  const { f } = k;
  const { groups, inChannels, outChannels, window } = geometry;
  const channels = (isJoined(geometry) ? window[2] : 1) * (inChannels / groups);
  const perGroup = outChannels / groups;
  const [at, channel] = [f.i32(), f.i32()];
  const rowBytes = outChannels * 4;
  const column = (columns: number): Code => {
    const rows = tileRows(Math.ceil(columns / 4));
    const pass = (shape: TileShape): Code =>
      seq(
        body(shape, channel, at),
        tiles.store(shape, at.get, rowBytes),
        at.increase(shape.rows * rowBytes),
        channel.increase(shape.rows * 4),
      );
    const whole = Math.floor(channels / rows);
    const rest = channels - whole * rows;
    return seq(
      at.set(to.get),
      channel.set(i32.const(0)),
      whole > 0 ? f.for({ to: i32.const(whole) }, () => pass({ rows, columns })) : [],
      rest > 0 ? pass({ rows: rest, columns }) : [],
    );
  };
  const whole = Math.floor(perGroup / panelColumns);
  const rest = perGroup - whole * panelColumns;
  if (rest === 0) return column(panelColumns);
  if (whole === 0) return column(rest);
  return when(i32.ltU(panel.get, i32.const(whole)), column(panelColumns), column(rest));
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

/** Adds the products of a block of positions to the sums of a unit. */
function addBlock(k: KernelFunction, sweep: UnitSweep, block: Block): Code {
  const { f } = k;
  const { geometry, tap, tiles, group, outputs } = sweep;
  const { inSize, outSize, strides, dilations, padBefore } = geometry;
  const { inChannels, outChannels, groups } = geometry;
  const range = (): Range => ({ from: f.i32(), to: f.i32() });
  const [rows, columns, depth] = [range(), range(), f.i32()];
  const [x, dy, lineX, lineY, a, b] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const [left, count] = [f.i32(), f.i32()];
  const tapAt = (axis: 0 | 1 | 2): Code =>
    axis === 2 && isJoined(geometry) ? i32.const(0) : tap[axis].get;
  const start = (axis: 0 | 1 | 2, position: Code): Code =>
    i32.sub(
      i32.add(
        i32.mul(position, i32.const(strides[axis])),
        i32.mul(tapAt(axis), i32.const(dilations[axis])),
      ),
      i32.const(padBefore[axis]),
    );
  const joined = (parts: readonly [Code, Code, Code, Code], sizes: readonly number[]): Code =>
    parts.reduce((all, part, i) => i32.add(i32.mul(all, i32.const(sizes[i - 1] as number)), part));
  const places = seq(
    x.set(
      i32.add(
        i32.mul(
          joined(
            [block.image.get, depth.get, start(1, rows.from.get), start(2, columns.from.get)],
            inSize,
          ),
          i32.const(inChannels * 4),
        ),
        i32.add(sweep.x.get, i32.mul(group.get, i32.const((inChannels / groups) * 4))),
      ),
    ),
    dy.set(
      i32.add(
        i32.mul(
          joined([block.image.get, block.plane.get, rows.from.get, columns.from.get], outSize),
          i32.const(outChannels * 4),
        ),
        i32.add(sweep.dy.get, i32.shl(outputs, i32.const(2))),
      ),
    ),
    count.set(i32.sub(columns.to.get, columns.from.get)),
  );
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
          tiles.add(shape, {
            ...{ a, b, rowA: 4, stepA: strides[2] * inChannels * 4, stepB: outChannels * 4 },
            count: count.get,
            padded: false,
          }),
          lineX.increase(strides[1] * inSize[2] * inChannels * 4),
          lineY.increase(outSize[2] * outChannels * 4),
          left.increase(-1),
        ),
      ),
    ),
  );
  const some = ({ from, to }: Range): Code => i32.gtS(to.get, from.get);
  return seq(
    depth.set(start(0, block.plane.get)),
    reaching(geometry, 1, { block: block.rows, tap: tapAt(1), range: rows }),
    reaching(geometry, 2, { block: block.columns, tap: tapAt(2), range: columns }),
    when(
      i32.and(i32.ltU(depth.get, i32.const(inSize[0])), i32.and(some(rows), some(columns))),
      seq(places, sums),
    ),
  );
}
